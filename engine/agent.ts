import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { ScanSummary } from "../model/summary.ts";
import { joinBatches, type RecordBatch } from "../schema/batch.ts";
import { planCollection } from "./collect.ts";
import { detect, type DetectionRun } from "./detect.ts";
import { newRows } from "./new_rows.ts";
import { countRuns, deliver, meantFor, scan, type ScanOptions, type ScanResult } from "./scan.ts";
import { delay, openStreams, type TakenEvents } from "./streams.ts";

/** Options of {@linkcode runAgent}. */
export interface AgentOptions extends Omit<ScanOptions, "eventsToStore" | "collectFor"> {
  /** Between the starts of two scans, ms. */
  readonly every: number;
  /** Ends the agent. What it is doing then is finished first. */
  readonly signal: AbortSignal;
  /** Told of each scan; its summary counts the detections in events mode that ran since the one before, too. */
  readonly onScan: (result: ScanResult) => void | Promise<void>;
  /** Told, in words, of what went wrong. The agent goes on. */
  readonly onProblem: (message: string) => void;
}

/**
 * Watches a host: scans again and again, and judges events as they arrive. A detection whose schedule is longer than the
 * period of the scans waits for its turn.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { catalogue, collectors, platform, signal, every, onScan, onProblem } = options;
  const mine = meantFor(options.detections, platform);
  const [streaming, scheduled] = partition(
    mine,
    ({ detection }) => detection.meta.mode === "events",
  );
  const reads = planCollection(mine)
    .filter(({ table }) => catalogue.get(table)?.events && collectors.supports(table))
    .map(({ table, project }) => ({ table, columns: project }));
  await using streams = openStreams(collectors, reads, onProblem);
  const [onEvents, onRows] = partition(
    streaming,
    (one) => catalogue.get(streamOf(one))?.events === true,
  );
  let manifest: ScanManifest | undefined;
  let between: DetectionRun[] = [];
  let alertsBetween = 0;
  const lastRun = new Map<CompiledDetection, number>();

  /** Judges events over the rows of the newest scan. */
  const judge = async (
    detections: readonly CompiledDetection[],
    events: readonly RecordBatch[],
    now: number,
    streamed?: readonly TakenEvents[],
  ) => {
    if (detections.length === 0 || !manifest) return;
    const { runs, alerts, problem } = await detect({
      ...options,
      detections,
      manifest,
      now,
      events,
      ...(streamed &&
        { streamed: new Map(streamed.map(({ table, outcome }) => [table, outcome])) }),
    });
    between.push(...runs);
    alertsBetween += alerts.length;
    await deliver(alerts, options.sinks);
    if (problem) onProblem(problem.message);
  };

  const scanOnce = async (started: number) => {
    const due = scheduled.filter((one) => {
      const period = one.detection.meta.schedule.every ?? every;
      return started - (lastRun.get(one) ?? -Infinity) > period - every / 2;
    });
    for (const one of due) lastRun.set(one, started);
    const eventsToStore = streams.takeForStoring();
    const result = await scan({
      ...options,
      detections: due,
      collectFor: streaming,
      eventsToStore,
    });
    for (const { batches } of eventsToStore) batches.at(-1)?.acknowledge?.();
    const before = manifest;
    manifest = result.manifest;
    for (const detection of onRows) {
      const table = streamOf(detection);
      const found = before && await newRows(options.store, catalogue, table, [before, manifest]);
      await judge([detection], found?.length ? [joinBatches(found)] : [], manifest.started);
    }
    const runs = latest(between, onEvents, (one) => streams.whyNot(streamOf(one)));
    await onScan({ ...result, summary: withRuns(result.summary, runs, alertsBetween) });
    between = [];
    alertsBetween = 0;
  };

  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  const first = Promise.withResolvers<void>();
  const scanning = (async () => {
    while (!signal.aborted) {
      const started = Date.now();
      const begun = performance.now();
      try {
        await scanOnce(started);
        first.resolve();
      } catch (error) {
        onProblem(`the scan failed: ${error instanceof Error ? error.message : String(error)}`);
      }
      await delay(Math.max(0, every - (performance.now() - begun)), signal);
    }
    first.resolve();
  })();
  await first.promise;
  while (!signal.aborted) {
    await Promise.race([streams.arrived(), aborted]);
    const taken = streams.takeForJudging();
    for (const one of taken) {
      const concerned = onEvents.filter((detection) => streamOf(detection) === one.table);
      const events = one.batches.length > 0
        ? [joinBatches(one.batches)]
        : [{ table: one.table, columns: [], values: [], rows: 0, gaps: [] }];
      try {
        await judge(concerned, events, Date.now(), [one]);
      } catch (error) {
        onProblem(
          `events of ${one.table} were not judged: ${
            error instanceof Error ? error.message : String(error)
          }`,
        );
      }
    }
  }
  await scanning;
}

/** The table that the events of a detection come from; of one that cannot run on events, none. */
function streamOf({ plan: { events } }: CompiledDetection): string {
  return events.possible ? events.stream : "";
}

/**
 * One run for each detection: the latest, or a latest one that could not judge everything. Where no event came for a
 * detection there was nothing to find, unless none can come.
 */
function latest(
  runs: readonly DetectionRun[],
  detections: readonly CompiledDetection[],
  whyNot: (detection: CompiledDetection) => string | undefined,
): DetectionRun[] {
  const found = new Map<CompiledDetection, DetectionRun>();
  for (const run of runs) {
    const known = found.get(run.compiled);
    if (!known || isWhole(known) || !isWhole(run)) found.set(run.compiled, run);
  }
  for (const compiled of detections) {
    if (!found.has(compiled)) found.set(compiled, runOnNothing(compiled, whyNot(compiled)));
  }
  return [...found.values()];
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

function isWhole({ evaluation }: DetectionRun): boolean {
  return evaluation.status === "evaluated" && !evaluation.partial;
}

function withRuns(
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

function partition<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}
