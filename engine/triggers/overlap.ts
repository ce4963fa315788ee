import type { CollectedBatch } from "../../model/collection.ts";
import { keysOf, pick } from "../new_rows.ts";

/** Takes the rows that an earlier task has supplied already out of a batch. */
export type Unseen = (batch: CollectedBatch, task: unknown) => CollectedBatch;

/**
 * Patterns overlap, and values lie within them: a row may come for several keys of one column. Of such rows those of the
 * first task count.
 *
 * @param identityOf the columns that tell the rows of a table apart
 */
export function createUnseen(identityOf: (table: string) => readonly string[]): Unseen {
  const first = new Map<string, unknown>();
  return (batch, task) => {
    const { table, key, resources } = batch;
    const rows = keysOf(batch, identityOf(table)).flatMap((text, row) => {
      const id = JSON.stringify([table, key, resources, text]);
      if (!first.has(id)) first.set(id, task);
      return first.get(id) === task ? [row] : [];
    });
    return rows.length === batch.rows ? batch : pick(batch, rows);
  };
}
