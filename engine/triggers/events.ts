import type { Collectors } from "../../collectors/mod.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import type { NotEvaluated } from "../../model/verdict.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import { fillStoredColumns } from "../../store/mod.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { CollectedTable, View } from "../view.ts";
import { collectTriggers, type TriggeredTable } from "./collect.ts";

/** Options of {@linkcode collectForEvents}. */
export interface EventTriggerOptions {
  /** The scan whose rows are the state that the events are judged over. */
  readonly manifest: ScanManifest;
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Where queries for keys run. */
  readonly sandbox: Sandbox;
  /** Who reads the host. */
  readonly collectors: Collectors;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /** The view with rows that were collected since. */
  readonly reload: (extra: readonly CollectedTable[]) => Promise<View | NotEvaluated>;
}

/**
 * Asks at once for the rows whose keys events have, or rows of the state that they are joined to. What is asked for is
 * shown beside the scan and not stored with it.
 *
 * @param view the events and the state, without any row that needs a key
 */
export async function collectForEvents(
  detections: readonly CompiledDetection[],
  view: View,
  { manifest, reload, ...options }: EventTriggerOptions,
): Promise<readonly CollectedTable[]> {
  const { now } = options;
  const { scan_id, host, platform } = manifest;
  const happened = detections.filter(({ plan: { events } }) =>
    events.possible && (view.events?.get(events.stream)?.rows ?? 0) > 0
  );
  const batches = new Map<string, RecordBatch[]>();
  const shown = ({ table, time, outcome, keys }: TriggeredTable): CollectedTable => {
    const own = batches.get(table) ?? [];
    const rows = own.reduce((sum, batch) => sum + batch.rows, 0);
    return { table: { table, rows, collection_time: time, outcome }, batches: own, keys };
  };
  const nothing = (table: string): TriggeredTable => ({
    table,
    time: now,
    outcome: { status: "complete" },
    keys: [],
  });
  const tables = await collectTriggers({
    ...options,
    queries: happened,
    platform,
    scan_id,
    onEvents: true,
    async image() {
      if (batches.size === 0) return view.image;
      const next = await reload([...batches.keys()].map((table) => shown(nothing(table))));
      return "kind" in next ? view.image : next.image;
    },
    write(batch) {
      const { acknowledge: _, ...rows } = batch;
      const own = batches.get(batch.table) ?? [];
      batches.set(batch.table, own);
      own.push(fillStoredColumns(rows, { scan_id, host, collection_time: now }));
      return Promise.resolve();
    },
  });
  const known = new Set(tables.map(({ table }) => table));
  const silent = new Set(
    detections.flatMap(({ plan }) => plan.triggers.map(({ table }) => table)),
  ).difference(known);
  return [...tables, ...[...silent].map(nothing)].map(shown);
}
