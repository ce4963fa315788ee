import type { TableOutcome } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { StoreReader } from "../store/mod.ts";
import { buildImage, type LoadedTable } from "./image.ts";
import type { Sandbox, SandboxImage } from "./sandbox/sandbox.ts";

/** What queries are evaluated over: rows of one scan or of several, and how their collection ended. */
export interface View {
  /** The scan that is judged. */
  readonly scan_id: number;
  /** The value of `:since`, ms since the epoch: later rows of the stored history are here. Absent without lookback. */
  readonly since?: number;
  /** The rows. */
  readonly image: SandboxImage;
  /** Rows and gaps of each table that has any. */
  readonly tables: ReadonlyMap<string, LoadedTable>;
  /** How and when each table was collected; over history, when last, and whether any scan lacks rows. */
  readonly collected: ReadonlyMap<string, ScanTable>;
  /** The events of each table that they stream from; absent where there is no stream. */
  readonly events?: ReadonlyMap<string, LoadedTable>;
  /** Whether these are all events, by table, where somebody knows. */
  readonly streamed?: ReadonlyMap<string, TableOutcome>;
}

/** What a view shows besides the newest rows. */
export interface ViewOptions {
  /** What will be read; everything in the scan, if absent. */
  readonly only?: readonly TableRead[];
  /** Tables that the scan did not ask for are shown as an earlier one has them, down to this time (ms). */
  readonly oldest?: number;
  /** Events, the rows of each table in their order. */
  readonly events?: readonly RecordBatch[];
  /** Whether these are all events, by table, where somebody knows. */
  readonly streamed?: ReadonlyMap<string, TableOutcome>;
}

/** A table as one scan has it. */
export interface TableSource {
  readonly scan_id: number;
  readonly table: ScanTable;
}

/**
 * Reads the newest rows of each table back from the store as a view that queries can be evaluated over.
 *
 * @throws {StoreError} where the rows cannot be read
 */
export async function loadView(
  store: StoreReader,
  manifest: ScanManifest,
  catalogue: Catalogue,
  sandbox: Sandbox,
  options: ViewOptions = {},
): Promise<View> {
  const { only, oldest } = options;
  const names = only && new Set(only.map(({ table }) => table));
  const sources = manifest.tables.filter(({ table }) => names?.has(table) ?? true)
    .map((table): TableSource => ({ scan_id: manifest.scan_id, table }));
  const missing = new Set(names);
  for (const { table } of sources) missing.delete(table.table);
  if (missing.size > 0 && oldest !== undefined) {
    for await (const earlier of scansBefore(store, manifest)) {
      if (earlier.started < oldest) break;
      // Such a scan was made before the clock was set back.
      if (earlier.started > manifest.started) continue;
      for (const table of earlier.tables) {
        if (missing.delete(table.table)) sources.push({ scan_id: earlier.scan_id, table });
      }
      if (missing.size === 0) break;
    }
  }
  const collected = new Map(sources.map(({ table }) => [table.table, table]));
  return await viewOf(store, manifest, catalogue, sandbox, { ...options, sources, collected });
}

/** How many manifests are read at a time. */
const SCANS = 50;

/** The scans before another one, newest first. */
export async function* scansBefore(
  store: StoreReader,
  { scan_id }: ScanManifest,
): AsyncGenerator<ScanManifest> {
  for (let before = scan_id;;) {
    const scans = await store.scans({ before, reverse: true, limit: SCANS });
    yield* scans;
    if (scans.length < SCANS) return;
    before = scans.at(-1)!.scan_id;
  }
}

/**
 * Builds the image of a view from tables of scans.
 *
 * @throws {ImageTooLarge} beyond `maxSize`
 */
export async function viewOf(
  store: StoreReader,
  { scan_id, platform }: ScanManifest,
  catalogue: Catalogue,
  sandbox: Sandbox,
  options: ViewOptions & Pick<View, "collected"> & {
    readonly sources: readonly TableSource[];
    /** See {@linkcode ImageOptions.maxSize}. */
    readonly maxSize?: number;
  },
): Promise<View> {
  const { sources, collected, only, events, streamed, maxSize } = options;
  const filled = Map.groupBy(
    sources.filter(({ table }) => table.rows > 0),
    ({ table }) => table.table,
  );
  const image = await buildImage({
    catalogue,
    platform,
    tables: [...filled].map(([table, scans]) => ({ table, batches: batchesOf(store, scans) })),
    ...(only && { only }),
    ...(events && { events }),
    ...(maxSize !== undefined && { maxSize }),
  });
  return {
    scan_id,
    image: sandbox.load(image.bytes),
    tables: image.tables,
    collected,
    ...(events && { events: image.events }),
    ...(streamed && { streamed }),
  };
}

async function* batchesOf(
  store: StoreReader,
  sources: readonly TableSource[],
): AsyncGenerator<RecordBatch> {
  for (const { scan_id, table } of sources) yield* store.batches(scan_id, table.table);
}
