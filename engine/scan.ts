import type { Collectors } from "../collectors/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection, TableRead } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Sink } from "../model/sink.ts";
import type { ScanSummary } from "../model/summary.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Platform } from "../schema/types.ts";
import type { Store } from "../store/mod.ts";
import { collectScan, planCollection } from "./collect.ts";
import { detect, type DetectionRun, readsOfState } from "./detect.ts";
import { operationalAlert, unstoredProblem } from "./operational.ts";
import { raiseOperational } from "./raise.ts";
import { currentState, reasonToRest } from "./rule_health.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { States } from "./states.ts";
import type { TakenEvents } from "./streams.ts";
import type { TriggerBounds } from "./triggers/ask.ts";

/** Options of {@linkcode scan}. */
export interface ScanOptions {
  /** Where the scan, its alerts and rule states are kept. */
  readonly store: Store;
  /** Who reads the host. */
  readonly collectors: Collectors;
  /** Where queries run. */
  readonly sandbox: Sandbox;
  /** What is evaluated, as far as it is enabled and meant for the platform. */
  readonly detections: readonly CompiledDetection[];
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** The operating system of the host. */
  readonly platform: Platform;
  /** Name of the host. */
  readonly host: string;
  /** Who is told of alerts. */
  readonly sinks: readonly Sink[];
  /** Events since the last scan, to be stored with this one. */
  readonly eventsToStore?: readonly TakenEvents[];
  /** What else is collected for, and judged by somebody else. */
  readonly collectFor?: readonly CompiledDetection[];
  /** What is shared with that somebody else. */
  readonly states?: States;
  /** What may be asked of the host key by key. */
  readonly triggerBounds?: Partial<TriggerBounds>;
  /** Called with a sentence for a progress line; an empty one removes it. */
  readonly onProgress?: (text: string) => void;
}

/** What a scan came to. */
export interface ScanResult {
  /** The scan as it is stored. */
  readonly manifest: ScanManifest;
  /** What was seen, judged, and above all not judged. */
  readonly summary: ScanSummary;
  /** What became of each detection. */
  readonly runs: readonly DetectionRun[];
  /** Alerts raised; they are in the store, unless there is a problem. */
  readonly alerts: readonly Alert[];
  /** What the store threw, if it could not keep the alerts. The sinks were told of them nevertheless. */
  readonly problem?: Error;
  /** Alerts that a sink did not take, with its reason; they are in the store. */
  readonly undelivered: readonly {
    readonly sink: string;
    readonly alert: Alert;
    readonly reason: string;
  }[];
}

/** Processes are collected whatever the detections read: they are the context of everything else. */
const ALWAYS: readonly { readonly tables: readonly TableRead[] }[] = [{
  tables: [{ table: "processes", columns: [] }],
}];

/**
 * Collects once, stores the scan, evaluates the detections that are meant for this platform, stores their alerts, and only
 * then tells the sinks.
 *
 * @throws {StoreError} where the scan cannot be stored or read
 */
export async function scan(options: ScanOptions): Promise<ScanResult> {
  const { detections, platform, collectFor = [], onProgress } = options;
  const started = performance.now();
  const mine = meantFor(detections, platform);
  const others = meantFor(collectFor, platform);
  const readers = [...ALWAYS, ...mine, ...others];
  const tasks = planCollection(readers, options.catalogue);
  const queries = await dueTriggers(mine, options);
  const triggers = queries.length > 0
    ? { ...options, queries, bounds: options.triggerBounds ?? {} }
    : undefined;
  const manifest = await collectScan({ ...options, tasks, ...(triggers && { triggers }) });
  const { runs, alerts, problem } = await detect({
    ...options,
    detections: mine,
    manifest,
    now: manifest.started,
    also: others.flatMap(readsOfState),
  });
  onProgress?.("");
  const told = await tellUnstored(manifest, options.store);
  const undelivered = await deliver([...told, ...alerts], options.sinks);
  const summary = summarise(manifest, runs, alerts, performance.now() - started);
  return { manifest, summary, runs, alerts, undelivered, ...(problem && { problem }) };
}

/** Raises an alert where the rows of a scan could not be stored. What the store says of that alert is no news. */
async function tellUnstored(
  { host, scan_id, unstored, finished }: ScanManifest,
  store: Store,
): Promise<readonly Alert[]> {
  if (unstored === undefined) return [];
  const at = { host, scan_id, now: finished };
  const { alerts } = await raiseOperational(store, operationalAlert(unstoredProblem(unstored), at));
  return alerts;
}

/** The detections that are enabled and meant for a platform. */
export function meantFor(
  detections: readonly CompiledDetection[],
  platform: Platform,
): CompiledDetection[] {
  return detections.filter(({ detection: { meta } }) =>
    meta.enabled && meta.platforms.includes(platform)
  );
}

/** The detections whose keys are to be asked for: nothing is collected for one that rests, or that waits for events. */
async function dueTriggers(
  detections: readonly CompiledDetection[],
  { store }: ScanOptions,
): Promise<CompiledDetection[]> {
  const due: CompiledDetection[] = [];
  for (const compiled of detections) {
    const { meta } = compiled.detection;
    if (compiled.plan.triggers.length === 0 || meta.mode === "events") continue;
    const state = currentState(await store.ruleState(meta.id), meta.id, compiled.digest);
    if (reasonToRest(state, Date.now()) === undefined) due.push(compiled);
  }
  return due;
}

/** Tells every sink of every alert, in order; sinks do not wait for each other, and a broken one breaks no other. */
export async function deliver(
  alerts: readonly Alert[],
  sinks: readonly Sink[],
): Promise<ScanResult["undelivered"]> {
  const failures = await Promise.all(sinks.map(async (sink) => {
    const failed: ScanResult["undelivered"][number][] = [];
    for (const alert of alerts) {
      try {
        await sink.send(alert);
      } catch (error) {
        failed.push({
          sink: sink.name,
          alert,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    return failed;
  }));
  return failures.flat();
}

/** What a scan came to, for people. */
export function summarise(
  { scan_id, host, tables, collectors }: ScanManifest,
  runs: readonly DetectionRun[],
  alerts: readonly Alert[],
  duration_ms: number,
): ScanSummary {
  return {
    kind: "summary",
    scan_id,
    host,
    duration_ms: Math.round(duration_ms),
    rows: Object.fromEntries(tables.map(({ table, rows }) => [table, rows])),
    ...countRuns(runs),
    alerts: alerts.length,
    collectors,
  };
}

/** What a summary says of runs of detections. */
export function countRuns(
  runs: readonly DetectionRun[],
): Pick<ScanSummary, "detections" | "matched" | "suppressed" | "not_evaluated" | "partial"> {
  return {
    detections: runs.length,
    matched: runs.filter(({ hits }) => hits.length > 0).length,
    suppressed: runs.reduce((sum, { suppressed }) => sum + suppressed, 0),
    not_evaluated: runs.flatMap(({ compiled, evaluation }) =>
      evaluation.status === "not_evaluated"
        ? [{ rule_id: compiled.detection.meta.id, reason: evaluation.why.reason }]
        : []
    ),
    partial: runs.flatMap(({ compiled, evaluation }) =>
      evaluation.status === "evaluated" && evaluation.partial
        ? [{ rule_id: compiled.detection.meta.id, ...evaluation.partial }]
        : []
    ),
  };
}
