import type { Clock } from "../../collectors/core/restarts.ts";

/** The shortest and the longest pause after a failure, ms. */
const SHORTEST = 100;
const LONGEST = 60_000;

/** So many failures one after the other mean that a sink is down. */
const THRESHOLD = 5;

/** `closed`: alerts flow. `open`: none is tried. `half_open`: one is tried, to see whether the sink is back. */
export type BreakerState = "closed" | "open" | "half_open";

/** Decides when a sink is tried again. */
export interface Breaker {
  /** What it does now. */
  state(): BreakerState;
  /** ms until the next alert may be tried; 0 where that is at once. */
  wait(): number;
  /** An alert is tried. */
  trying(): void;
  /** The sink has answered. */
  succeeded(): void;
  /** The sink was unavailable; `retryAfter` is how long it asks to be left alone, ms. */
  failed(retryAfter?: number): void;
  /** Failures one after the other until now. */
  failures(): number;
}

/** Opens a circuit breaker that is closed. */
export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let state: BreakerState = "closed";
  let allowed = -Infinity;
  return {
    state: () => state,
    wait: () => Math.max(0, allowed - clock.now()),
    trying() {
      if (state === "open") state = "half_open";
    },
    succeeded() {
      failures = 0;
      state = "closed";
      allowed = -Infinity;
    },
    failed(retryAfter = 0) {
      failures++;
      if (failures >= THRESHOLD) state = "open";
      allowed = clock.now() + Math.max(backoff(failures, clock.random()), retryAfter);
    },
    failures: () => failures,
  };
}

/**
 * How long to wait after so many failures, ms: anything up to a bound that doubles, so that many who wait for the same
 * server do not come back at once ("full jitter").
 *
 * @param random from 0 to 1
 */
export function backoff(failures: number, random: number): number {
  const bound = Math.min(LONGEST, SHORTEST * 2 ** Math.min(failures, 30));
  return SHORTEST + (bound - SHORTEST) * random;
}
