import type { AskedKey, TableOutcome } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import type { StoreReader } from "../store/mod.ts";
import { buildImage, type LoadedEvents, loadedEvents, type LoadedTable } from "./image.ts";
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
  readonly events?: ReadonlyMap<string, LoadedEvents>;
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
  /** Tables of which no query will read the events: they need not be in the image. */
  readonly unread?: ReadonlySet<string>;
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

/** Rows of scans as an image. Views that show the same of them share it; each lays over it what is its own. */
export interface State extends Pick<View, "scan_id" | "image" | "tables" | "collected"> {
  /** The platform of the host. */
  readonly platform: Platform;
  /** The keys that tables were asked for, by table. */
  readonly asked: ReadonlyMap<string, readonly AskedKey[]>;
}

/** What a state shows. */
export interface StateOptions extends Pick<ViewOptions, "only" | "resources"> {
  /** Tables, each as scans have it, oldest first. */
  readonly sources: readonly TableSource[];
  /** What is to be said of each table. */
  readonly collected: ReadonlyMap<string, ScanTable>;
  /** See {@linkcode ImageOptions.maxSize}. */
  readonly maxSize?: number;
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
  const { sources } = await newestTables(store, manifest, catalogue, options);
  const collected = new Map(sources.map(({ table }) => [table.table, table]));
  const state = await stateOf(store, manifest, catalogue, sandbox, {
    ...options,
    sources,
    collected,
  });
  return await viewOver(state, catalogue, sandbox, options);
}

/**
 * The newest rows of each table: of the scan, or where it did not ask for them of an earlier one.
 *
 * @returns when the earliest of these scans began, ms since the epoch, and whether nothing was looked for in vain
 */
export async function newestTables(
  store: StoreReader,
  manifest: ScanManifest,
  catalogue: Catalogue,
  { only, oldest }: Pick<ViewOptions, "only" | "oldest">,
): Promise<
  { readonly sources: readonly TableSource[]; readonly earliest: number; readonly whole: boolean }
> {
  const names = only && new Set(only.map(({ table }) => table));
  const sources = manifest.tables.filter(({ table }) => names?.has(table) ?? true)
    .map((table): TableSource => ({ scan_id: manifest.scan_id, table }));
  let earliest = manifest.started;
  // Rows that an earlier scan asked for are those of other keys.
  const missing = new Set([...names ?? []].filter((name) => !catalogue.get(name)?.requires));
  for (const { table } of sources) missing.delete(table.table);
  if (missing.size > 0 && oldest !== undefined) {
    for await (const earlier of scansSince(store, manifest, oldest)) {
      for (const table of earlier.tables) {
        if (!missing.delete(table.table)) continue;
        sources.push({ scan_id: earlier.scan_id, table });
        earliest = Math.min(earliest, earlier.started);
      }
      if (missing.size === 0) break;
    }
  }
  return { sources, earliest, whole: missing.size === 0 };
}

/** How many manifests are read at a time. */
const SCANS = 50;

/** So many scans in a row that are too old are no matter of the clock: those before them are older still. */
const OLD_IN_A_ROW = 50;

/**
 * The scans before another one that began at a time, ms since the epoch, or later, newest first. Clocks are set: a scan that
 * was begun by one that was behind does not hide those before it, and what was begun by one that was ahead is left out.
 */
export async function* scansSince(
  store: StoreReader,
  manifest: ScanManifest,
  oldest: number,
): AsyncGenerator<ScanManifest> {
  let old = 0;
  for await (const earlier of scansBefore(store, manifest)) {
    if (earlier.started < oldest) {
      if (++old === OLD_IN_A_ROW) return;
      continue;
    }
    old = 0;
    if (earlier.started <= manifest.started) yield earlier;
  }
}

