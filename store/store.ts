import type { Acknowledgement, Alert } from "../model/alert.ts";
import type { AskedKey } from "../model/collection.ts";
import type { EvaluationState } from "../model/evaluation_state.ts";
import type { HashCache } from "../model/hash_cache.ts";
import type { HitChanges } from "../model/hits.ts";
import type { Backlog, DeadLetter, OutboxEntry } from "../model/outbox.ts";
import type { RuleState, SuppressionWindow } from "../model/rule_state.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { acknowledge, alert, type AlertQuery, alerts, commitHits, windows } from "./alerts.ts";
import { createStore } from "./create.ts";
import { type Database, openDatabase } from "./database.ts";
import { StoreError } from "./error.ts";
import { evaluationState, type RecentStates } from "./evaluation_states.ts";
import { createFolder, inspectFile } from "./file.ts";
import { hashCache } from "./hash_cache.ts";
import { freshPages } from "./fresh.ts";
import { takeLock } from "./lock.ts";
import { isDiskFault, noReserve, openReserve, releaseFile, withReserve } from "./reserve.ts";
import {
  backlog,
  type DeadLetterQuery,
  deadLetters,
  delivered,
  giveUp,
  openSequence,
  outbox,
  refused,
  retryDeadLetters,
  type Sequence,
} from "./outbox.ts";
import { type Removed, retain, type Retention } from "./retention.ts";
import { ownRuleStates, ruleState, ruleStates } from "./rule_states.ts";
import { beginScan, type ScanPlace, type ScanStart, type ScanWriter } from "./scan_writer.ts";
import { asked, batches, lastScanId, manifest, type ScanQuery, scans } from "./scans.ts";
import { openSpaceKeeper, type SpaceKeeper } from "./space.ts";
import { sweepAll } from "./sweep.ts";
import { oneByOne } from "./turns.ts";

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
  /**
   * The keys that a table was asked for in a scan; `undefined` where it was not collected by keys.
   *
   * @throws {StoreError} `expired`, `corrupt`
   */
  asked(scan_id: number, table: string): Promise<readonly AskedKey[] | undefined>;
  /** Alerts by time, then id, with the hits that each stands for by now. */
  alerts(query?: AlertQuery): AsyncGenerator<Alert>;
  /** The alert with an id. */
  alert(id: string): Promise<Alert | null>;
  /** What a sink is still to be told, in order, after a sequence; from the start, if absent. */
  outbox(sink: string, after?: number): AsyncGenerator<OutboxEntry>;
  /** What sinks did not take, by sink, oldest first. */
  deadLetters(query?: DeadLetterQuery): AsyncGenerator<DeadLetter>;
  /** How much each sink is still to be told, also those that are configured no more. */
  backlog(): Promise<Backlog[]>;
  /** The newest suppression window of each deduplication key, open or not; keys without one are absent. */
  windows(rule_id: string, keys: readonly string[]): Promise<Map<string, SuppressionWindow>>;
  /**
   * What comparing and counting the results of a detection go on with, where it has such a state.
   *
   * @throws {StoreError} `corrupt`
   */
  evaluationState(rule_id: string): Promise<EvaluationState | null>;
  /** The state of a detection, where it has one that is not damaged. */
  ruleState(rule_id: string): Promise<RuleState | null>;
  /** The states of all detections that have one that is not damaged. */
  ruleStates(): Promise<RuleState[]>;
  /** Gives back the file, and the lock of a writer. */
  close(): void;
}

/** A store whose only writer is this process. */
export interface Store extends StoreReader {
  /** Begins a scan, which becomes visible when it is committed. */
  beginScan(start: ScanStart): Promise<ScanWriter>;
  /**
   * Makes alerts durable, each together with its suppression window and its outbox entries or not at all, and counts suppressed hits. What the
   * detection goes on with becomes durable together with the last of them, or not at all.
   */
  commitHits(changes: HitChanges): Promise<void>;
  /** A sink was told: these entries of its outbox are done. */
  delivered(sink: string, sequences: readonly number[]): Promise<void>;
  /** Remembers how often a sink has refused an alert. */
  refused(entry: OutboxEntry): Promise<void>;
  /** Makes an outbox entry a dead letter. */
  giveUp(letter: Omit<DeadLetter, "alert">): Promise<void>;
  /** Puts dead letters at the end of their sinks' outboxes. Says how many. */
  retryDeadLetters(query?: DeadLetterQuery): Promise<number>;
  /** Notes that somebody has seen to an alert. Says whether there is such an alert. */
  acknowledge(alert_id: string, acknowledgement: Acknowledgement): Promise<boolean>;
  /** Remembers the state of a detection. */
  setRuleState(state: RuleState): Promise<void>;
  /** Hashes of files; those that nobody asks for are forgotten after 30 days. */
  hashCache(): HashCache;
  /**
   * Removes what is not to be kept, and gives room back to the disk; `now` in ms since the epoch. The latest scan stays,
   * and so does an alert whose suppression window is open or that a sink is still to be told of. `onProgress` is told, in
   * words, how far it is; what takes longer than some seconds goes on at the next call.
   */
  retain(
    retention: Retention,
    now: number,
    onProgress?: (text: string) => void,
  ): Promise<Removed>;
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
  /** With `write`: keep some MB of the disk for alerts and states on a full disk. */
  readonly reserve?: boolean;
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
  return reader(
    database,
    { held: new Map(), fresh: freshPages() },
    catalogue,
    () => database.close(),
  );
}

