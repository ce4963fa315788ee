import { corrupt } from "./codec.ts";
import type { Database, Mutation } from "./database.ts";
import { alertPartsKey, scanPagesKey, statePartsKey, unfinishedKey } from "./keys.ts";

/**
 * Removes what lies below the id of an unfinished mark, then the mark.
 *
 * A mark is set in the commit before the first of many parts is written, or in the one that removes what named them, and
 * goes away in the commit that names them. So a mark that is found at opening tells of a writer that died in between.
 */
export async function sweep(database: Database, mark: Deno.KvKey): Promise<void> {
  const [, kind, id] = mark;
  const prefix = kind === "scan" && typeof id === "number"
    ? scanPagesKey(id)
    : kind === "alert" && typeof id === "string"
    ? alertPartsKey(id)
    : kind === "state" && typeof id === "string"
    ? statePartsKey(id)
    : undefined;
  if (!prefix) throw corrupt("a mark of unfinished work");
  const doomed: Mutation[][] = [];
  for await (const { key } of database.list({ prefix }, { batch: 16 })) {
    doomed.push([{ key, value: null }]);
  }
  await database.commit(...doomed, [{ key: mark, value: null }]);
}

/** Sweeps up after every writer that died. */
export async function sweepAll(database: Database): Promise<void> {
  for await (const { key } of database.list({ prefix: unfinishedKey })) {
    await sweep(database, key);
  }
}
