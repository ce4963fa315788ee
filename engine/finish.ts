import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { EvaluationState } from "../model/evaluation_state.ts";
import type { Hit } from "../model/hits.ts";
import type { RuleState } from "../model/rule_state.ts";
import { type DetectionEvaluation, withNote } from "./evaluate.ts";
import { raise, type RaiseContext, remember } from "./raise.ts";
import { stateAfter } from "./rule_health.ts";
import { changesState, conclude } from "./semantics/mod.ts";

/** A detection with its state, as it is stored and as it is now. */
export interface Candidate {
  readonly compiled: CompiledDetection;
  readonly before: RuleState;
  readonly state: RuleState;
  /** Why it is not to be run now. */
  readonly rest: string | undefined;
}

/** What became of a detection. */
export interface DetectionRun extends DetectionEvaluation {
  /** The detection. */
  readonly compiled: CompiledDetection;
  /** What alerts unless it is suppressed: the rows after exceptions, differential and threshold. */
  readonly hits: readonly Hit[];
  /** Hits that raised no alert because an earlier one stands for them. */
  readonly suppressed: number;
}

/** What became of a detection, and the alerts that it raised. */
export interface Finished {
  readonly run: DetectionRun;
  readonly alerts: readonly Alert[];
  /** What the store threw, if it could not keep them. */
  readonly problem?: Error;
}

/** A detection with what its evaluation comes to, before anything of it is stored. */
export interface Concluded extends Pick<Candidate, "before"> {
  readonly run: Omit<DetectionRun, "suppressed">;
  /** What its next run goes on with, where that changes. */
  readonly next: EvaluationState | undefined;
  /** Its state now that it has run. */
  readonly after: RuleState;
}

/** Draws the conclusion from the evaluation of a detection. */
export async function concludeRun(
  { compiled, before, state }: Candidate,
  found: DetectionEvaluation,
  context: RaiseContext,
): Promise<Concluded> {
  const { catalogue, manifest: { scan_id }, now } = context;
  const { evaluation, remembered } = await recall(compiled, found.evaluation, context);
  const judged = { ...found, evaluation };
  const step = { catalogue, scan_id, now };
  const { hits, state: next, notes } = conclude(compiled, judged, remembered, step);
  return {
    before,
    run: { ...judged, evaluation: noted(evaluation, notes), compiled, hits },
    next,
    after: stateAfter(state, evaluation, now),
  };
}

/** Raises the alerts of a detection, and makes durable what its next run goes on with. Never rejects. */
export async function finish(
  { before, run, next, after }: Concluded,
  context: RaiseContext,
): Promise<Finished> {
  const { compiled, evaluation, hits } = run;
  const raised = await raise(
    compiled,
    hits,
    evaluation.status === "evaluated" ? evaluation.result.duration_ms : 0,
    next && { rule_id: compiled.detection.meta.id, state: next },
    context,
  );
  const why = evaluation.status === "not_evaluated" ? evaluation.why : undefined;
  const changed = JSON.stringify(after) !== JSON.stringify(before) &&
    !await isSwitchedMeanwhile(before, context);
  const told = changed ? await remember(compiled, after, why, context) : undefined;
  const problem = raised.problem ?? told?.problem;
  return {
    run: { ...run, suppressed: raised.suppressed },
    alerts: [...raised.alerts, ...told?.alerts ?? []],
    ...(problem && { problem }),
  };
}

/** Whether an operator has switched the detection on or off while it was evaluated: that word stands. */
async function isSwitchedMeanwhile(
  { rule_id, enabled }: RuleState,
  { store }: RaiseContext,
): Promise<boolean> {
  const now = await store.ruleState(rule_id).catch(() => null);
  return now !== null && now.enabled !== enabled;
}

/** What the run before left. A detection whose state cannot be read is not evaluated: it would be silent, or shout. */
async function recall(
  compiled: CompiledDetection,
  evaluation: DetectionEvaluation["evaluation"],
  { store }: RaiseContext,
): Promise<{
  readonly evaluation: DetectionEvaluation["evaluation"];
  readonly remembered: EvaluationState | null;
}> {
  if (!changesState(compiled, { evaluation })) return { evaluation, remembered: null };
  try {
    return { evaluation, remembered: await store.evaluationState(compiled.detection.meta.id) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      evaluation: { status: "not_evaluated", why: { kind: "error", reason } },
      remembered: null,
    };
  }
}

function noted(
  evaluation: DetectionEvaluation["evaluation"],
  notes: readonly string[],
): DetectionEvaluation["evaluation"] {
  if (evaluation.status !== "evaluated" || notes.length === 0) return evaluation;
  return withNote(evaluation, notes.join("; "), evaluation.result.rows.length);
}
