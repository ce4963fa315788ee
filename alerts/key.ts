import { createHash } from "node:crypto";
import type { CompiledDetection, ResultColumn } from "../model/compiled.ts";
import type { Cell } from "../schema/batch.ts";
import { STORED_COLUMNS } from "../schema/columns.ts";

/** What makes two hits the same hit where a detection does not say so: columns that together name a process. */
const PROCESS_COLUMNS = ["pid", "start_time", "process_key", "name", "executable_path"];

/** Longer text stands in a key as its hash: a key is kept with every alert, and a command line may have megabytes. */
const MAX_TEXT = 256;

/**
 * The columns by which hits of a detection are told apart: `suppression.by`, else `alert.entity`, else `identity`, else
 * the columns of the result that name a process, else all of them but those that the store fills, which differ from scan
 * to scan. Sorted, so that their order in the file means nothing.
 */
export function suppressionColumns(
  { detection: { meta }, columns }: CompiledDetection,
): readonly string[] {
  const given = meta.suppression.by ?? meta.alert.entity ?? meta.identity;
  if (given) return [...given].sort();
  const names = columns.map(({ name }) => name);
  const process = PROCESS_COLUMNS.filter((name) => names.includes(name));
  // The pid alone would take a new process for the old one: without a time or a key the whole row decides.
  const identifying = process.includes("process_key") ||
    (process.includes("pid") && process.length > 1);
  return (identifying ? process : columns.filter(isOwn).map(({ name }) => name)).sort();
}

function isOwn({ origin }: ResultColumn): boolean {
  return origin === undefined || !(origin.column in STORED_COLUMNS);
}

/**
 * The deduplication key of a hit: canonical JSON of the detection's id and of the columns' names and values, in the order
 * of the names. Values keep their class, so that 1 and '1' differ; NULL equals NULL. What JSON has no form for, and text
 * of more than 256 characters, stands as an object, which no value is.
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
  switch (typeof cell) {
    case "boolean":
      return Number(cell);
    case "bigint":
      return Number.isSafeInteger(Number(cell)) ? Number(cell) : { integer: cell.toString() };
    case "number":
      return Number.isFinite(cell) ? cell : { float: String(cell) };
    case "string":
      return cell.length > MAX_TEXT
        ? { sha256: createHash("sha256").update(cell).digest("hex") }
        : cell;
    default:
      return null;
  }
}
