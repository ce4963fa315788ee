import type { AskedKey, TableOutcome } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { TableSpec } from "../schema/types.ts";
import type { StoreReader } from "../store/mod.ts";
import { buildImage, type LoadedTable } from "./image.ts";
import type { Sandbox, SandboxImage } from "./sandbox/sandbox.ts";
import type { ResourceDigests } from "./triggers/resources.ts";

/** What queries are evaluated over: rows of one scan or of several, and how their collection ended. */
export interface View {
  /** The scan that is judged. */
  readonly scan_id: number;
  /** The value of `:since`, ms since the epoch: later rows of the stored history are here. Absent without lookback. */
  readonly since?: number;
  /** The rows. */
  readonly image: SandboxImage;
  /** Rows and gaps of each table that has any, by its name in the image. */
  readonly tables: ReadonlyMap<string, LoadedTable>;
  /** How and when each table was collected; over history, when last, and whether any scan lacks rows. */
  readonly collected: ReadonlyMap<string, ScanTable>;
  /**
   * Tables whose rows were asked for key by key, with the resources that they depend on: the image has the keys. Rows that
   * were given, as fixtures give them, were not asked for.
   */
  readonly asked?: ReadonlyMap<string, Pick<TableSpec, "resources">>;
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
  /** Digests of the resources whose rows are shown, by kind. */
  readonly resources?: ResourceDigests;
  /** Tables that were collected key by key and are not stored; they are shown instead of what is stored of them. */
  readonly extra?: readonly CollectedTable[];
  /** Events, the rows of each table in their order. */
  readonly events?: readonly RecordBatch[];
  /** Whether these are all events, by table, where somebody knows. */
  readonly streamed?: ReadonlyMap<string, TableOutcome>;
}

/** A table with its rows, which have the columns that the store fills. */
export interface CollectedTable {
  /** How it was collected. */
  readonly table: ScanTable;
  /** Its rows. */
  readonly batches: readonly RecordBatch[];
  /** The keys that it was asked for. */
  readonly keys: readonly AskedKey[];
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
  // Rows that an earlier scan asked for are those of other keys.
  const missing = new Set([...names ?? []].filter((name) => !catalogue.get(name)?.requires));
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
  const { only, events, streamed, maxSize, extra = [], resources = {} } = options;
  const shown = new Set(extra.map(({ table }) => table.table));
  const sources = options.sources.filter(({ table }) => !shown.has(table.table));
  const filled = Map.groupBy(
    sources.filter(({ table }) => table.rows > 0),
    ({ table }) => table.table,
  );
  const own = <T extends { readonly resources?: string }>(table: string) => {
    const kind = catalogue.get(table)?.resources;
    return (one: T) => one.resources === undefined || kind && one.resources === resources[kind];
  };
  async function* rowsByKey(table: string, key: string): AsyncGenerator<RecordBatch> {
    const isShown = own(table);
    yield* extra.find((one) => one.table.table === table)?.batches
      .filter((batch) => batch.key === key && isShown(batch)) ?? [];
    for await (const batch of batchesOf(store, filled.get(table) ?? [])) {
      if (batch.key === key && isShown(batch)) yield batch;
    }
  }
  const asked = await askedKeys(store, catalogue, sources);
  for (const { table: { table }, keys } of extra) asked.set(table, keys);
  const collected = new Map(options.collected);
  for (const { table } of extra) collected.set(table.table, table);
  // What is missing of such a table is a matter of the keys.
  for (const [table, one] of collected) {
    if (asked.has(table) && one.outcome.status === "partial") {
      collected.set(table, { ...one, outcome: { status: "complete" } });
    }
  }
  const image = await buildImage({
    catalogue,
    platform,
    tables: [
      ...[...filled].filter(([table]) => !asked.has(table))
        .map(([table, scans]) => ({ table, batches: batchesOf(store, scans) })),
      ...[...asked.keys()].flatMap((table) =>
        (catalogue.get(table)?.requires ?? []).map((key) => ({
          table,
          key,
          batches: rowsByKey(table, key),
        }))
      ),
    ],
    ...(asked.size > 0 && {
      asked: new Map([...asked].map(([table, keys]) => [table, keys.filter(own(table))])),
    }),
    ...(only && { only }),
    ...(events && { events }),
    ...(maxSize !== undefined && { maxSize }),
  });
  return {
    scan_id,
    image: sandbox.load(image.bytes),
    tables: image.tables,
    collected,
    ...(asked.size > 0 && {
      asked: new Map([...asked.keys()].map((table) => [table, catalogue.get(table)!])),
    }),
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

/** The keys that the tables of scans were asked for; a table whose rows were given has none. */
async function askedKeys(
  store: StoreReader,
  catalogue: Catalogue,
  sources: readonly TableSource[],
): Promise<Map<string, readonly AskedKey[]>> {
  const found = new Map<string, readonly AskedKey[]>();
  for (const { scan_id, table: { table } } of sources) {
    if (!catalogue.get(table)?.requires) continue;
    const keys = await store.asked(scan_id, table);
    if (keys) found.set(table, [...found.get(table) ?? [], ...keys]);
  }
  return found;
}
