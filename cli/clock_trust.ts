/** The host's clocks at a moment. */
export interface Moment {
  /** The time of day, ms since the epoch. It may jump. */
  readonly now: number;
  /** ms since some moment. It never jumps. */
  readonly elapsed: number;
}

/** What is believed of the time of day. */
interface ClockTrust {
  /** How far the clocks are apart, ms, as long as nobody sets one. */
  readonly believed: number;
  /** How far they are apart instead, and since when, by the clock that never jumps: nobody knows which is right. */
  readonly doubted?: { readonly apart: number; readonly since: number };
}

/** A clock that was set, and stays so for so long, ms, is right. */
const PROBATION = 24 * 60 * 60 * 1000;

/**
 * What is to be believed of the time of day at a moment. Where it has jumped it is doubted, until it comes back or has
 * stayed for a day.
 *
 * @param before what was believed before; nothing at first, when any time is
 * @param tolerance a jump so far, ms, does no harm
 */
function trustClock(
  before: ClockTrust | undefined,
  { now, elapsed }: Moment,
  tolerance: number,
): ClockTrust {
  const apart = now - elapsed;
  const isNear = (other: number) => Math.abs(apart - other) <= tolerance;
  if (!before || isNear(before.believed)) return { believed: apart };
  const { believed } = before;
  const doubted = before.doubted && isNear(before.doubted.apart)
    ? before.doubted
    : { apart, since: elapsed };
  return elapsed - doubted.since < PROBATION ? { believed, doubted } : { believed: apart };
}

/** How far the clock may jump before an age is not judged by it, as a share of that age, and at least, ms. */
const TOLERATED = { share: 0.1, least: 10_000 };

/**
 * What is to be kept, asked scan after scan: without an age as long as the clock is doubted. A jump by a small part of the
 * age takes little away: a host that slept for a night jumps, too.
 */
export function createRetention(): <R extends { readonly age: number }>(
  wanted: R,
  moment: Moment,
) => Omit<R, "age"> & { readonly age?: number } {
  let trust: ClockTrust | undefined;
  return (wanted, moment) => {
    const tolerance = Math.max(TOLERATED.share * wanted.age, TOLERATED.least);
    trust = trustClock(trust, moment, tolerance);
    if (!trust.doubted) return wanted;
    const { age: _, ...others } = wanted;
    return others;
  };
}
