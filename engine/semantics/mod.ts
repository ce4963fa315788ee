/**
 * What becomes of the rows of a result before suppression: exceptions, what mode differential compares, what a threshold
 * counts. All of it is a function of the result and of the state that the run before left in the store.
 *
 * @module
 */
import type { CompiledDetection } from "../../model/compiled.ts";
import type { EvaluationState } from "../../model/evaluation_state.ts";
import type { Hit } from "../../model/hits.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { DetectionEvaluation } from "../evaluate.ts";
import { compare } from "./differential.ts";
import { identityColumns } from "./identity.ts";
import { countHits } from "./threshold.ts";

/** When and over what a detection was evaluated. */
export interface StepContext {
  readonly catalogue: Catalogue;
  /** The scan that was judged. */
  readonly scan_id: number;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
}

/** What is to alert unless it is suppressed, and what the next run goes on with. */
export interface Conclusion {
  /** In the order of the result; removed rows stand behind it. */
  readonly hits: readonly Hit[];
  /** Absent where there is nothing to remember. */
  readonly state?: EvaluationState;
  /** Why the conclusion is not all that it should be. */
  readonly notes: readonly string[];
}

/** Whether a detection remembers anything from run to run besides its suppression windows. */
export function isStateful({ detection: { meta } }: CompiledDetection): boolean {
  return meta.mode === "differential" || meta.threshold !== undefined;
}

/** Whether a run changes what a detection remembers: events that led to nothing do not, and most lead to nothing. */
export function changesState(
  compiled: CompiledDetection,
  { evaluation }: Pick<DetectionEvaluation, "evaluation">,
): boolean {
  return isStateful(compiled) && evaluation.status === "evaluated" &&
    (compiled.detection.meta.mode !== "events" || evaluation.result.rows.length > 0);
}

/**
 * Draws the conclusion from an evaluation: exceptions, then differential, then threshold. A run that was not evaluated
 * concludes nothing and leaves the state alone.
 *
 * @param stored what the run before left
 */
export function conclude(
  compiled: CompiledDetection,
  found: DetectionEvaluation,
  stored: EvaluationState | null,
  { catalogue, scan_id, now }: StepContext,
): Conclusion {
  const { evaluation, excepted, eventOf } = found;
  if (evaluation.status !== "evaluated") return { hits: [], notes: [] };
  const { mode, threshold } = compiled.detection.meta;
  const { rows } = evaluation.result;
  const counting = [...rows.keys()].filter((index) => !excepted.has(index));
  let hits: readonly Hit[] = counting.map((index) => ({ row: rows[index]! }));
  if (!changesState(compiled, found)) return { hits, notes: [] };

  const identity = identityColumns(compiled, catalogue);
  const notes: string[] = [];
  let state: EvaluationState = { at: now };
  if (mode === "differential") {
    const step = compare(
      {
        compiled,
        identity,
        rows: counting.map((index) => rows[index]!),
        excepted: [...excepted.keys()].map((index) => rows[index]!),
        partial: evaluation.partial !== undefined,
        scan_id,
        now,
      },
      stored?.differential,
      stored?.at ?? now,
    );
    hits = step.hits;
    state = { ...state, differential: step.state };
    if (step.note !== undefined) notes.push(step.note);
  }
  if (threshold) {
    const batches = eventOf
      ? [...Map.groupBy(hits.keys(), (hit) => eventOf[counting[hit]!]!).values()]
        .map((batch) => batch.map((hit) => hits[hit]!))
      : [hits];
    const step = countHits({ compiled, threshold, identity, batches, now }, stored?.threshold);
    hits = step.hits;
    state = { ...state, threshold: step.state };
    if (step.note !== undefined) notes.push(step.note);
  }
  const idle = !state.differential && !state.threshold?.groups.length &&
    !stored?.threshold?.groups.length;
  return { hits, ...(!idle && { state }), notes };
}