/** The scans before another one, newest first. */
async function* scansBefore(
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
 * Builds the image of tables of scans.
 *
 * @throws {ImageTooLarge} beyond `maxSize`
 */
export async function stateOf(
  store: StoreReader,
  { scan_id, platform }: ScanManifest,
  catalogue: Catalogue,
  sandbox: Sandbox,
  { only, resources, sources, collected, maxSize }: StateOptions,
): Promise<State> {
  const filled = Map.groupBy(
    sources.filter(({ table }) => table.rows > 0),
    ({ table }) => table.table,
  );
  async function* rowsByKey(table: string, key: string): AsyncGenerator<RecordBatch> {
    const isShown = ownRows(catalogue, table, resources);
    for await (const batch of batchesOf(store, filled.get(table) ?? [])) {
      if (batch.key === key && isShown(batch)) yield batch;
    }
  }
  const asked = new Map(
    [...await askedKeys(store, catalogue, sources)]
      .map(([table, keys]) => [table, keys.filter(ownRows(catalogue, table, resources))]),
  );
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
    ...(asked.size > 0 && { asked }),
    ...(only && { only }),
    ...(maxSize !== undefined && { maxSize }),
  });
  return {
    scan_id,
    platform,
    image: sandbox.load(image.bytes),
    tables: image.tables,
    collected: new Map(
      [...collected].map(([name, one]) => [name, asked.has(name) ? matterOfKeys(one) : one]),
    ),
    asked,
  };
}

/**
 * A state with the events of a view, and the rows that were collected for it. What is laid over the image is what differs
 * from one view to the next.
 *
 * @throws {ImageTooLarge} beyond `maxSize`
 */
export async function viewOver(
  state: State,
  catalogue: Catalogue,
  sandbox: Sandbox,
  { only, resources, events, unread, streamed, extra = [], maxSize }:
    & Omit<ViewOptions, "oldest">
    & Pick<StateOptions, "maxSize">,
): Promise<View> {
  const { scan_id, platform } = state;
  const asked = new Map(state.asked);
  const collected = new Map(state.collected);
  const tables = new Map(state.tables);
  for (const { table, keys } of extra) {
    const name = table.table;
    asked.set(name, keys.filter(ownRows(catalogue, name, resources)));
    collected.set(name, matterOfKeys(table));
    tables.delete(name);
  }
  const read = events?.filter(({ table }) => !unread?.has(table)) ?? [];
  const over = (extra.length > 0 || read.length > 0) && await buildImage({
    catalogue,
    platform,
    over: true,
    tables: extra.flatMap(({ table: { table }, batches }) => {
      const isShown = ownRows(catalogue, table, resources);
      return (catalogue.get(table)?.requires ?? []).map((key) => ({
        table,
        key,
        batches: batches.filter((batch) => batch.key === key && isShown(batch)),
      }));
    }),
    ...(extra.length > 0 && { asked }),
    ...(only && { only }),
    events: read,
    ...(maxSize !== undefined && { maxSize }),
  });
  return {
    scan_id,
    image: over ? sandbox.lay(over.bytes, state.image) : state.image,
    tables: over ? new Map([...tables, ...over.tables]) : tables,
    collected,
    ...(asked.size > 0 && {
      asked: new Map([...asked.keys()].map((table) => [table, catalogue.get(table)!])),
    }),
    ...(events && { events: loadedEvents(events) }),
    ...(streamed && { streamed }),
  };
}

/** Whether rows or keys of a table are those of the resources that are shown. */
function ownRows(
  catalogue: Catalogue,
  table: string,
  resources: ResourceDigests = {},
): (one: { readonly resources?: string }) => boolean {
  const kind = catalogue.get(table)?.resources;
  return (one) =>
    one.resources === undefined || kind !== undefined && one.resources === resources[kind];
}

/** A table that was asked for by keys: what is missing of it is a matter of the keys. */
function matterOfKeys(table: ScanTable): ScanTable {
  return table.outcome.status === "partial" ? { ...table, outcome: { status: "complete" } } : table;
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
