import { rowData } from "../../alerts/mod.ts";
import { detect, type DetectionRun } from "../../engine/detect.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { Alert, JsonValue } from "../../model/alert.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { openStore, type Store, type StoreReader } from "../../store/mod.ts";

/** A result row as JSON shows it. */
export type ResultRow = Readonly<Record<string, JsonValue>>;

/** Options of {@linkcode backtest}. */
export interface BacktestOptions {
  /** Where the scans are; nothing is written there. */
  readonly history: StoreReader;
  /** The scans, oldest first. */
  readonly scans: readonly ScanManifest[];
  readonly compiled: CompiledDetection;
  readonly catalogue: Catalogue;
  readonly sandbox: Sandbox;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** What a detection would have made of a scan. */
export interface ScanVerdict {
  readonly scan_id: number;
  readonly host: string;
  /** ms since the epoch. */
  readonly time: number;
  /** Why there is no result; absent where there is one. */
  readonly not_evaluated?: string;
  /** Rows that could be judged, where not all could. */
  readonly partial?: { readonly evaluated: number; readonly of: number; readonly reason: string };
  /** Rows of the result that no exception excludes. */
  readonly rows: readonly ResultRow[];
  /** Alerts that it would have raised, after suppression and everything else that its state decides. */
  readonly alerts: readonly Alert[];
  /** Hits that would have raised no alert because an earlier one stood for them. */
  readonly suppressed: number;
  /** Time that the query took, ms; 0 where there is no result. */
  readonly duration_ms: number;
}

/**
 * Evaluates a detection over scans one after the other, each as if it had just been made. What the detection remembers
 * from scan to scan (its state, open suppression windows) begins empty, lives in memory and is forgotten afterwards.
 */
export async function* backtest(options: BacktestOptions): AsyncGenerator<ScanVerdict> {
  const { history, scans, compiled, catalogue, sandbox, onProgress } = options;
  using memory = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "daemoneye backtest",
    catalogue,
  });
  for (const [index, manifest] of scans.entries()) {
    onProgress?.(`scan ${index + 1} of ${scans.length}`);
    if (!compiled.detection.meta.platforms.includes(manifest.platform)) {
      yield { ...nothing(manifest), not_evaluated: `it is not meant for ${manifest.platform}` };
      continue;
    }
    const store = asOf(manifest, history, memory);
    const now = manifest.started;
    const detections = [compiled];
    try {
      const { runs, alerts } = await detect({
        store,
        manifest,
        sandbox,
        detections,
        catalogue,
        now,
      });
      yield verdict(manifest, runs[0]!, alerts);
    } catch (error) {
      // A scan that was removed or broken meanwhile says nothing, and the others still do.
      yield { ...nothing(manifest), not_evaluated: (error as Error).message };
    }
  }
}

/** The history as it was when a scan had just been made, with states and alerts in memory. */
function asOf(manifest: ScanManifest, history: StoreReader, memory: Store): Store {
  const next = manifest.scan_id + 1;
  return {
    ...memory,
    scans: (query) => history.scans({ ...query, before: Math.min(query?.before ?? next, next) }),
    latest: () => Promise.resolve(manifest),
    manifest: (scan_id) => scan_id < next ? history.manifest(scan_id) : Promise.resolve(null),
    batches: history.batches,
    asked: history.asked,
  };
}

function nothing({ scan_id, host, started }: ScanManifest): ScanVerdict {
  return { scan_id, host, time: started, rows: [], alerts: [], suppressed: 0, duration_ms: 0 };
}

function verdict(
  manifest: ScanManifest,
  { evaluation, excepted, suppressed }: DetectionRun,
  alerts: readonly Alert[],
): ScanVerdict {
  if (evaluation.status === "not_evaluated") {
    return { ...nothing(manifest), alerts, not_evaluated: evaluation.why.reason };
  }
  const { result: { columns, rows, duration_ms }, partial } = evaluation;
  return {
    ...nothing(manifest),
    ...(partial && { partial }),
    rows: rows.filter((_, index) => !excepted.has(index)).map((row) => rowData(columns, row)),
    alerts,
    suppressed,
    duration_ms,
  };
}
