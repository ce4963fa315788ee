import type { AskedKey, CollectorReport, TableOutcome } from "../model/collection.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { Platform } from "../schema/types.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { cut, encode, encodeText } from "./codec.ts";
import type { Database, Entry } from "./database.ts";
import type { FreshPages } from "./fresh.ts";
import { forget, type HeldScans, MAX_HELD, openRowWriter } from "./held.ts";
import {
  FORMAT,
  formatKey,
  keysOfTable,
  lastScanKey,
  partKey,
  scanKey,
  unfinishedScanKey,
} from "./keys.ts";
import { pagesOf, pageText } from "./pages.ts";
import { type Reserve, unlessFull } from "./reserve.ts";
import type { StoredScan } from "./records.ts";
import { sweep } from "./sweep.ts";

/** What is known of a scan when it begins. */
export interface ScanStart {
  /** Name of the host. */
  readonly host: string;
  /** Its operating system. */
  readonly platform: Platform;
  /** ms since the epoch. */
  readonly started: number;
}

/** A scan that is being written. Nobody sees it before {@linkcode ScanWriter.commit} has returned. */
export interface ScanWriter {
  /** Higher than that of every earlier scan of the store. */
  readonly scan_id: number;
  /**
   * Writes rows; what was written may still be in memory when the promise resolves, never more than a commit's worth.
   *
   * @throws {RangeError} where the catalogue has no such table
   * @throws {StoreError} `full` or `unreadable` where there are too many rows to be held in memory instead
   */
  write(batch: RecordBatch): Promise<void>;
  /** Says that a table is complete, or why it is not; `collection_time` in ms since the epoch. */
  endTable(table: string, collection_time: number, outcome: TableOutcome): void;
  /** Notes which keys a table was asked for, all of them; a table that is read whole has none. */
  asked(table: string, keys: readonly AskedKey[]): Promise<void>;
  /**
   * Makes the scan visible, whole; `finished` in ms since the epoch. Where the disk had no room for its rows the manifest
   * says so: then this process sees them until some more scans have begun, and others see that they are missing.
   *
   * @throws {TypeError} where rows were written of a table that was not ended
   * @throws {StoreError} `full` or `unreadable`
   */
  commit(collectors: readonly CollectorReport[], finished: number): Promise<ScanManifest>;
  /** Removes what was written, also after a commit that failed; nothing happens after one that did not. */
  abort(): Promise<void>;
}

/** Parts are gathered until they make a commit worth its fsync. */
const FLUSH_BYTES = 600 * 1024;

/** What a reader has to hold in memory at once. */
const KEYS_PER_PAGE = 2000;

/** The longest reason that is kept: it may come from a collector. */
const MAX_REASON = 1000;

/** Where a scan is written. */
export interface ScanPlace {
  /** For what must not be lost. */
  readonly database: Database;
  /** For rows. */
  readonly rowDatabase: Database;
  readonly catalogue: Catalogue;
  readonly reserve: Reserve;
  readonly held: HeldScans;
  readonly fresh: FreshPages;
}

/**
 * Begins to write a scan with an id that was never used. Where the disk is full or cannot be written, its rows are held in
 * memory, for this process to judge.
 */
