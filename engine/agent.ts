import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import { joinBatches, type RecordBatch } from "../schema/batch.ts";
import {
  type RunOnEvents,
  together,
  withMissed,
  withRuns,
  withSilent,
  withSkipped,
} from "./agent_summary.ts";
import { collectScan } from "./collect.ts";
import { detect, type DetectionRun } from "./detect.ts";
import { LONG, openLanes } from "./event_lanes.ts";
import { ENOUGH_MEMORY, type MemoryWatch } from "./memory_pressure.ts";
import { countMissedEvents } from "./missed_events.ts";
import { watchNewRows } from "./new_rows.ts";
import { tidyAtRest } from "../std/garbage.ts";
import {
  failedScanProblem,
  operationalAlert,
  type OperationalProblem,
  unwatchedProblem,
} from "./operational.ts";
import { raiseOperational } from "./raise.ts";
import { type Change, planFor, refusedProblem, streamOf, type Watched } from "./reload.ts";
import { deliver, scan, type ScanOptions, type ScanResult, summarise } from "./scan.ts";
import { createTimetable, type Due, stretched, type Timetable } from "./schedule.ts";
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
  /** How scarce memory is: intervals become longer by it. */
  readonly memory?: Pick<MemoryWatch, "now">;
  /** What tells the time, for schedules. */
  readonly clock?: Clock;
  /** Ends the agent: a scan is broken off, events that have come are judged and stored. */
  readonly signal: AbortSignal;
  /** How long queries may still run then, ms; a second by default. */
  readonly grace?: number;
  /** Told of each scan, one after the other. */
  readonly onScan: (scan: AgentScan) => void | Promise<void>;
  /** Told, in words, of what went wrong. The agent goes on. */
  readonly onProblem: (message: string) => void;
}

/** A scan of an agent. Its summary counts the detections in events mode that ran since the one before, too. */
export interface AgentScan extends Pick<ScanResult, "manifest" | "summary"> {
  /** This scan, and all later ones, are still needed: they are what others judge, or compare with. */
  readonly needed: number;
}

const GRACE = 1_000;

