/** Turns times that a source counts from some moment into times since the epoch. */
export interface SourceClock {
  /** ms since the epoch of a time in ms. */
  wall(at: number): number;
}

/** ms after which a better estimate may be replaced by a newer one: clocks drift, and people set them. */
const WINDOW = 60_000;

/**
 * Makes a {@linkcode SourceClock}. No event is told before it happens: the least that ever lay between an event and its
 * arrival is the best estimate of the distance of the two clocks; `distance` is the first one.
 */
export function createSourceClock(
  distance = Infinity,
  now: () => number = Date.now,
): SourceClock {
  let previous = Infinity;
  let current = distance;
  let began = now();
  return {
    wall(at) {
      const arrived = now();
      if (Math.abs(arrived - began) > WINDOW) {
        previous = current;
        current = Infinity;
        began = arrived;
      }
      current = Math.min(current, arrived - at);
      return Math.round(at + Math.min(previous, current));
    },
  };
}

/** Looks that are taken at most for the clock to move on: it does so every 10 ms. */
const LOOKS = 10_000;

/**
 * The distance of the clock that counts from the start of the host to that which counts from the epoch, in ms. The kernel
 * tells hundredths of a second: what it tells is exact when it has just changed.
 */
export function distanceToBoot(uptime: () => number, now: () => number = Date.now): number {
  const first = uptime();
  for (let looks = 0; looks < LOOKS; looks++) {
    const next = uptime();
    if (next !== first) return now() - next;
  }
  return now() - first;
}
