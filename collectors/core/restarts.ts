/** What the supervision of a process depends on besides the process; replaced in tests. */
export interface Clock {
  /** ms; only differences count. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/** The time of this host. */
export const HOST_CLOCK: Clock = {
  now: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const wake = () => resolve();
    signal?.addEventListener("abort", wake);
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
    });
  },
  random: Math.random,
};

/** So many failures within {@linkcode WINDOW} are enough. */
export const MAX_FAILURES = 5;
/** ms. */
export const WINDOW = 600_000;
/** ms to wait after the first failure, before jitter; twice as long after each further one. */
export const FIRST_DELAY = 1000;

/** Remembers the failures of a process, and says when it may be started again. */
export interface Restarts {
  /** A process has failed: why, in words. */
  failed(reason: string): void;
  /** ms until it may be started; 0 where that is at once. Longer than backing off takes once it is given up: see `givenUp`. */
  delay(): number;
  /** Why it is left alone, in words; `undefined` while it is not. */
  givenUp(): string | undefined;
}

/**
 * After a failure a process waits, longer each time, and never as long as others that fail for the same cause, so that
 * they do not all come back at once. One that fails too often is left alone until its failures are long past: it would
 * cost more than it gives, and who made it fail could make it fail again.
 */
export function createRestarts({ now, random }: Clock): Restarts {
  let failures: number[] = [];
  let allowed = -Infinity;
  let last = "";

  const recent = () => failures = failures.filter((time) => time > now() - WINDOW);
  return {
    failed(reason) {
      failures.push(now());
      last = reason;
      const delay = FIRST_DELAY * 2 ** (recent().length - 1);
      allowed = now() + delay * (0.5 + random() / 2);
    },
    delay() {
      const backoff = Math.max(0, allowed - now());
      const kept = recent();
      return kept.length < MAX_FAILURES
        ? backoff
        : Math.max(backoff, kept[kept.length - MAX_FAILURES]! + WINDOW - now());
    },
    givenUp() {
      const { length } = recent();
      return length < MAX_FAILURES
        ? undefined
        : `it failed ${length} times within ${WINDOW / 60_000} minutes, at last: ${last}`;
    },
  };
}