/** How long events wait for others: so many times what judging takes, at most so many ms. */
const GATHERING = { times: 1, most: 20 };

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Watches a host: scans whenever detections are due, and judges events as they arrive. Detections that cost much have
 * scans of their own beside those of the others: what takes seconds to collect delays nobody else.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { store, platform, host, signal, onScan, onProblem, clock = HOST_CLOCK } = options;
  using grace = afterwards(signal, options.grace ?? GRACE);
  const collectors = collectUntil(options.collectors, signal);
  const sandbox = queryUntil(options.sandbox, grace);
  const streams = openStreams(collectors, (message, unwatched) => {
    onProblem(message);
    if (unwatched) void tellOperational(unwatchedProblem(unwatched.table, unwatched.reason));
  }, options.limits);
  const timetable = createTimetable(clock, host);
  const ofCostly = createTimetable(clock, host);
  const slow = (rule_id: string, factor: number) => {
    for (const one of [timetable, ofCostly]) one.slow(rule_id, factor);
  };
  const budgets = await keepBudgets({ ...options, timetable: { slow } });
  const states = createStates(store, options.catalogue, sandbox);
  const missed = countMissedEvents(store);
  const newRows = watchNewRows(store, options.catalogue);
  const lanes = openLanes((compiled, one) => judgeTaken([compiled], one), budgets.factor);
  const longer = () => (options.memory?.now() ?? ENOUGH_MEMORY).factor;
  let watched: Watched;
  const stir = tidyAtRest(true);
  let woken = new AbortController();
  let manifest: ScanManifest | undefined;
  /** What was the newest scan when that of costly detections began, while it is under way. */
  let costlySince: number | undefined;
  let telling = Promise.resolve();
  /** The first scan was tried, or there is none to do: from then on costly detections run. */
  const begun = Promise.withResolvers<void>();
  let between = new Map<string, RunOnEvents>();
  let alertsBetween = 0;

  function wake(): void {
    woken.abort();
    woken = new AbortController();
  }

  function watch(detections: readonly CompiledDetection[]): void {
    watched = planFor(detections, options);
    const { mine, costly } = watched;
    timetable.plan(mine.filter((one) => !costly.includes(one)));
    ofCostly.plan(costly);
    if (timetable.wait() > 0) begun.resolve();
    streams.watch(watched.reads);
    newRows.keep(watched.onRows.map(streamOf));
    for (const one of [budgets, missed]) one.keep(mine);
    lanes.keep(watched.streaming);
    wake();
  }

  /**
   * Judges events over the rows of the newest scan.
   *
   * @param concerned the detections by their ids, of which those that are done are taken away
   */
  async function judge(
    concerned: Map<string, CompiledDetection>,
    events: RecordBatch,
    now: number,
    { table, outcome, lost }: TakenEvents,
  ): Promise<void> {
    if (concerned.size === 0) return;
    if (grace.aborted || !manifest) throw new Error(STOPPED);
    stir();
    const factor = longer();
    const { runs, problem } = await detect({
      ...options,
      collectors: collectUntil(options.collectors, grace),
      sandbox,
      states,
      detections: concerned.values().map((one) => stretched(one, factor)).toArray(),
      manifest,
      now,
      events: [events],
      streamed: new Map([[table, outcome]]),
      async onAlerts(alerts) {
        alertsBetween += alerts.length;
        await deliver(alerts, options.sinks);
      },
      async onRuns(runs) {
        for (const run of runs) {
          const { id } = run.compiled.detection.meta;
          // As it is while memory is not scarce: what is remembered of it is stretched again.
          const compiled = concerned.get(id)!;
          concerned.delete(id);
          between.set(id, together(between.get(id), run, events.rows));
          await noteRun({ ...run, compiled }, events.rows, lost).catch(notNoted);
        }
      },
    });
    if (problem) onProblem(problem.message);
    const more = await budgets.afterEvents(runs, manifest).catch(notNoted);
    if (more) await deliver(more, options.sinks);
  }

  /** The events were judged all the same. */
  function notNoted(error: unknown): void {
    onProblem(`what became of events is not noted: ${inWords(error)}`);
  }

  /** Notes what a run on events took, and how many of them, and of those lost before them, it has not judged. */
  async function noteRun(
    { compiled, evaluation }: DetectionRun,
    events: number,
    lost: number,
  ): Promise<void> {
    if (evaluation.status === "evaluated") {
      lanes.took(compiled, evaluation.result.duration_ms);
      await missed.add(compiled, lost + (evaluation.unjudged ?? 0));
      return;
    }
    // Nobody knows how long it would have taken.
    if (evaluation.why.kind === "resource") lanes.took(compiled, 2 * LONG);
    await missed.add(compiled, events + lost);
  }

  /** Judges events; to detections for which that cannot be done they count as missed. Never rejects. */
  async function judgeTaken(
    detections: readonly CompiledDetection[],
    one: TakenEvents,
    now: number = Date.now(),
  ): Promise<void> {
    const concerned = new Map(detections.map((each) => [each.detection.meta.id, each]));
    const events = one.batches.length > 0
      ? joinBatches(one.batches)
      : { table: one.table, columns: [], values: [], rows: 0, gaps: [] };
    try {
      await judge(concerned, events, now, one);
    } catch (error) {
      onProblem(`${events.rows} events of ${one.table} were not judged: ${inWords(error)}`);
      for (const each of concerned.values()) {
        await missed.add(each, events.rows + one.lost).catch(notNoted);
      }
    }
  }

  async function judgeStreams(): Promise<void> {
    for (;;) {
      await orAborted(streams.arrived(), signal);
      const taken = streams.takeForJudging();
      if (taken.length === 0 && signal.aborted) return;
      const started = performance.now();
      for (const one of taken) {
        const concerned = watched.onEvents.filter((each) => streamOf(each) === one.table);
        await judgeTaken(lanes.sort(concerned, one), one);
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
    if (result.problem) onProblem(result.problem.message);
    manifest = result.manifest;
    for (const [table, detections] of Map.groupBy(onRows, streamOf)) {
      const rows = await newRows.take(manifest, table);
      await judgeTaken(lanes.sort(detections, rows), rows, manifest.started);
    }
    await tellWithEvents({ ...result, summary: withSkipped(result.summary, skipped) });
    await deliver(await budgets.afterScan(result.runs, manifest), options.sinks);
  }

  /** Scans for detections that cost much. The rows of the newest scan of the others remain what events are judged over. */
  async function scanCostly({ detections, skipped }: Due): Promise<void> {
    costlySince = manifest?.scan_id;
    try {
      const result = await scan({ ...options, collectors, sandbox, detections });
      if (result.problem) onProblem(result.problem.message);
      await tell({ ...result, summary: withSkipped(result.summary, skipped) });
      await deliver(await budgets.afterScan(result.runs, result.manifest), options.sinks);
    } finally {
      costlySince = undefined;
    }
  }

  async function tellWithEvents(
    { manifest, summary }: Pick<ScanResult, "manifest" | "summary">,
  ): Promise<void> {
    const runs = withSilent(between, watched.onEvents, (one) => streams.whyNot(streamOf(one)));
    const alerts = alertsBetween;
    between = new Map();
    alertsBetween = 0;
    await tell({
      manifest,
      summary: withMissed(withRuns(summary, runs, alerts), missed.take()),
    });
  }

  function tell({ manifest: told, summary }: Pick<ScanResult, "manifest" | "summary">) {
    stir();
    const factor = longer();
    return telling = telling.catch(() => {}).then(() =>
      onScan({
        manifest: told,
        summary: { ...summary, ...(factor > 1 && { stretched: factor }) },
        needed: costlySince ?? manifest?.scan_id ?? told.scan_id,
      })
    );
  }

  async function scanByTime(
    timetable: Timetable,
    scanDue: (due: Due) => Promise<void>,
    scanned: () => void = () => {},
  ): Promise<void> {
    let failing = false;
    while (!signal.aborted) {
      timetable.stretch(longer());
      await clock.sleep(timetable.wait(), woken.signal);
      timetable.stretch(longer());
      const due = timetable.take();
      if (signal.aborted || due.detections.length === 0) continue;
      try {
        await scanDue(due);
        failing = false;
        scanned();
      } catch (error) {
        if (!signal.aborted) {
          onProblem(`the scan failed: ${inWords(error)}`);
          // Once: where the store is at fault it would not know that this was told.
          if (!failing) await tellOperational(failedScanProblem(inWords(error)));
          failing = true;
        }
      }
      begun.resolve();
    }
    scanned();
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
      await tellOperational(refusedProblem(value));
    }
  }

  async function tellOperational(what: OperationalProblem): Promise<void> {
    const at = { host, scan_id: manifest?.scan_id ?? 0, now: Date.now() };
    const { alerts, problem } = await raiseOperational(store, operationalAlert(what, at));
    await deliver(alerts, options.sinks);
    if (problem) onProblem(problem.message);
  }

  /** Stores events that came after the last scan, without anything else. */
  async function storeRest(): Promise<void> {
    const eventsToStore = streams.forStoring();
    if (eventsToStore.every(({ batches }) => batches.length === 0)) return;
    const started = performance.now();
    const rest = { store, collectors, host, platform, tasks: [], eventsToStore };
    const manifest = await collectScan(rest);
    streams.stored(eventsToStore);
    await tellWithEvents({
      manifest,
      summary: summarise(manifest, [], [], performance.now() - started),
    });
  }

  signal.addEventListener("abort", wake, { once: true });
  watch(options.detections);
  const first = Promise.withResolvers<void>();
  const scanning = Promise.all([
    scanByTime(timetable, scanOnce, first.resolve),
    orAborted(begun.promise, signal).then(() => scanByTime(ofCostly, scanCostly)),
  ]);
  const changing = followChanges();
  const judging = first.promise.then(judgeStreams);
  await Promise.all([scanning, changing]);
  await orAborted(streams.close(), grace);
  await judging;
  await judgeStreams();
  await lanes.close();
  for (const last of [missed.save, storeRest]) {
    await last().catch((error) => onProblem(`what came last is not stored: ${inWords(error)}`));
  }
}
