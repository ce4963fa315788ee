import type { RemoteSinkOptions, SinkFault } from "../../sinks/mod.ts";

/** What the engine asks of the delivery process. Each with a number is answered by one {@linkcode Answer} with it. */
export type Ask =
  /** Deliver to these sinks from now on. It comes first, and once. */
  | {
    readonly type: "configure";
    readonly sinks: readonly RemoteSinkOptions[];
    /** A folder for sockets of its own, where a sink needs one; or why there is none, in words. */
    readonly folder?: string;
    readonly noFolder?: string;
  }
  /** Deliver the payload, an alert as JSON, to the sink of an index. */
  | { readonly type: "send"; readonly number: number; readonly sink: number }
  /** Would alerts arrive? */
  | { readonly type: "check"; readonly number: number; readonly sink: number };

/** What the delivery process says. */
export type Answer =
  /** It has started. */
  | { readonly type: "ready" }
  /** It has taken its sinks. */
  | { readonly type: "configured" }
  /** What became of a request. */
  | { readonly type: "done"; readonly number: number; readonly outcome: Outcome };

/** What became of an alert, or of a health check. */
export type Outcome =
  | { readonly status: "ok" }
  | {
    readonly status: "failed";
    readonly fault: SinkFault;
    /** In words, without any secret. */
    readonly reason: string;
    /** How long the sink asks to be left alone, ms. */
    readonly retryAfter?: number;
    /** The delivery process ended while it was at it. */
    readonly died?: true;
  };
