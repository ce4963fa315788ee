import type { protocol_analysis } from "../../profiles/protocol_analysis.ts";
import type { Row } from "../../schema/row.ts";
import type { Flow } from "./flow.ts";

type AnalysisRow = Row<typeof protocol_analysis, "linux">;

/** What was read of an exchange, in the columns of `protocol_analysis`. */
export interface Exchange extends
  Partial<
    Pick<
      AnalysisRow,
      | "version"
      | "method"
      | "url"
      | "status_code"
      | "user_agent"
      | "content_type"
      | "content_length"
      | "server"
      | "dns_query"
      | "dns_response"
      | "ssl_version"
      | "cipher_suite"
      | "certificate_issuer"
    >
  > {
  /** The flow that it is a part of. The source of the flow asked. */
  readonly flow: Flow;
  /** When it began, ms since the epoch. */
  readonly time: number;
  /** Its protocol. */
  readonly protocol: string;
  /** What there is no column for, to be found in `platform_data`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Which end of a flow sent something: 0 its source, 1 its destination. */
export type Side = 0 | 1;

/** Reads what is said in a flow, in the order in which it was sent. */
export interface Dissector {
  /** What it reads. */
  readonly protocol: string;
  /** Takes what a side has sent next; answers whether more is of use. */
  data(side: Side, bytes: Uint8Array, time: number): boolean;
  /** So many bytes of a side are missing. */
  gap(side: Side, length: number): void;
  /** Hands out what has not come to its end. */
  end(): void;
}

/** Takes exchanges. */
export type Emit = (exchange: Exchange) => void;

/** How much a dissector keeps of each side, bytes: heads of HTTP and handshakes of TLS are mostly far shorter. */
export const MAX_HEAD = 32_768;

/** Bytes of one side that wait until there are enough of them. */
export interface Waiting {
  /** Those that are there. */
  bytes: Uint8Array;
  /** Adds bytes; answers whether there was room for all. */
  add(more: Uint8Array): boolean;
  /** Drops bytes from the beginning. */
  drop(count: number): void;
}

/** Makes a {@linkcode Waiting}. */
export function createWaiting(limit: number = MAX_HEAD): Waiting {
  const waiting: Waiting = {
    bytes: new Uint8Array(0),
    add(more) {
      const { bytes } = waiting;
      if (bytes.length + more.length > limit) return false;
      if (bytes.length === 0) waiting.bytes = more.slice();
      else {
        waiting.bytes = new Uint8Array(bytes.length + more.length);
        waiting.bytes.set(bytes);
        waiting.bytes.set(more, bytes.length);
      }
      return true;
    },
    drop(count) {
      waiting.bytes = waiting.bytes.subarray(count);
    },
  };
  return waiting;
}

const LATIN = new TextDecoder("latin1");

/** Bytes of a protocol's text, each a character; those that move a terminal's cursor are replaced. */
export function textOf(bytes: Uint8Array): string {
  // deno-lint-ignore no-control-regex -- these are what is to be found
  return LATIN.decode(bytes).replace(/[\0-\x1f\x7f]/g, "\ufffd");
}
