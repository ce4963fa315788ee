import { DatabaseSync } from "node:sqlite";
import { dirname } from "@std/path";
import { pathFault } from "../diagnostics/path_fault.ts";
import { StoreError } from "./error.ts";
import { FORMAT_KEY_BYTES, FORMAT_VERSION } from "./keys.ts";

/**
 * Looks at a file before Deno KV does, without changing it. Deno KV would lay its tables into any SQLite database, and it
 * ends the whole process when its own tables are damaged, so neither may reach it.
 *
 * The tables that Deno KV reads in the background are checked whole. Of the entries, whose number may be large, the
 * structure is: both trees that hold them must be walkable and equally long, which finds entries that have become
 * unreachable, and what is kept must be bytes, which carry checksums of their own.
 *
 * @returns whether there is a store; an empty file, and a database without entries, is nothing yet
 * @throws {StoreError} `format`, `corrupt`, `locked` or `unreadable`
 */
export function inspectFile(path: string): boolean {
  const size = sizeOf(path);
  if (size === 0) return false;
  let database: DatabaseSync | undefined;
  try {
    // Only SQLite may open the file: closing any other handle on it would drop the locks of this process.
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    if (!checkTables(database, path, size)) return false;
    const known = checkFormat(database, path);
    checkEntries(database, size <= MAX_WALK_BYTES);
    return known;
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

/** A database without tables still has its header: a smaller file is something else, which SQLite takes for an empty one. */
const SMALLEST_DATABASE = 512;

/** Says whether there are any: a new file has none until Deno KV has opened it. */
function checkTables(database: DatabaseSync, path: string, size: number): boolean {
  const names = new Set<unknown>();
  for (const row of database.prepare("SELECT name FROM sqlite_master").iterate()) {
    names.add(row["name"]);
  }
  if (names.size === 0 && size >= SMALLEST_DATABASE) return false;
  if (![...SERVICE_TABLES, "kv", "kv_expiration_ms_idx"].every((name) => names.has(name))) {
    throw new StoreError("format", `${path} is a database of another program`);
  }
  for (const table of SERVICE_TABLES) {
    const result = database.prepare(`PRAGMA quick_check(${table})`).get();
    if (result?.["quick_check"] !== "ok") throw new Error("malformed");
  }
  return true;
}

function checkFormat(database: DatabaseSync, path: string): boolean {
  const value = database.prepare("SELECT v FROM kv WHERE k = ?").get(FORMAT_KEY_BYTES)?.["v"];
  const format = value instanceof Uint8Array ? new TextDecoder().decode(value) : null;
  const [, version] = /^daemoneye-store ([1-9]\d{0,8})$/.exec(format ?? "") ?? [];
  if (Number(version) <= FORMAT_VERSION) return true;
  if (version) {
    throw new StoreError(
      "format",
      `${path} has the store format ${version}; this program knows formats up to ${FORMAT_VERSION}`,
    );
  }
  if (database.prepare("SELECT 1 FROM kv").get() === undefined) return false;
  throw new StoreError("format", `${path} is a database of another program`);
}

/** Up to this size every value is walked to its end for what kind it is of: about 60 ms. Beyond, only short ones. */
const MAX_WALK_BYTES = 256 * 1024 * 1024;

/** How Deno KV marks a value of bytes. */
const BYTES_ENCODING = 3;

function checkEntries(database: DatabaseSync, walk: boolean): void {
  // One statement sees one state, also while another process writes.
  const counts = database.prepare(
    `SELECT (SELECT count(*) FROM kv NOT INDEXED) AS entries, count(*) AS indexed,
            count(*) FILTER (WHERE expiration_ms IS NOT -1) AS expiring
       FROM kv INDEXED BY kv_expiration_ms_idx`,
  ).get();
  const odd = database.prepare(
    "SELECT 1 FROM kv WHERE (? OR length(v) < 1000) AND v_encoding IS NOT ? LIMIT 1",
  ).get(walk ? 1 : 0, BYTES_ENCODING);
  if (counts?.["entries"] !== counts?.["indexed"] || counts?.["expiring"] !== 0 || odd) {
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
  return new StoreError("unreadable", pathFault(`the store ${path}`, "opened", error));
}
