import type { CompiledDetection } from "../model/compiled.ts";
import type { Cell } from "../schema/batch.ts";

/** What makes two hits the same hit where a detection does not say so: columns that together name a process. */
const PROCESS_COLUMNS = ["pid", "start_time", "process_key", "name", "executable_path"];

/**
 * The columns by which hits of a detection are told apart: `suppression.by`, else `alert.entity`, else `identity`, else
 * the columns of the result that name a process, else all of them. Sorted, so that their order in the file means nothing.
 */
export function suppressionColumns(
  { detection: { meta }, columns }: CompiledDetection,
): readonly string[] {
  const names = columns.map(({ name }) => name);
  const given = meta.suppression.by ?? meta.alert.entity ?? meta.identity;
  const process = PROCESS_COLUMNS.filter((name) => names.includes(name));
  // The pid alone would take a new process for the old one: without a time or a key the whole row decides.
  const identifying = process.includes("process_key") ||
    (process.includes("pid") && process.length > 1);
  return [...given ?? (identifying ? process : names)].sort();
}

/**
 * The deduplication key of a hit: canonical JSON of the detection's id and of the columns' names and values. Values keep
 * their class, so that 1 and '1' differ; NULL equals NULL.
 */
export function dedupeKey(compiled: CompiledDetection, row: readonly Cell[]): string {
  const index = new Map(compiled.columns.map(({ name }, at) => [name, at]));
  const parts = suppressionColumns(compiled).map((name) => {
    const at = index.get(name);
    return [name, keyValue(at === undefined ? null : row[at] ?? null)];
  });
  return JSON.stringify([compiled.detection.meta.id, ...parts]);
}

/** Numbers compare by value whatever their size; booleans are numbers in SQL. */
function keyValue(cell: Cell): unknown {
  if (typeof cell === "bigint") return { integer: cell.toString() };
  return typeof cell === "boolean" ? Number(cell) : cell;
}