export async function beginScan(
  { database, rowDatabase, catalogue, reserve, held, fresh }: ScanPlace,
  scan_id: number,
  start: ScanStart,
): Promise<ScanWriter> {
  const mark = unfinishedScanKey(scan_id);
  await reserve.restore();
  await forget(database, held, MAX_HELD - 1);
  const disk = openRowWriter(rowDatabase, reserve);
  await disk.attempt(() =>
    database.commit([
      // What an earlier version has written stays as it is, but from here on that version could not read all of it.
      { key: formatKey, value: new TextEncoder().encode(FORMAT) },
      { key: lastScanKey, value: encode(scan_id) },
      { key: mark, value: encode(true) },
    ])
  );
  fresh.begin(scan_id);
  const rows = new Map<string, number>();
  const pages = new Map<string, number[]>();
  const ended = new Map<string, ScanTable>();
  let pending: Entry[] = [];
  let bytes = 0;
  let written: Promise<void> = Promise.resolve();
  let open = true;
  let committed = false;

  const flush = (): Promise<void> => {
    const entries = pending;
    pending = [];
    bytes = 0;
    // One after the other: once a writing has failed every later one fails too, so that no commit can follow.
    return written = written.then(() => disk.write(entries));
  };
  const put = async (name: string, text: string) => {
    const parts = cut(encodeText(text));
    const sizes = pages.get(name) ?? [];
    pages.set(name, sizes);
    parts.forEach((value, part) => {
      pending.push({ key: partKey(scan_id, name, sizes.length, part), value });
      bytes += value.length;
    });
    sizes.push(parts.length);
    if (bytes >= FLUSH_BYTES) await flush();
  };
  const demandOpen = () => {
    if (!open) throw new TypeError("the scan has ended");
  };

  return {
    scan_id,
    async write(batch) {
      demandOpen();
      const { table } = batch;
      if (!catalogue.has(table)) throw new RangeError(`there is no table ${table}`);
      if (ended.has(table)) throw new TypeError(`the table ${table} has ended`);
      for (const page of pagesOf(batch)) {
        rows.set(table, (rows.get(table) ?? 0) + page.rows);
        await put(table, pageText(page));
        fresh.add(scan_id, table, page);
      }
    },
    async asked(table, keys) {
      demandOpen();
      for (let from = 0; from === 0 || from < keys.length; from += KEYS_PER_PAGE) {
        await put(keysOfTable(table), JSON.stringify(keys.slice(from, from + KEYS_PER_PAGE)));
      }
    },
    endTable(table, collection_time, outcome) {
      demandOpen();
      ended.set(table, {
        table,
        rows: rows.get(table) ?? 0,
        collection_time,
        outcome: outcome.status === "complete"
          ? outcome
          : { ...outcome, reason: outcome.reason.slice(0, MAX_REASON) },
      });
    },
    async commit(collectors, finished) {
      demandOpen();
      const endless = [...rows.keys()].find((table) => !ended.has(table));
      if (endless !== undefined) throw new TypeError(`the table ${endless} was not ended`);
      const manifest: ScanManifest = {
        scan_id,
        ...start,
        finished,
        tables: [...ended.values()],
        collectors: collectors.map((one) => ({
          ...one,
          ...(one.confinement_reason !== undefined &&
            { confinement_reason: one.confinement_reason.slice(0, MAX_REASON) }),
        })),
      };
      open = false;
      await flush();
      const scan: StoredScan = { manifest, pages: Object.fromEntries(pages) };
      const seen = scanKey(scan_id);
      const stored = await disk.attempt(() =>
        database.commit([{ key: seen, value: encode(scan) }, { key: mark, value: null }])
      );
      committed = true;
      if (stored) return manifest;
      const unstored = disk.unstored()!;
      held.set(scan_id, { scan, parts: disk.parts });
      const rest = { manifest: withoutRows(manifest, unstored), pages: {} };
      await unlessFull(() => database.commit([{ key: seen, value: encode(rest) }]));
      return { ...manifest, unstored };
    },
    async abort() {
      if (committed) return;
      open = false;
      pending = [];
      await written.catch(() => {});
      await unlessFull(() => sweep(database, mark));
    },
  };
}

/** What others see of a scan that is held. */
function withoutRows(manifest: ScanManifest, reason: string): ScanManifest {
  const outcome: TableOutcome = {
    status: "partial",
    reason: `its rows were not stored: ${reason}`.slice(0, MAX_REASON),
  };
  return {
    ...manifest,
    tables: manifest.tables.map((table) => table.rows > 0 ? { ...table, rows: 0, outcome } : table),
  };
}
