import { delay } from "@std/async/delay";
import { openDatabase, storeError } from "./database.ts";
import { StoreError } from "./error.ts";
import { createFile } from "./file.ts";
import { FORMAT, formatKey } from "./keys.ts";
import { makeShrinkable } from "./space.ts";

/** How long Deno KV may take to give a file back, ms. */
const PATIENCE = 10_000;

/**
 * Makes a new store, for this user alone. It is made under another name, so that whoever dies meanwhile leaves a whole
 * store or none: SQLite and Deno KV take several steps, after some of which nobody could tell what the file is.
 *
 * @throws {StoreError} `full` or `unreadable`
 */
export async function createStore(path: string): Promise<void> {
  const making = `${path}.new`;
  for (const suffix of SUFFIXES) await remove(making + suffix);
  try {
    createFile(making);
    makeShrinkable(making);
    const database = await openDatabase(making);
    try {
      await database.commit([{ key: formatKey, value: new TextEncoder().encode(FORMAT) }]);
    } finally {
      database.close();
    }
    // The log goes with the last connection, which is closed by another thread. Under its new name the file must not meet it.
    for (const until = Date.now() + PATIENCE; exists(`${making}-wal`); await delay(2)) {
      if (Date.now() > until) throw new StoreError("unreadable", `${making} is not given back`);
    }
    await Deno.rename(making, path);
  } catch (error) {
    for (const suffix of SUFFIXES) await remove(making + suffix);
    throw storeError(error);
  }
}

/** A file with what SQLite puts beside it. */
const SUFFIXES = ["", "-journal", "-wal", "-shm"];

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw storeError(error);
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
