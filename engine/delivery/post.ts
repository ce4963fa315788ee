import type { Sink } from "../../model/sink.ts";
import { deadline } from "../../sinks/deadline.ts";
import { SinkError } from "../../sinks/error.ts";
import type { Alert } from "../../model/alert.ts";
import type { Outcome } from "./protocol.ts";

/** A sink whose failures are outcomes, and which nobody waits for too long. */
export interface Post {
  /** Delivers an alert, given as JSON. Never rejects. */
  send(alert: Uint8Array): Promise<Outcome>;
  /** Whether alerts would arrive. Never rejects. */
  check(): Promise<Outcome>;
}

const OK: Outcome = { status: "ok" };

/**
 * Makes a post of a sink. One that is stuck gets no further alert until it has come back from the one before, which may
 * arrive yet: two at once could overtake or mix with each other.
 *
 * @param timeout after which an attempt has failed, ms
 */
export function createPost(sink: Sink, timeout: number): Post {
  let busy: Promise<void> | undefined;
  return {
    async send(alert) {
      if (busy) return failed(new SinkError("unavailable", "it is stuck with an earlier alert"));
      const sending = deliver(sink, alert);
      const free = () => busy = undefined;
      busy = sending.then(free, free);
      try {
        await deadline(timeout, () => sending);
        return OK;
      } catch (error) {
        return failed(error);
      }
    },
    async check() {
      try {
        const health = await deadline(timeout, () => sink.healthCheck());
        return health.healthy ? OK : failed(new SinkError("unavailable", health.reason));
      } catch (error) {
        return failed(error);
      }
    },
  };
}

async function deliver(sink: Sink, bytes: Uint8Array): Promise<void> {
  const alert: Alert = JSON.parse(new TextDecoder().decode(bytes));
  await sink.send(alert);
}

/** Sinks say themselves what went wrong, without secrets; what comes from anywhere else is not told. */
function failed(error: unknown): Outcome {
  if (error instanceof SinkError) {
    const { fault, message: reason, retryAfter } = error;
    return {
      status: "failed",
      fault,
      reason,
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }
  const reason = error instanceof Deno.errors.TimedOut
    ? error.message
    : "it failed in an unexpected way";
  return { status: "failed", fault: "unavailable", reason };
}
