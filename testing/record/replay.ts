import { detect } from "../../engine/detect.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { Alert } from "../../model/alert.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import type { Partial } from "../../model/verdict.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { openStore, type Store } from "../../store/mod.ts";
import { batchOf, type Recording } from "./recording.ts";

/** What a detection makes of a recording. */
export interface Replay {
  readonly alerts: readonly Alert[];
  /** Rows that count, those among them that suppression leaves out. */
  readonly hits: number;
  /** Why there is no result; absent where there is one. */
  readonly not_evaluated?: string;
  /** Rows that could be judged, where not all could. */
  readonly partial?: Partial;
}

/** What recordings are replayed with. */
export interface ReplayOptions {
  readonly compiled: CompiledDetection;
  readonly catalogue: Catalogue;
  readonly sandbox: Sandbox;
}

/** Judges a recording as a host would judge its first scan: a new store, the detection, its alerts. */
export async function replay(
  recording: Recording,
  { compiled, catalogue, sandbox }: ReplayOptions,
): Promise<Replay> {
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "daemoneye record",
    catalogue,
  });
  const manifest = await storeRecording(store, recording);
  const detections = [compiled];
  const now = recording.at;
  const { runs, alerts } = await detect({ store, manifest, sandbox, detections, catalogue, now });
  const { evaluation, excepted } = runs[0]!;
  if (evaluation.status === "not_evaluated") {
    return { alerts, hits: 0, not_evaluated: evaluation.why.reason };
  }
  const { result, partial } = evaluation;
  return { alerts, hits: result.rows.length - excepted.size, ...(partial && { partial }) };
}

/** Stores a recording as the scan that it was. */
export async function storeRecording(
  store: Store,
  { host, platform, at, tables }: Recording,
): Promise<ScanManifest> {
  const writer = await store.beginScan({ host, platform, started: at });
  for (const [name, table] of tables) {
    if (table.rows.length > 0) await writer.write(batchOf(table));
    writer.endTable(name, at, table.outcome);
  }
  return await writer.commit([], at);
}
