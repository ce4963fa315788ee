import { suppress, toAlert } from "../alerts/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { RuleState } from "../model/rule_state.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Evaluation } from "../model/verdict.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Store } from "../store/mod.ts";
import { type DetectionEvaluation, evaluateDetection } from "./evaluate.ts";
import { OPERATIONAL_WINDOW, pausedAlert } from "./operational.ts";
import { currentState, reasonToRest, stateAfter } from "./rule_health.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { loadView, type View } from "./view.ts";

/** Options of {@linkcode detect}. */
export interface DetectOptions {
  /** Where the rows are, and alerts and states are kept. */
  readonly store: Store;
  /** The committed scan to judge. */
  readonly manifest: ScanManifest;
  /** Where queries run. */
  readonly sandbox: Sandbox;
  /** What is evaluated. */
  readonly detections: readonly CompiledDetection[];
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** What became of a detection. */
export interface DetectionRun extends DetectionEvaluation {
  /** The detection. */
  readonly compiled: CompiledDetection;
  /** Hits that raised no alert because an earlier one stands for them. */
  readonly suppressed: number;
}

/** What became of all of them. */
export interface DetectResult {
  /** In the order of the detections. */
  readonly runs: readonly DetectionRun[];
  /** Alerts raised, stored already unless there is a problem. */
  readonly alerts: readonly Alert[];
  /**
   * What the store threw, if it could not keep the alerts. They were raised nevertheless, without suppression where that
   * could not be looked up: an alert too many is better than none.
   */
  readonly problem?: Error;
}

/**
 * Judges a committed scan: evaluates every detection, side by side, and turns what they find into stored alerts. Whatever
 * becomes of one detection, the others go on. Fixture tests and hosts both come through here.
 *
 * @throws {StoreError} where the rows of the scan cannot be read
 */
export async function detect(options: DetectOptions): Promise<DetectResult> {
  const { store, manifest, sandbox, detections, catalogue, onProgress } = options;
  const reads = detections.flatMap(({ tables }) => tables);
  const view = await loadView(store, manifest, catalogue, sandbox, reads);
  let done = 0;
  const judged = await Promise.all(detections.map(async (compiled) => {
    const run = await judge(compiled, view, options);
    onProgress?.(`evaluating: ${++done} of ${detections.length}`);
    return run;
  }));
  const alerts: Alert[] = [];
  const runs: DetectionRun[] = [];
  let problem: Error | undefined;
  // One after the other, so that alerts are stored in the order of the detections.
  for (const { before, state, ...judgement } of judged) {
    const hits = await raise(judgement, options);
    const operational = await remember(judgement, before, state, options);
    problem ??= hits.problem ?? operational.problem;
    alerts.push(...hits.alerts, ...operational.alerts);
    runs.push({ ...judgement, suppressed: hits.suppressed });
  }
  return { runs, alerts, ...(problem && { problem }) };
}

interface Judgement extends DetectionEvaluation {
  readonly compiled: CompiledDetection;
}

interface Judged extends Judgement {
  /** The state of the detection as it is stored, and as it is now. */
  readonly before: RuleState;
  readonly state: RuleState;
}

async function judge(
  compiled: CompiledDetection,
  view: View,
  { store, sandbox, now }: DetectOptions,
): Promise<Judged> {
  const { id } = compiled.detection.meta;
  const stored = await store.ruleState(id);
  const state = currentState(stored, id, compiled.digest);
  const before = stored ?? state;
  const rest = reasonToRest(state, now);
  if (rest !== undefined) {
    const evaluation: Evaluation = {
      status: "not_evaluated",
      why: { kind: "disabled", reason: rest },
    };
    return { compiled, before, state, evaluation, excepted: new Set() };
  }
  const result = await evaluateDetection(compiled, view, now, sandbox);
  return { compiled, before, state: stateAfter(state, result.evaluation, now), ...result };
}

interface Raised {
  readonly alerts: readonly Alert[];
  readonly suppressed: number;
  readonly problem?: Error;
}

const NOTHING: Raised = { alerts: [], suppressed: 0 };

/** Turns the rows that count into alerts and stores them, each together with its suppression window. */
async function raise(
  { compiled, evaluation, excepted }: Judgement,
  { store, catalogue, manifest, now }: DetectOptions,
): Promise<Raised> {
  if (evaluation.status !== "evaluated") return NOTHING;
  const { rows, duration_ms } = evaluation.result;
  const { host, platform, scan_id } = manifest;
  const hits = rows.filter((_, index) => !excepted.has(index))
    .map((row) => toAlert(compiled, row, { host, platform, scan_id, now, duration_ms, catalogue }));
  return await storeHits(store, hits, compiled.detection.meta.suppression.for, now);
}

/** Stores the hits of one detection that no window suppresses. */
async function storeHits(
  store: Store,
  hits: readonly Alert[],
  length: number,
  now: number,
): Promise<Raised> {
  if (hits.length === 0) return NOTHING;
  let changes = suppress(hits, new Map(), length, now);
  let problem: Error | undefined;
  try {
    const keys = new Set(hits.map(({ dedupe_key }) => dedupe_key));
    const windows = await store.windows(hits[0]!.rule_id, [...keys]);
    changes = suppress(hits, windows, length, now);
    await store.commitHits(changes);
  } catch (error) {
    problem = error instanceof Error ? error : new Error(String(error));
  }
  const { alerts, suppressed } = changes;
  return { alerts: alerts.map(({ alert }) => alert), suppressed, ...(problem && { problem }) };
}

/** Remembers how a detection fares, and tells when it is paused. */
async function remember(
  { compiled, evaluation }: Judgement,
  before: RuleState,
  state: RuleState,
  { store, manifest, now }: DetectOptions,
): Promise<Raised> {
  if (JSON.stringify(state) === JSON.stringify(before)) return NOTHING;
  let problem: Error | undefined;
  try {
    await store.setRuleState(state);
  } catch (error) {
    problem = error instanceof Error ? error : new Error(String(error));
  }
  const why = evaluation.status === "not_evaluated" ? evaluation.why : undefined;
  if (why?.kind !== "resource" || state.retry_after === undefined) {
    return { ...NOTHING, ...(problem && { problem }) };
  }
  const { host, scan_id } = manifest;
  const alert = pausedAlert(compiled, state, why.reason, { host, scan_id, now });
  return {
    ...await storeHits(store, [alert], OPERATIONAL_WINDOW, now),
    ...(problem && { problem }),
  };
}
