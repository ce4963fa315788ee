import { delay } from "./stopping.ts";

/** What tells the time. Tests have one of their own. */
export interface Clock {
  /** The time of day, ms since the epoch. It may jump. */
  now(): number;
  /** ms since some moment. It never jumps. */
  elapsed(): number;
  /** Resolves after some ms, or as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clocks of the host. */
export const HOST_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: delay,
};
