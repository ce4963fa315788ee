import type { DetectionMutation } from "./mutate.ts";

/** What fixtures are worth, in numbers. */
export interface MutationScore {
  /** Percent of the mutants that were killed, of those that could be; rounded down, 100 where there is none. */
  readonly score: number;
  /** With which a fixture fails. */
  readonly killed: number;
  /** With which none does. */
  readonly survived: number;
  /** Which mean the same as the original. */
  readonly equivalent: number;
  /** Which do not compile. */
  readonly invalid: number;
}

/** Counts the mutants of some detections. */
export function scoreOf(mutations: readonly DetectionMutation[]): MutationScore {
  const results = mutations.flatMap(({ results }) => results);
  const count = (wanted: string) => results.filter(({ status }) => status === wanted).length;
  const [killed, survived] = [count("killed"), count("survived")];
  const could = killed + survived;
  return {
    // Only all of them are 100 %.
    score: could === 0 ? 100 : Math.floor(killed / could * 1000) / 10,
    killed,
    survived,
    equivalent: count("equivalent"),
    invalid: count("invalid"),
  };
}
