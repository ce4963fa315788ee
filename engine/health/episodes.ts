import type { OperationalProblem } from "../operational.ts";

/** Something that can go on for a while. */
export interface Condition {
  /** Tells it from others. */
  readonly id: string;
  /** What it means while it goes on; absent while it does not. */
  readonly problem?: OperationalProblem;
  /** How much it is, to remember the most. */
  readonly size: number;
  /**
   * Where it cannot be seen that it does not go on: what changes each time that something proves it, `null` before the
   * first. It is over only after that has changed.
   */
  readonly proof?: number | null;
  /** What is told once it is over. */
  over(span: Span): OperationalProblem;
}

/** How something went that is over. */
export interface Span {
  /** How long, ms. */
  readonly lasted: number;
  /** The largest size that was seen. */
  readonly most: number;
}

/** Tells when something begins and when it is over, each once. */
export interface Episodes {
  /**
   * Looks at everything that can go on; gives what is to be told. What is there no more is forgotten. `now` is ms since
   * the epoch.
   */
  look(conditions: readonly Condition[], now: number): OperationalProblem[];
}

/** So many looks in a row without it, and it is over: what flickers is told once. */
const CALM = 6;

interface Episode {
  readonly since: number;
  most: number;
  /** The proof when it was last seen to go on. */
  proof: number | null | undefined;
  /** When it was first gone, and looks since then. */
  gone?: { readonly at: number; readonly looks: number } | undefined;
}

/** Nothing goes on yet. */
export function createEpisodes(): Episodes {
  const episodes = new Map<string, Episode>();

  function tell({ id, problem, size, proof, over }: Condition, now: number): OperationalProblem[] {
    const known = episodes.get(id);
    if (problem) {
      if (known) {
        known.most = Math.max(known.most, size);
        known.proof = proof;
        known.gone = undefined;
        return [];
      }
      episodes.set(id, { since: now, most: size, proof });
      return [keyed(problem, now)];
    }
    if (!known) return [];
    known.most = Math.max(known.most, size);
    if (proof === null || proof !== undefined && proof === known.proof) {
      known.gone = undefined;
      return [];
    }
    const { at, looks } = known.gone ?? { at: now, looks: 0 };
    known.gone = { at, looks: looks + 1 };
    if (known.gone.looks < CALM) return [];
    episodes.delete(id);
    return [keyed(over({ lasted: at - known.since, most: known.most }), now)];
  }

  return {
    look(conditions, now) {
      const there = new Set(conditions.map(({ id }) => id));
      for (const id of episodes.keys()) if (!there.has(id)) episodes.delete(id);
      return conditions.flatMap((one) => tell(one, now));
    },
  };
}

/** The same problem as something that was never told before: an hour may see more than one. */
function keyed(problem: OperationalProblem, now: number): OperationalProblem {
  return { ...problem, key: [...problem.key, new Date(now).toISOString()] };
}
