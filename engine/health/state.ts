import type { AuditLog, Link } from "../../audit/mod.ts";
import type { Collectors } from "../../collectors/mod.ts";
import type { Alert } from "../../model/alert.ts";
import type { CollectorStatus } from "../../model/collection.ts";
import type { Severity } from "../../model/detection.ts";
import type { ScanSummary } from "../../model/summary.ts";
import type { Store } from "../../store/mod.ts";
import type { Delivery, SinkStatus } from "../delivery/mod.ts";
import { ENOUGH_MEMORY, type MemoryState, type MemoryWatch } from "../memory_pressure.ts";
import { reasonToRest } from "../rule_health.ts";
import { measureSpace, type Space } from "./space.ts";

/** What is counted since the start. */
export interface Counts {
  readonly scans: number;
  /** Of all scans together, ms. */
  readonly scan_time: number;
  /** When the last scan ended, ms since the epoch, and how long it took, ms; absent before the first. */
  readonly last_scan?: { readonly scan_id: number; readonly time: number; readonly took: number };
  /** Runs of detections. */
  readonly evaluated: number;
  readonly not_evaluated: number;
  readonly partial: number;
  readonly matched: number;
  readonly skipped: number;
  readonly suppressed: number;
  /** Events that were not judged, by detection. */
  readonly missed: ReadonlyMap<string, number>;
  readonly alerts: ReadonlyMap<Severity, number>;
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
}

/** How an agent fares at a moment. */
export interface HealthState extends Counts {
  /** ms since the epoch. */
  readonly now: number;
  /** ms by a clock that nobody sets. */
  readonly elapsed: number;
  /** When the agent was started, ms since the epoch. */
  readonly started: number;
  /** Detections that are switched off, and those that rest. */
  readonly off: number;
  readonly resting: number;
  readonly collectors: readonly CollectorStatus[];
  readonly sinks: readonly SinkStatus[];
  readonly audit: Link & { readonly waiting: number; readonly lost: number };
  /** Resident memory of this process, bytes. */
  readonly memory: number;
  /** What is done because memory is scarce, if it is. */
  readonly scarcity: MemoryState;
  readonly space: Space;
}

/** Counts what an agent does. */
export interface Tally {
  /** A scan has ended. */
  scanned(summary: ScanSummary): void;
  /** An alert was stored. */
  raised(alert: Alert): void;
  /** What was counted so far. */
  counts(): Counts;
}

/** Begins to count. */
export function createTally(): Tally {
  const sums = {
    scans: 0,
    scan_time: 0,
    evaluated: 0,
    not_evaluated: 0,
    partial: 0,
    matched: 0,
    skipped: 0,
    suppressed: 0,
  };
  let last_scan: Counts["last_scan"];
  const alerts = new Map<Severity, number>();
  const rows = new Map<string, number>();
  const missed = new Map<string, number>();
  return {
    scanned(summary) {
      const { scan_id, duration_ms, detections, not_evaluated, skipped = [] } = summary;
      sums.scans++;
      sums.scan_time += duration_ms;
      sums.evaluated += detections - not_evaluated.length;
      sums.not_evaluated += not_evaluated.length;
      sums.partial += summary.partial.length;
      sums.matched += summary.matched;
      sums.suppressed += summary.suppressed;
      for (const { count } of skipped) sums.skipped += count;
      for (const { rule_id, events } of summary.missed ?? []) {
        missed.set(rule_id, (missed.get(rule_id) ?? 0) + events);
      }
      for (const [table, count] of Object.entries(summary.rows)) {
        rows.set(table, (rows.get(table) ?? 0) + count);
      }
      last_scan = { scan_id, time: Date.now(), took: duration_ms };
    },
    raised: ({ severity }) => void alerts.set(severity, (alerts.get(severity) ?? 0) + 1),
    counts: () => ({ ...sums, ...(last_scan && { last_scan }), alerts, rows, missed }),
  };
}

/** What the state of an agent is read from. */
export interface HealthSources {
  readonly tally: Tally;
  readonly store: Pick<Store, "ruleStates">;
  readonly collectors: Pick<Collectors, "statuses">;
  readonly delivery: Pick<Delivery, "status">;
  readonly audit: AuditLog;
  /** How scarce memory is; nobody looks, if absent. */
  readonly memory?: Pick<MemoryWatch, "now">;
  /** The file of the store. */
  readonly state: string;
  /** When the agent was started, ms since the epoch. */
  readonly started: number;
}

/** Reads how an agent fares. */
export async function healthState(
  { tally, store, collectors, delivery, audit, memory, state, started }: HealthSources,
): Promise<HealthState> {
  // Both at the same moment: what they have gone apart is what the clock was set.
  const [now, elapsed] = [Date.now(), performance.now()];
  const states = await store.ruleStates();
  return {
    ...tally.counts(),
    now,
    elapsed,
    started,
    off: states.filter(({ enabled }) => !enabled).length,
    resting: states.filter((one) => one.enabled && reasonToRest(one, now) !== undefined).length,
    collectors: collectors.statuses(),
    sinks: await delivery.status(),
    audit: { ...audit.head(), ...audit.unwritten() },
    memory: Deno.memoryUsage().rss,
    scarcity: memory?.now() ?? ENOUGH_MEMORY,
    space: measureSpace(state),
  };
}
