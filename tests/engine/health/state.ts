import type { HealthState } from "../../../engine/health/state.ts";
import { ENOUGH_MEMORY } from "../../../engine/memory_pressure.ts";
import type { CollectorStatus } from "../../../model/collection.ts";
import type { SinkStatus } from "../../../engine/delivery/mod.ts";

/** The state of an agent to which nothing has happened. */
export const QUIET: HealthState = {
  now: 1_000_000,
  elapsed: 5_000,
  started: 900_000,
  scans: 2,
  scan_time: 700,
  last_scan: { scan_id: 2, time: 990_000, took: 300 },
  evaluated: 10,
  not_evaluated: 2,
  partial: 1,
  matched: 1,
  skipped: 0,
  suppressed: 4,
  missed: new Map([["r1", 12]]),
  alerts: new Map([["high", 1]]),
  rows: new Map([["processes", 200]]),
  off: 0,
  resting: 0,
  collectors: [],
  sinks: [],
  audit: { seq: 7, hash: "0".repeat(64), waiting: 0, lost: 0 },
  memory: 50_000_000,
  scarcity: ENOUGH_MEMORY,
  space: { store: 4096, disk: { free: 50e9, size: 100e9 } },
};

/** A collector that runs. */
export function collector(more: Partial<CollectorStatus> = {}): CollectorStatus {
  return {
    name: "procmond",
    kind: "monitor",
    tables: ["processes"],
    state: "running",
    permissions: [],
    report: {
      name: "procmond",
      confinement: "namespaces",
      rows: 200,
      dropped: 0,
      duration_ms: 40,
    },
    ...more,
  } as CollectorStatus;
}

/** A sink that takes what it is told. */
export function sink(more: Partial<SinkStatus> = {}): SinkStatus {
  return {
    sink: "webhook",
    configured: true,
    waiting: 0,
    dead: 0,
    oldest: null,
    breaker: "closed",
    delivered: 3,
    ...more,
  };
}
