import type { AskedKey } from "../model/collection.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { corrupt, decode, join } from "./codec.ts";
import type { Database, Entry } from "./database.ts";
import { StoreError } from "./error.ts";
import type { FreshPages } from "./fresh.ts";
import { type HeldScans, withHeld } from "./held.ts";
import { keysOfTable, lastScanKey, pagesKey, scanKey, scansKey } from "./keys.ts";
import { fillStoredColumns, restorePage } from "./pages.ts";
import { readRecord, type StoredScan } from "./records.ts";

/** Which scans are wanted. */
export interface ScanQuery {
  /** At most so many. */
  readonly limit?: number;
  /** Only those with a lower id. */
  readonly before?: number;
  /** Newest first; otherwise oldest first. */
  readonly reverse?: boolean;
}

/** The manifests of committed scans, in the order of their ids. */
export async function scans(database: Database, query: ScanQuery = {}): Promise<ScanManifest[]> {
  const found: ScanManifest[] = [];
  const limit = query.limit ?? Infinity;
  if (limit <= 0) return found;
  const end = query.before === undefined ? {} : { end: scanKey(query.before) };
  const entries = database.list({ prefix: scansKey, ...end }, {
    reverse: query.reverse ?? false,
    batch: Math.min(limit, 100),
  });
  for await (const entry of entries) {
    found.push(readScan(entry).manifest);
    if (found.length >= limit) break;
  }
  return found;
}

/** The manifest of a committed scan. */
export async function manifest(
  database: Database,
  held: HeldScans,
  scan_id: number,
): Promise<ScanManifest | null> {
  return (await storedScan(database, held, scan_id))?.manifest ?? null;
}

/** The highest id that was ever given to a scan; 0 where there was none. */
export async function lastScanId(database: Database): Promise<number> {
  const bytes = await database.get(lastScanKey);
  const [newest] = await scans(database, { limit: 1, reverse: true });
  return Math.max(bytes ? readRecord("count", bytes) : 0, newest?.scan_id ?? 0);
}

/** See {@linkcode StoreReader.batches}. */
export async function* batches(
  database: Database,
  held: HeldScans,
  fresh: FreshPages,
  catalogue: Catalogue,
  scan_id: number,
  table: string,
): AsyncGenerator<RecordBatch> {
  const spec = catalogue.get(table);
  if (!spec) throw new RangeError(`there is no table ${table}`);
  const scan = await storedScan(database, held, scan_id);
  if (!scan) throw new StoreError("missing", `there is no scan ${scan_id}`);
  const entry = scan.manifest.tables.find((one) => one.table === table);
  if (!entry) throw new StoreError("missing", `scan ${scan_id} has no table ${table}`);

  const { host, platform } = scan.manifest;
  const stored = { scan_id, host, collection_time: entry.collection_time };
  const what = `a page of ${table} in scan ${scan_id}`;
  let rows = 0;
  const values = fresh.of(scan_id, table) ?? pageValues(database, held, scan, table, what);
  for await (const value of values) {
    const page = restorePage(value, spec, platform);
    rows += page.rows;
    yield fillStoredColumns(page, stored);
  }
  if (rows !== entry.rows) throw corrupt(what);
}

/** See {@linkcode StoreReader.asked}. */
export async function asked(
  database: Database,
  held: HeldScans,
  scan_id: number,
  table: string,
): Promise<readonly AskedKey[] | undefined> {
  const scan = await storedScan(database, held, scan_id);
  const name = keysOfTable(table);
  if (!scan?.pages[name]) return undefined;
  const what = `the ${name} in scan ${scan_id}`;
  const keys: AskedKey[] = [];
  for await (const bytes of pageBytes(database, held, scan, name)) {
    if (!bytes) throw await lost(database, scan_id, what);
    keys.push(...readRecord("keys", bytes));
  }
  return keys;
}

async function* pageValues(
  database: Database,
  held: HeldScans,
  scan: StoredScan,
  table: string,
  what: string,
): AsyncGenerator<unknown> {
  for await (const bytes of pageBytes(database, held, scan, table)) {
    if (!bytes) throw await lost(database, scan.manifest.scan_id, what);
    yield decode(bytes, what);
  }
}

/** The bytes of each page of a table, or `null` and no more where a part of one is not there. */
async function* pageBytes(
  database: Database,
  held: HeldScans,
  { manifest: { scan_id }, pages }: StoredScan,
  table: string,
): AsyncGenerator<Uint8Array | null> {
  const entries = withHeld(
    database.list({ prefix: pagesKey(scan_id, table) }, { batch: 16 }),
    held.get(scan_id)?.parts.get(table),
  );
  for (const [page, count] of (pages[table] ?? []).entries()) {
    const parts: Uint8Array[] = [];
    while (parts.length < count) {
      const { value: entry } = await entries.next();
      if (!entry || entry.key[3] !== page || entry.key[4] !== parts.length) return yield null;
      parts.push(entry.value);
    }
    yield join(parts);
  }
}

async function lost(database: Database, scan_id: number, what: string): Promise<StoreError> {
  return await database.get(scanKey(scan_id))
    ? corrupt(what)
    : new StoreError("expired", `scan ${scan_id} was removed while it was read`);
}

async function storedScan(
  database: Database,
  held: HeldScans,
  scan_id: number,
): Promise<StoredScan | null> {
  const own = held.get(scan_id);
  if (own) return own.scan;
  const key = scanKey(scan_id);
  const value = await database.get(key);
  return value && readScan({ key, value });
}

/** Reads a manifest and checks that it stands at its own key. */
export function readScan({ key, value }: Entry): StoredScan {
  const scan = readRecord("scan", value);
  if (scan.manifest.scan_id !== key[1]) throw corrupt("a scan");
  return scan;
}
