import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import { joinBatches, type RecordBatch } from "../schema/batch.ts";
import { type RunOnEvents, together, withRuns, withSilent, withSkipped } from "./agent_summary.ts";
import { collectScan } from "./collect.ts";
import { detect } from "./detect.ts";
import { newRows } from "./new_rows.ts";
import { operationalAlert } from "./operational.ts";
import { raiseOperational } from "./raise.ts";
import { type Change, planFor, refusedProblem, streamOf, type Watched } from "./reload.ts";
import { deliver, scan, type ScanOptions, type ScanResult, summarise } from "./scan.ts";
import { createTimetable, type Due } from "./schedule.ts";
import { type Clock, HOST_CLOCK } from "./schedule_clock.ts";
import { keepBudgets } from "./schedule_keep.ts";
import { createStates } from "./states.ts";
import { afterwards, collectUntil, delay, orAborted, queryUntil, STOPPED } from "./stopping.ts";
import { openStreams, type StreamLimits, type TakenEvents } from "./streams.ts";

/** Options of {@linkcode runAgent}. */
export interface AgentOptions extends Omit<ScanOptions, "eventsToStore" | "collectFor" | "states"> {
  /** What takes the place of the detections as time goes on. */
  readonly changes?: AsyncIterable<Change>;
  /** What a detection may take of the time between its runs, as a share of it; without it as much as it likes. */
  readonly share?: number;
  /** How many events wait. */
  readonly limits?: StreamLimits;
  /** What tells the time, for schedules. */
  readonly clock?: Clock;
  /** Ends the agent: a scan is broken off, events that have come are judged and stored. */
  readonly signal: AbortSignal;
  /** How long queries may still run then, ms; a second by default. */
  readonly grace?: number;
  /** Told of each scan; its summary counts the detections in events mode that ran since the one before, too. */
  readonly onScan: (
    result: Pick<ScanResult, "manifest" | "summary">,
  ) => void | Promise<void>;
  /** Told, in words, of what went wrong. The agent goes on. */
  readonly onProblem: (message: string) => void;
}

const GRACE = 1_000;

