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

/** What evaluation adds to the columns of a row: `change`, and what a threshold counted. */
export type AddedValues = Readonly<Record<string, Cell>>;

/**
 * The deduplication key of a hit: canonical JSON of the detection's id and of the columns' names and values, in the order
 * of the names. In mode differential `change` is among them unless `suppression.by` says otherwise: that a row went away
 * is no repetition of its coming.
 */
export function dedupeKey(
  compiled: CompiledDetection,
  row: readonly Cell[],
  added: AddedValues = {},
): string {
  const { meta } = compiled.detection;
  const named = suppressionColumns(compiled);
  const differs = "change" in added && meta.suppression.by === undefined;
  const names = differs ? [...new Set([...named, "change"])].sort() : named;
  return JSON.stringify([meta.id, ...keyValues(compiled.columns, names, row, added)]);
}

/**
 * The key of a row by some of its columns: canonical JSON of their names and values, in the order in which they are
 * named.
 */
export function rowKey(
  columns: readonly ResultColumn[],
  names: readonly string[],
  row: readonly Cell[],
): string {
  return JSON.stringify(keyValues(columns, names, row, {}));
}

/**
 * Names with values as keys hold them. Values keep their class, so that 1 and '1' differ; NULL equals NULL. What JSON has
 * no form for, and text of more than 256 characters, stands as an object, which no value is.
 */
function keyValues(
  columns: readonly ResultColumn[],
  names: readonly string[],
  row: readonly Cell[],
  added: AddedValues,
): [name: string, value: unknown][] {
  return names.map((name) => {
    const at = columns.findIndex((column) => column.name === name);
    return [name, keyValue(Object.hasOwn(added, name) ? added[name]! : row[at] ?? null)];
  });
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
