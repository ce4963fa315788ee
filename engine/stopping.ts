import type { Collectors } from "../collectors/mod.ts";
import type { Collection } from "../model/collection.ts";
import { within } from "../std/within.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** Why what was going on when the agent was stopped has come to nothing. */
export const STOPPED = "the agent was stopped";

/**
 * The value of a promise, or `undefined` as soon as a signal is aborted. Unlike a race with a promise that lasts as long as
 * the agent, it leaves nothing behind.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return within(promise, Infinity, signal);
}

/** Resolves after some ms, or as soon as the signal is aborted. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return orAborted(promise, signal).finally(() => clearTimeout(timer));
}

/** A signal that is aborted so many ms after another one. */
export function afterwards(signal: AbortSignal, ms: number): AbortSignal & Disposable {
  const later = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => timer = setTimeout(() => later.abort(), ms);
  signal.addEventListener("abort", begin);
  if (signal.aborted) begin();
  return Object.assign(later.signal, {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", begin);
      clearTimeout(timer);
    },
  });
}

/** The same collectors; what is being collected when the signal is aborted throws, so that nothing of it is kept. */
export function collectUntil(collectors: Collectors, signal: AbortSignal): Collectors {
  async function* collect(...args: Parameters<Collectors["collect"]>): Collection {
    const collection = collectors.collect(...args);
    for (;;) {
      const next = await orAborted(collection.next(), signal);
      if (!next || signal.aborted) throw new Error(STOPPED);
      if (next.done) return next.value;
      yield next.value;
    }
  }
  return { ...collectors, collect };
}

/** The same sandbox; queries that have not ended when the signal is aborted did not run. */
export function queryUntil(sandbox: Sandbox, signal: AbortSignal): Sandbox {
  return {
    ...sandbox,
    async run(query) {
      const outcome = signal.aborted ? undefined : await orAborted(sandbox.run(query), signal);
      return outcome ?? { status: "failed", kind: "unavailable", reason: STOPPED };
    },
  };
}
