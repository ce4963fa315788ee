import type { RuleState } from "../model/rule_state.ts";
import { LONGEST_PAUSE } from "./rule_health.ts";

/** How a detection fares with the time that it may take. */
export interface Spending {
  /** Runs in a row that took more. */
  readonly over: number;
  /** Runs in a row that took so little that it may run more often again. */
  readonly under: number;
  /** It runs so many times as seldom as it asks. */
  readonly factor: number;
}

/** Of a detection that has not run yet. */
export const NOTHING_SPENT: Spending = { over: 0, under: 0, factor: 1 };

/** Runs in a row after which something is done: one slow run may be the host's fault. */
const PATIENCE = 3;

/** No detection runs more seldom; one that still takes too much rests. */
export const MOST_SELDOM = 16;

/**
 * What follows from a run. A detection that takes more than its share of the time between its runs, several times in a row,
 * runs half as often; one that takes less than a quarter of it, twice as often, up to what it asks for.
 *
 * @param used the time that the run took, as a share of the time between two runs that the detection asks for
 * @param share what it may take, as a share of the time between two runs as they are
 */
export function spend(
  { over, under, factor }: Spending,
  used: number,
  share: number,
): Spending & { readonly suspend?: true } {
  if (used > share * factor) {
    if (over + 1 < PATIENCE) return { over: over + 1, under: 0, factor };
    return factor < MOST_SELDOM
      ? { over: 0, under: 0, factor: 2 * factor }
      : { over: 0, under: 0, factor, suspend: true };
  }
  if (factor === 1 || used > (share * factor) / 4) return { over: 0, under: 0, factor };
  return under + 1 < PATIENCE
    ? { over: 0, under: under + 1, factor }
    : { over: 0, under: 0, factor: factor / 2 };
}

/**
 * The state of a detection that is slowed, suspended or quick again; `took` and `period` in ms.
 *
 * @param used `beat`: how often it is judged on events, without being slowed; absent where it runs by a schedule
 */
export function slowedState(
  state: RuleState,
  { factor, suspend }: { readonly factor: number; readonly suspend?: true },
  { took, period, share, beat }: {
    readonly took: number;
    readonly period: number;
    readonly share: number;
    readonly beat?: number;
  },
  now: number,
): RuleState {
  const { slowed: _, missed, ...bare } = state;
  if (factor === 1) return bare;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const reason = beat === undefined
    ? `it took ${seconds(took)}, more than ${share * 100} % of the ${seconds(period)} between ` +
      `its runs, and runs ${factor} times as seldom`
    : `it took ${seconds(took)} for the events of ${seconds(period)}, more than ` +
      `${share * 100} %, and is judged every ${seconds(factor * beat)}`;
  return {
    ...bare,
    ...(missed !== undefined && { missed }),
    slowed: { factor, reason },
    ...(suspend && { retry_after: now + LONGEST_PAUSE }),
  };
}
