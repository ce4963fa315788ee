/** Decides when what is remembered from earlier scans is not good enough. */
export interface Rhythm {
  /** Whether everything is to be looked at now. */
  isDue(): boolean;
  /** Tells that everything has been looked at. */
  done(): void;
}

/** Milliseconds for which most of what is remembered is good enough. */
const PERIOD = 60_000;

/** Makes a {@linkcode Rhythm}: the first time at once, then once a minute. */
export function createRhythm(): Rhythm {
  let next = -Infinity;
  return {
    isDue: () => performance.now() >= next,
    done() {
      next = performance.now() + PERIOD;
    },
  };
}
