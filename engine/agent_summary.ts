import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanSummary } from "../model/summary.ts";
import type { Evaluation, Partial } from "../model/verdict.ts";
import type { DetectionRun } from "./detect.ts";
import { countRuns } from "./scan.ts";

/** A longer list of reasons helps nobody. */
const MAX_REASON = 1_000;

/** A run on events, with their number. */
export interface RunOnEvents extends DetectionRun {
  readonly events: number;
}

/**
 * Runs of a detection on events that came one after the other, as one run. Of its rows only as much is kept as a summary
 * needs.
 *
 * @param events how many events the later run was on
 */
export function together(
  before: RunOnEvents | undefined,
  { compiled, evaluation, hits, suppressed }: DetectionRun,
  events: number,
): RunOnEvents {
  const whole = before ? joined(before, evaluation, events) : evaluation;
  return {
    events: (before?.events ?? 0) + events,
    compiled,
    evaluation: whole.status === "evaluated"
      ? { ...whole, result: { ...whole.result, rows: [] } }
      : whole,
    excepted: new Map(),
    hits: [...before?.hits ?? [], ...hits].slice(0, 1),
    suppressed: (before?.suppressed ?? 0) + suppressed,
  };
}

function joined(
  { evaluation: before, events: seen }: RunOnEvents,
  after: Evaluation,
  events: number,
): Evaluation {
  if (before.status !== "evaluated") {
    if (after.status !== "evaluated") return before;
    const none = { evaluated: 0, of: seen, reason: before.why.reason };
    return { ...after, partial: sum(none, after.partial) };
  }
  const partial = after.status === "evaluated"
    ? after.partial
    : { evaluated: 0, of: events, reason: after.why.reason };
  if (!partial) return before;
  return { ...before, partial: before.partial ? sum(before.partial, partial) : partial };
}

function sum(one: Partial, other: Partial = { evaluated: 0, of: 0, reason: "" }): Partial {
  const reasons = new Set([...one.reason.split("; "), ...other.reason.split("; ")]);
  reasons.delete("");
  return {
    evaluated: one.evaluated + other.evaluated,
    of: one.of + other.of,
    reason: [...reasons].join("; ").slice(0, MAX_REASON),
  };
}

/**
 * The runs of detections on events, with one for each on which no event came: there was nothing to find, unless none can
 * come.
 */
export function withSilent(
  runs: ReadonlyMap<string, DetectionRun>,
  detections: readonly CompiledDetection[],
  whyNot: (detection: CompiledDetection) => string | undefined,
): DetectionRun[] {
  const silent = detections.filter(({ detection }) => !runs.has(detection.meta.id));
  return [...runs.values(), ...silent.map((one) => runOnNothing(one, whyNot(one)))];
}

function runOnNothing(compiled: CompiledDetection, whyNot: string | undefined): DetectionRun {
  const { columns } = compiled;
  return {
    compiled,
    evaluation: whyNot === undefined
      ? {
        status: "evaluated",
        result: { columns, rows: [], truncated: false, duration_ms: 0 },
      }
      : { status: "not_evaluated", why: { kind: "unavailable", reason: whyNot } },
    excepted: new Map(),
    hits: [],
    suppressed: 0,
  };
}

/** A summary of a scan and of runs besides it. */
export function withRuns(
  summary: ScanSummary,
  runs: readonly DetectionRun[],
  alerts: number,
): ScanSummary {
  const more = countRuns(runs);
  return {
    ...summary,
    detections: summary.detections + more.detections,
    matched: summary.matched + more.matched,
    alerts: summary.alerts + alerts,
    suppressed: summary.suppressed + more.suppressed,
    not_evaluated: [...summary.not_evaluated, ...more.not_evaluated],
    partial: [...summary.partial, ...more.partial],
  };
}

/** A summary that tells which events were not judged. */
export function withMissed(
  summary: ScanSummary,
  missed: NonNullable<ScanSummary["missed"]>,
): ScanSummary {
  return missed.length === 0 ? summary : { ...summary, missed };
}

/** A summary that tells which runs were left out. */
export function withSkipped(
  summary: ScanSummary,
  skipped: ReadonlyMap<CompiledDetection, number>,
): ScanSummary {
  if (skipped.size === 0) return summary;
  const counts = [...skipped].map(([{ detection }, count]) => ({
    rule_id: detection.meta.id,
    count,
  }));
  return { ...summary, skipped: counts };
}
