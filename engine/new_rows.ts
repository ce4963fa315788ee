import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { columnsOf, PROCESS_KEY_COLUMNS } from "../schema/columns.ts";
import type { StoreReader } from "../store/mod.ts";

/**
 * The rows of a table in a scan whose key none had in the scan before it: what events are for a table that is collected
 * as a whole. A process is told by its `process_key`, since pids come again.
 *
 * @throws {StoreError} where the rows cannot be read
 */
export async function newRows(
  store: StoreReader,
  catalogue: Catalogue,
  table: string,
  [before, now]: readonly [before: ScanManifest, now: ScanManifest],
): Promise<RecordBatch[]> {
  const columns = columnsOf(catalogue.get(table)!, now.platform);
  const [processKey] = Object.keys(PROCESS_KEY_COLUMNS);
  const key = columns.filter(({ name, key }) => key && name !== "pid" || name === processKey)
    .map(({ name }) => name);
  const known = new Set<string>();
  for await (const batch of store.batches(before.scan_id, table)) {
    for (const text of keysOf(batch, key)) known.add(text);
  }
  const found: RecordBatch[] = [];
  for await (const batch of store.batches(now.scan_id, table)) {
    const rows = keysOf(batch, key).flatMap((text, row) => known.has(text) ? [] : [row]);
    if (rows.length > 0) found.push(pick(batch, rows));
  }
  return found;
}

/** The values of some columns in each row of a batch, as text. */
export function keysOf({ columns, values, rows }: RecordBatch, key: readonly string[]): string[] {
  const cells = key.map((name) => values[columns.indexOf(name)]);
  return Array.from(
    { length: rows },
    (_, row) => JSON.stringify(cells.map((column) => String(column?.[row] ?? null))),
  );
}

/** Some rows of a batch, by their numbers. */
export function pick<T extends RecordBatch>(batch: T, rows: readonly number[]): T {
  const places = new Map(rows.map((row, at) => [row, at]));
  return {
    ...batch,
    rows: rows.length,
    values: batch.values.map((cells) => rows.map((row) => cells[row]!)),
    gaps: batch.gaps.map((gap) => ({
      ...gap,
      rows: gap.rows === "all" ? gap.rows : gap.rows.flatMap((row) => places.get(row) ?? []),
    })),
  };
}
