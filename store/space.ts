import { DatabaseSync } from "node:sqlite";
import { delay } from "@std/async/delay";
import { storeError } from "./database.ts";
import type { StoreError } from "./error.ts";

/** What a store takes of the disk, in bytes. */
export interface Space {
  /** What entries take. */
  readonly used: number;
  /** What is free within the file, for new entries. */
  readonly free: number;
}

/** Gives room within the file of a store back to the disk. */
export interface SpaceKeeper {
  /** How much room there is. */
  measure(): Space;
  /**
   * Shrinks the file, if enough of it is free to be worth it or it is larger than `size` bytes. Others may read and write
   * meanwhile. Says how many bytes the disk has got back.
   *
   * Each step is a transaction, so that a crash loses nothing; after `LONGEST` ms the rest waits for the next time.
   *
   * @throws {StoreError} `full`, `corrupt` or `unreadable`
   */
  shrink(size?: number, onProgress?: (text: string) => void): Promise<number>;
  /** Writes what is in the log to its place, so that the log begins anew, as far as nobody is in the way. */
  flush(): void;
  /** Closes the file. */
  close(): void;
}

/** Some room is left for the next scan: growing and shrinking in turn would only wear the disk. */
const KEPT_SHARE = 0.1;
const KEPT_BYTES = 4 * 1024 * 1024;

/** Pages that are moved in one transaction, for about 15 ms. */
const STEP_PAGES = 256;

/** How long shrinking goes on, ms. */
const LONGEST = 5_000;

/** A write-ahead log that has grown beyond this is cut, bytes. SQLite keeps one of 4 MB. */
const LARGE_LOG = 16 * 1024 * 1024;

/**
 * Makes an empty file one that can shrink. A store of an earlier version of this program stays as large as it has once
 * been; its room is used again.
 *
 * @throws {StoreError} `full`, `corrupt`, `locked` or `unreadable`
 */
export function makeShrinkable(path: string): void {
  attempt(() => {
    using database = open(path, 5_000);
    // The mode is written with the first page.
    database.exec(`PRAGMA auto_vacuum = ${INCREMENTAL}; PRAGMA user_version = 0`);
  });
}

/** SQLite's number for files that give back room when they are told to. */
const INCREMENTAL = 2;

/**
 * Opens the file of a store beside Deno KV.
 *
 * @throws {StoreError} `unreadable`
 */
export function openSpaceKeeper(path: string): SpaceKeeper {
  const database = attempt(() => open(path, 0));
  const pageSize = attempt(() => ask(database, "page_size"));
  const shrinks = attempt(() => ask(database, "auto_vacuum")) === INCREMENTAL;
  const free = () => attempt(() => ask(database, "freelist_count"));
  const total = () => attempt(() => ask(database, "page_count"));

  /** How many pages may stay free, where there are so many that shrinking is worth it. */
  function leftOf(size: number): number | undefined {
    const used = total() - free();
    const kept = Math.max(Math.ceil(KEPT_BYTES / pageSize), Math.floor(used * KEPT_SHARE));
    const most = Math.floor(size / pageSize);
    if (total() > most) return Math.max(0, Math.min(kept, most - used));
    return free() > 2 * kept ? kept : undefined;
  }

  async function shrink(size = Infinity, onProgress?: (text: string) => void): Promise<number> {
    const before = total();
    const given = () => (before - total()) * pageSize;
    const until = Date.now() + LONGEST;
    const left = shrinks ? leftOf(size) ?? Infinity : Infinity;
    while (free() > left && Date.now() < until) {
      const pages = Math.min(STEP_PAGES, free() - left);
      unlessBusy(() => database.prepare(`PRAGMA incremental_vacuum(${pages})`).all());
      onProgress?.(`shrinking the store: ${Math.round(given() / 1e6)} MB given back`);
      // Whoever wants to write goes first.
      await delay(1);
    }
    if (given() > 0 || logSize(path) > LARGE_LOG) {
      unlessBusy(() => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all());
    }
    return given();
  }

  return {
    measure: () => ({ used: (total() - free()) * pageSize, free: free() * pageSize }),
    shrink,
    flush: () => unlessBusy(() => database.prepare("PRAGMA wal_checkpoint(RESTART)").all()),
    close: () => database.close(),
  };
}

function open(path: string, timeout: number): DatabaseSync {
  return new DatabaseSync(path, { timeout });
}

function ask(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

function attempt<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storeError(error);
  }
}

/** Leaves undone what another writer is in the way of: there is a next time. */
function unlessBusy(operation: () => void): void {
  try {
    attempt(operation);
  } catch (error) {
    if ((error as StoreError).kind !== "locked") throw error;
  }
}

function logSize(path: string): number {
  try {
    return Deno.statSync(`${path}-wal`).size;
  } catch {
    return 0;
  }
}
