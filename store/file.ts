import { DatabaseSync } from "node:sqlite";
import { dirname } from "@std/path";
import { StoreError } from "./error.ts";

/**
 * Looks at a file before Deno KV does, without changing it. Deno KV would lay its tables into any SQLite database, and it
 * ends the whole process when one of its own tables is damaged, so neither may reach it.
 *
 * The tables that Deno KV reads in the background are checked whole. Of the rows, whose number may be large, only the
 * structure is: both trees that hold them must be walkable and equally long, which finds rows that have become
 * unreachable. Their content carries checksums of its own.
 *
 * @returns whether there is anything; an empty file is nothing yet
 * @throws {StoreError} `format`, `corrupt`, `locked` or `unreadable`
 */
export function inspectFile(path: string): boolean {
  const size = sizeOf(path);
  if (!size) return false;
  let database: DatabaseSync | undefined;
  try {
    // Only SQLite may open the file: closing any other handle on it would drop the locks of this process.
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    checkTables(database, path);
    checkRows(database);
    return true;
  } catch (error) {
    throw fault(error, path);
  } finally {
    database?.close();
  }
}

/**
 * Makes the file of a new store and the folders that lead to it, for this user alone.
 *
 * @throws {StoreError} `unreadable`
 */
export function createFile(path: string): void {
  try {
    createFolder(path);
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unreadable(path, error);
  }
}

/**
 * Makes the folders that lead to a file, for this user alone.
 *
 * @throws {StoreError} `unreadable`
 */
export function createFolder(path: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function sizeOf(path: string): number {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw unreadable(path, error);
  }
  if (!info.isFile) throw new StoreError("format", `${path} is not a file`);
  return info.size;
}

/** The tables of Deno KV's database, other than the one that holds the entries. */
const SERVICE_TABLES = ["migration_state", "data_version", "queue", "queue_running"];

function checkTables(database: DatabaseSync, path: string): void {
  const names = new Set<unknown>();
  for (const row of database.prepare("SELECT name FROM sqlite_master").iterate()) {
    names.add(row["name"]);
  }
  if (![...SERVICE_TABLES, "kv", "kv_expiration_ms_idx"].every((name) => names.has(name))) {
    throw new StoreError("format", `${path} is a database of another program`);
  }
  for (const table of SERVICE_TABLES) {
    const result = database.prepare(`PRAGMA quick_check(${table})`).get();
    if (result?.["quick_check"] !== "ok") throw new Error("malformed");
  }
}

function checkRows(database: DatabaseSync): void {
  // One statement sees one state, also while another process writes.
  const counts = database.prepare(
    `SELECT (SELECT count(*) FROM kv NOT INDEXED) AS rows, count(*) AS indexed,
            count(*) FILTER (WHERE expiration_ms IS NOT -1) AS expiring
       FROM kv INDEXED BY kv_expiration_ms_idx`,
  ).get();
  if (counts?.["rows"] !== counts?.["indexed"] || counts?.["expiring"] !== 0) {
    throw new Error("malformed");
  }
}

function fault(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/not a database/.test(message)) return new StoreError("format", `${path} is not a store`);
  if (/malformed|orphan index|unrecognized token|syntax error/.test(message)) {
    return new StoreError("corrupt", `the store ${path} is damaged`);
  }
  if (/locked/.test(message)) {
    return new StoreError("locked", `another process keeps the store ${path} busy`);
  }
  return unreadable(path, error);
}

function unreadable(path: string, error: unknown): StoreError {
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError("unreadable", `the store ${path} cannot be opened: ${message}`);
}