async function openWriter(options: StoreOptions): Promise<Store> {
  const { path, holder } = options;
  if (path === ":memory:") return await startWriting(options, () => {});
  // What is no store is refused before a lock file is put beside it.
  let exists = inspectFile(path);
  if (!exists) createFolder(path);
  const unlock = await takeLock(`${path}.lock`, holder);
  try {
    exists ||= inspectFile(path);
    if (!exists) await createStore(path);
    return await startWriting(options, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startWriting(
  { path, catalogue, reserve: wanted = false }: StoreOptions,
  unlock: () => void,
): Promise<Store> {
  const rowDatabase = await openDatabase(path).catch((error) => {
    if (!isDiskFault(error) || !releaseFile(path)) throw error;
    return openDatabase(path);
  });
  let space: SpaceKeeper | undefined;
  const close = () => {
    space?.close();
    rowDatabase.close();
  };
  try {
    if (path !== ":memory:") space = openSpaceKeeper(path);
    const reserve = wanted && space ? await openReserve(path, rowDatabase, space) : noReserve(path);
    const database = withReserve(rowDatabase, reserve);
    await sweepAll(database);
    const place = {
      database,
      rowDatabase,
      catalogue,
      reserve,
      held: new Map(),
      fresh: freshPages(),
    };
    const last = await lastScanId(database);
    const sequence = await openSequence(database);
    return writer(place, space, last, sequence, () => {
      close();
      unlock();
    });
  } catch (error) {
    close();
    throw error;
  }
}

function reader(
  database: Database,
  { held, fresh }: Pick<ScanPlace, "held" | "fresh">,
  catalogue: Catalogue,
  close: () => void,
): StoreReader {
  return {
    scans: (query) => scans(database, query),
    latest: async () => (await scans(database, { limit: 1, reverse: true }))[0] ?? null,
    manifest: (scan_id) => manifest(database, held, scan_id),
    batches: (scan_id, table) => batches(database, held, fresh, catalogue, scan_id, table),
    asked: (scan_id, table) => asked(database, held, scan_id, table),
    alerts: (query) => alerts(database, query),
    alert: (id) => alert(database, id),
    outbox: (sink, after = 0) => outbox(database, (id) => alert(database, id), sink, after),
    deadLetters: (query) => deadLetters(database, (id) => alert(database, id), query),
    backlog: () => backlog(database),
    windows: (rule_id, keys) => windows(database, rule_id, keys),
    evaluationState: (rule_id) => evaluationState(database, rule_id),
    ruleState: (rule_id) => ruleState(database, rule_id),
    ruleStates: () => ruleStates(database),
    close,
    [Symbol.dispose]: close,
  };
}

function writer(
  place: ScanPlace,
  space: SpaceKeeper | undefined,
  lastScan: number,
  sequence: Sequence,
  close: () => void,
): Store {
  const { database, catalogue } = place;
  const rules = ownRuleStates(database);
  // An alert whose dead letter is put back must not be removed as one that nobody is to be told of.
  const inTurn = oneByOne();
  const recent: RecentStates = new Map();
  let last = lastScan;
  return {
    ...reader(database, place, catalogue, close),
    beginScan: (start) => beginScan(place, ++last, start),
    commitHits: (changes) => commitHits(database, changes, sequence, recent),
    evaluationState: (rule_id) => evaluationState(database, rule_id, recent),
    delivered: (sink, sequences) => delivered(database, sink, sequences),
    refused: (entry) => refused(database, entry),
    giveUp: (letter) => giveUp(database, letter),
    retryDeadLetters: (query = {}) => inTurn(() => retryDeadLetters(database, query, sequence)),
    acknowledge: (id, acknowledgement) => acknowledge(database, id, acknowledgement),
    ruleState: rules.get,
    setRuleState: rules.set,
    hashCache: () => hashCache(database, Date.now),
    retain(retention, now, onProgress) {
      // What is old is removed, states among it.
      recent.clear();
      return retain(database, retention, now, space, onProgress, inTurn);
    },
  };
}