/** How long events wait for others: so many times what judging takes, at most so many ms. */
const GATHERING = { times: 3, most: 200 };

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Watches a host: scans whenever detections are due, and judges events as they arrive. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { store, platform, host, signal, onScan, onProblem, clock = HOST_CLOCK } = options;
  using grace = afterwards(signal, options.grace ?? GRACE);
  const collectors = collectUntil(options.collectors, signal);
  const sandbox = queryUntil(options.sandbox, grace);
  const streams = openStreams(collectors, onProblem, options.limits);
  const timetable = createTimetable(clock, host);
  const budgets = await keepBudgets({ ...options, timetable });
  const states = createStates(store, options.catalogue, sandbox);
  let watched: Watched;
  let woken = new AbortController();
  let manifest: ScanManifest | undefined;
  let between = new Map<string, RunOnEvents>();
  let alertsBetween = 0;

  function wake(): void {
    woken.abort();
    woken = new AbortController();
  }

  function watch(detections: readonly CompiledDetection[]): void {
    watched = planFor(detections, options);
    timetable.plan(watched.mine);
    streams.watch(watched.reads);
    wake();
  }

  /** Judges events over the rows of the newest scan. */
  async function judge(
    detections: readonly CompiledDetection[],
    events: readonly RecordBatch[],
    now: number,
    streamed?: TakenEvents,
  ): Promise<void> {
    if (detections.length === 0 || !manifest) return;
    const { runs, alerts, problem } = await detect({
      ...options,
      collectors: collectUntil(options.collectors, grace),
      sandbox,
      states,
      detections,
      manifest,
      now,
      events,
      ...(streamed && { streamed: new Map([[streamed.table, streamed.outcome]]) }),
    });
    const count = events.reduce((sum, { rows }) => sum + rows, 0);
    for (const run of runs) {
      const { id } = run.compiled.detection.meta;
      between.set(id, together(between.get(id), run, count));
    }
    alertsBetween += alerts.length;
    await deliver(alerts, options.sinks);
    if (problem) onProblem(problem.message);
  }

  async function judgeStreams(): Promise<void> {
    for (;;) {
      await orAborted(streams.arrived(), signal);
      const taken = streams.takeForJudging();
      if (taken.length === 0 && signal.aborted) return;
      const started = performance.now();
      for (const one of taken) {
        const events = one.batches.length > 0
          ? joinBatches(one.batches)
          : { table: one.table, columns: [], values: [], rows: 0, gaps: [] };
        try {
          if (grace.aborted || !manifest) throw new Error(STOPPED);
          const concerned = watched.onEvents.filter((each) => streamOf(each) === one.table);
          await judge(concerned, [events], Date.now(), one);
        } catch (error) {
          onProblem(`${events.rows} events of ${one.table} were not judged: ${inWords(error)}`);
        }
      }
      // Many events together cost hardly more than one: under load they gather meanwhile.
      const took = performance.now() - started;
      await delay(Math.min(GATHERING.times * took, GATHERING.most), signal);
    }
  }

  async function scanOnce({ detections, skipped }: Due): Promise<void> {
    const { streaming, onRows } = watched;
    const eventsToStore = streams.forStoring();
    const result = await scan({
      ...options,
      collectors,
      sandbox,
      states,
      detections: detections.filter((one) => !streaming.includes(one)),
      collectFor: streaming,
      eventsToStore,
    });
    streams.stored(eventsToStore);
    const before = manifest;
    manifest = result.manifest;
    for (const detection of onRows) {
      const table = streamOf(detection);
      const found = before && await newRows(store, options.catalogue, table, [before, manifest]);
      await judge([detection], found?.length ? [joinBatches(found)] : [], manifest.started);
    }
    await tell({ ...result, summary: withSkipped(result.summary, skipped) });
    for (const alert of await budgets.afterScan(result)) await deliver([alert], options.sinks);
  }

  async function tell({ manifest, summary }: Parameters<typeof onScan>[0]): Promise<void> {
    const runs = withSilent(between, watched.onEvents, (one) => streams.whyNot(streamOf(one)));
    const alerts = alertsBetween;
    between = new Map();
    alertsBetween = 0;
    await onScan({ manifest, summary: withRuns(summary, runs, alerts) });
  }

  async function scanByTime(first: () => void): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(timetable.wait(), woken.signal);
      const due = timetable.take();
      if (signal.aborted || due.detections.length === 0) continue;
      try {
        await scanOnce(due);
        first();
      } catch (error) {
        if (!signal.aborted) onProblem(`the scan failed: ${inWords(error)}`);
      }
    }
    first();
  }

  async function followChanges(): Promise<void> {
    const changes = options.changes?.[Symbol.asyncIterator]();
    for (;;) {
      const next = changes && await orAborted(changes.next(), signal);
      if (!next || next.done) return;
      const { value } = next;
      if ("detections" in value) {
        watch(value.detections);
        continue;
      }
      onProblem(value.reason);
      const at = { host, scan_id: manifest?.scan_id ?? 0, now: Date.now() };
      const { alerts, problem } = await raiseOperational(
        store,
        operationalAlert(refusedProblem(value), at),
      );
      await deliver(alerts, options.sinks);
      if (problem) onProblem(problem.message);
    }
  }

  /** Stores events that came after the last scan, without anything else. */
  async function storeRest(): Promise<void> {
    const eventsToStore = streams.forStoring();
    if (eventsToStore.every(({ batches }) => batches.length === 0)) return;
    const started = performance.now();
    const rest = { store, collectors, host, platform, tasks: [], eventsToStore };
    const manifest = await collectScan(rest);
    streams.stored(eventsToStore);
    await tell({ manifest, summary: summarise(manifest, [], [], performance.now() - started) });
  }

  signal.addEventListener("abort", wake, { once: true });
  watch(options.detections);
  const first = Promise.withResolvers<void>();
  const scanning = scanByTime(first.resolve);
  const changing = followChanges();
  const judging = first.promise.then(judgeStreams);
  await Promise.all([scanning, changing]);
  await orAborted(streams.close(), grace);
  await judging;
  await judgeStreams();
  await storeRest();
}
