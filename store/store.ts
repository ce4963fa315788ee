import type { Alert } from "../model/alert.ts";
import type { EvaluationState } from "../model/evaluation_state.ts";
import type { HashCache } from "../model/hash_cache.ts";
import type { HitChanges } from "../model/hits.ts";
import type { RuleState, SuppressionWindow } from "../model/rule_state.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { alert, type AlertQuery, alerts, commitHits, windows } from "./alerts.ts";
import { type Database, openDatabase } from "./database.ts";
import { StoreError } from "./error.ts";
import { evaluationState } from "./evaluation_states.ts";
import { createFile, createFolder, inspectFile } from "./file.ts";
import { hashCache } from "./hash_cache.ts";
import { FORMAT, formatKey } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { type Removed, retain, type Retention } from "./retention.ts";
import { ruleState, ruleStates, setRuleState } from "./rule_states.ts";
import { beginScan, type ScanStart, type ScanWriter } from "./scan_writer.ts";
import { batches, lastScanId, manifest, type ScanQuery, scans } from "./scans.ts";
import { sweepAll } from "./sweep.ts";

/** What can be read of a store. Readers need no lock and work beside a writer, of which they see whole commits only. */
export interface StoreReader extends Disposable {
  /** The manifests of committed scans, by id. */
  scans(query?: ScanQuery): Promise<ScanManifest[]>;
  /** The manifest of the newest committed scan. */
  latest(): Promise<ScanManifest | null>;
  /** The manifest of a committed scan. */
  manifest(scan_id: number): Promise<ScanManifest | null>;
  /**
   * The rows of a table as a scan collected them, in batches of at most 2,000, each with the columns that the store fills
   * (`scan_id`, `collection_time`, `host`). A table that ends without an error was read whole.
   *
   * @throws {RangeError} where the catalogue has no such table
   * @throws {StoreError} `missing` (no such scan, or none of this table), `expired` (retention removed it meanwhile),
   * `corrupt`
   */
  batches(scan_id: number, table: string): AsyncGenerator<RecordBatch>;
  /** Alerts by time, then id, with the hits that each stands for by now. */
  alerts(query?: AlertQuery): AsyncGenerator<Alert>;
  /** The alert with an id. */
  alert(id: string): Promise<Alert | null>;
  /** The newest suppression window of each deduplication key, open or not; keys without one are absent. */
  windows(rule_id: string, keys: readonly string[]): Promise<Map<string, SuppressionWindow>>;
  /**
   * What comparing and counting the results of a detection go on with, where it has such a state.
   *
   * @throws {StoreError} `corrupt`
   */
  evaluationState(rule_id: string): Promise<EvaluationState | null>;
  /** The state of a detection, where it has one. */
  ruleState(rule_id: string): Promise<RuleState | null>;
  /** The states of all detections that have one. */
  ruleStates(): Promise<RuleState[]>;
  /** Gives back the file, and the lock of a writer. */
  close(): void;
}

/** A store whose only writer is this process. */
export interface Store extends StoreReader {
  /** Begins a scan, which becomes visible when it is committed. */
  beginScan(start: ScanStart): Promise<ScanWriter>;
  /**
   * Makes alerts durable, each together with its suppression window or not at all, and counts suppressed hits. What the
   * detection goes on with becomes durable together with the last of them, or not at all.
   */
  commitHits(changes: HitChanges): Promise<void>;
  /** Remembers the state of a detection. */
  setRuleState(state: RuleState): Promise<void>;
  /** Hashes of files; those that nobody asks for are forgotten after 30 days. */
  hashCache(): HashCache;
  /**
   * Removes what is not to be kept; `now` in ms since the epoch. The latest scan stays, and so does an alert whose
   * suppression window is open. The file does not shrink, its room is used again.
   */
  retain(retention: Retention, now: number): Promise<Removed>;
}

/** How a store is opened. */
export interface StoreOptions {
  /** The file, or `:memory:`. */
  readonly path: string;
  /** Writers exclude each other. */
  readonly mode: "read" | "write";
  /** What this process is, for those who find the store locked, e.g. `daemoneye scan`. */
  readonly holder: string;
  /** The tables that there are. */
  readonly catalogue: Catalogue;
}

/**
 * Opens a store for writing. It is made where there is none, for this user alone, and what a writer that died has left
 * unfinished is removed. A file that is anything else is left as it is.
 *
 * @throws {StoreError} `locked`, `format`, `corrupt`, `unreadable` or `full`
 */
export function openStore(options: StoreOptions & { readonly mode: "write" }): Promise<Store>;
/**
 * Opens a store for reading.
 *
 * @throws {StoreError} `missing`, `locked`, `format`, `corrupt` or `unreadable`
 */
export function openStore(options: StoreOptions & { readonly mode: "read" }): Promise<StoreReader>;
export function openStore(options: StoreOptions): Promise<StoreReader> {
  return options.mode === "write" ? openWriter(options) : openReader(options);
}

async function openReader({ path, catalogue }: StoreOptions): Promise<StoreReader> {
  if (path === ":memory:" || !inspectFile(path)) {
    throw new StoreError("missing", `there is no store at ${path}`);
  }
  const database = await openDatabase(path);
  return reader(database, catalogue, () => database.close());
}

async function openWriter({ path, holder, catalogue }: StoreOptions): Promise<Store> {
  if (path === ":memory:") return await startWriting(path, catalogue, () => {});
  // What is no store is refused before a lock file is put beside it.
  let exists = inspectFile(path);
  if (!exists) createFolder(path);
  const unlock = await takeLock(`${path}.lock`, holder);
  try {
    exists ||= inspectFile(path);
    if (!exists) createFile(path);
    return await startWriting(path, catalogue, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startWriting(
  path: string,
  catalogue: Catalogue,
  unlock: () => void,
): Promise<Store> {
  const database = await openDatabase(path);
  try {
    await database.commit([{ key: formatKey, value: new TextEncoder().encode(FORMAT) }]);
    await sweepAll(database);
    const last = await lastScanId(database);
    return writer(database, catalogue, last, () => {
      database.close();
      unlock();
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

function reader(database: Database, catalogue: Catalogue, close: () => void): StoreReader {
  return {
    scans: (query) => scans(database, query),
    latest: async () => (await scans(database, { limit: 1, reverse: true }))[0] ?? null,
    manifest: (scan_id) => manifest(database, scan_id),
    batches: (scan_id, table) => batches(database, catalogue, scan_id, table),
    alerts: (query) => alerts(database, query),
    alert: (id) => alert(database, id),
    windows: (rule_id, keys) => windows(database, rule_id, keys),
    evaluationState: (rule_id) => evaluationState(database, rule_id),
    ruleState: (rule_id) => ruleState(database, rule_id),
    ruleStates: () => ruleStates(database),
    close,
    [Symbol.dispose]: close,
  };
}

function writer(
  database: Database,
  catalogue: Catalogue,
  lastScan: number,
  close: () => void,
): Store {
  let last = lastScan;
  return {
    ...reader(database, catalogue, close),
    beginScan: (start) => beginScan(database, catalogue, ++last, start),
    commitHits: (changes) => commitHits(database, changes),
    setRuleState: (state) => setRuleState(database, state),
    hashCache: () => hashCache(database, Date.now),
    retain: (retention, now) => retain(database, retention, now),
  };
}
