import type { RuleState } from "../model/rule_state.ts";
import type { Evaluation } from "../model/verdict.ts";

/** Failures in a row after which something is done. */
export const MAX_FAILURES = 3;

const FIRST_BACKOFF = 60_000;

/** No detection pauses longer, ms. */
export const LONGEST_PAUSE = 3_600_000;

/**
 * The state to go on with: what an operator switched off stays off; what failures brought about is forgotten as soon as
 * the detection has changed, since that may have been the cure.
 */
export function currentState(stored: RuleState | null, rule_id: string, digest: string): RuleState {
  const fresh: RuleState = { rule_id, enabled: true, failures: 0, digest };
  if (!stored) return fresh;
  if (stored.disabled_by === "operator") return { ...stored, digest };
  return stored.digest === digest ? stored : fresh;
}

/**
 * Why a detection is not to be run now; `undefined` where it is. A pause that would last longer than any does was begun by a
 * clock that was ahead, and is over.
 */
export function reasonToRest(state: RuleState, now: number): string | undefined {
  if (!state.enabled) return `disabled: ${state.disabled_reason ?? "no reason is known"}`;
  const pause = (state.retry_after ?? now) - now;
  if (state.retry_after === undefined || pause <= 0 || pause > LONGEST_PAUSE) return undefined;
  if (state.slowed && state.failures < MAX_FAILURES) {
    return `suspended: ${state.slowed.reason}; next try after ` +
      new Date(state.retry_after).toISOString();
  }
  return `resource limits were exceeded ${state.failures} times in a row; next try after ` +
    new Date(state.retry_after).toISOString();
}

/**
 * The state after an evaluation. Three errors in a row switch a detection off. Exceeded limits never do, because an
 * attacker who can make noise could then switch rules off: it is tried again, after a pause that doubles up to an hour.
 */
export function stateAfter(state: RuleState, evaluation: Evaluation, now: number): RuleState {
  const { retry_after: _, ...bare } = state;
  if (evaluation.status === "evaluated") {
    // One that is still too slow goes on missing events.
    const { missed: _, ...whole } = bare;
    return { ...(bare.slowed ? bare : whole), failures: 0 };
  }
  const { kind, reason } = evaluation.why;
  if (kind !== "error" && kind !== "resource") return state;
  const failures = state.failures + 1;
  if (failures < MAX_FAILURES) return { ...bare, failures };
  if (kind === "error") {
    const disabled_reason = `failed ${failures} times in a row: ${reason}`;
    return { ...bare, failures, enabled: false, disabled_by: "failures", disabled_reason };
  }
  const pause = Math.min(FIRST_BACKOFF * 2 ** (failures - MAX_FAILURES), LONGEST_PAUSE);
  return { ...bare, failures, retry_after: now + pause };
}
