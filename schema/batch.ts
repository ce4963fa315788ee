import type { Platform, TableSpec } from "./types.ts";
import { type Column, columnsByName } from "./columns.ts";
import { isJsonText } from "./json.ts";

/** One value of a row. Integers beyond 2^53 are `bigint`; json columns hold JSON text. */
export type Cell = null | boolean | number | bigint | string;

/** Why a value is NULL although the host may have one. A detection that reads such a value is only partly evaluated. */
export type GapReason = "denied" | "deadline" | "budget" | "not_collected";

/** Values of one column that are NULL for a reason other than their absence on the host. */
export interface Gap {
  /** Name of the column. */
  readonly column: string;
  /** Why there is no value. */
  readonly reason: GapReason;
  /** Row numbers within the batch, or every row of it. */
  readonly rows: readonly number[] | "all";
}

/** Rows of one table, a column at a time: what collectors send, what the store keeps, what the engine loads. */
export interface RecordBatch {
  /** Name of the table. */
  readonly table: string;
  /** Names of the columns, in the order of `values`. Columns of the table that are missing here are NULL. */
  readonly columns: readonly string[];
  /** One array per column, each `rows` long. */
  readonly values: readonly (readonly Cell[])[];
  /** How many rows there are. */
  readonly rows: number;
  /** The values that are NULL although the host may have them. */
  readonly gaps: readonly Gap[];
  /** The column that the rows were asked for by, where they were. */
  readonly key?: string;
  /** Digest of the resources that the rows were found by, in a table of such rows; a detection with others does not see them. */
  readonly resources?: string;
}

/**
 * Rows of several batches of one table as one, in their order. A column that some of them lack is NULL there.
 *
 * @throws {RangeError} where there is no batch
 */
export function joinBatches(batches: readonly RecordBatch[]): RecordBatch {
  const [first] = batches;
  if (!first) throw new RangeError("no batch to join");
  if (batches.length === 1) return first;
  const columns = [...new Set(batches.flatMap((batch) => batch.columns))];
  const values = columns.map((): Cell[] => []);
  const gaps = new Map<string, Gap & { readonly rows: number[] }>();
  let rows = 0;
  for (const batch of batches) {
    const places = new Map(batch.columns.map((name, at) => [name, at]));
    columns.forEach((name, at) => {
      const cells = batch.values[places.get(name) ?? -1];
      for (let row = 0; row < batch.rows; row++) values[at]!.push(cells?.[row] ?? null);
    });
    for (const { column, reason, rows: within } of batch.gaps) {
      const same = `${column} ${reason}`;
      const joined = gaps.get(same) ?? { column, reason, rows: [] };
      gaps.set(same, joined);
      if (within !== "all") { for (const row of within) joined.rows.push(rows + row); }
      else for (let row = 0; row < batch.rows; row++) joined.rows.push(rows + row);
    }
    rows += batch.rows;
  }
  return { table: first.table, columns, values, rows, gaps: [...gaps.values()] };
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Checks a batch that comes from outside (a collector is trusted with nothing but its own rows) and gives it its exact
 * types: every value fits its column, integers fit 64 bits, json columns hold valid JSON, text is well-formed Unicode
 * without NUL, which SQLite would cut it at.
 *
 * @throws {TypeError} naming the column and the row of the first value that does not fit.
 */
export function checkBatch(value: unknown, spec: TableSpec, platform: Platform): RecordBatch {
  const { table, columns, values, rows, gaps } = (value ?? {}) as Partial<RecordBatch>;
  if (table !== spec.name) {
    throw new TypeError(`a batch of ${spec.name} says it is of ${quote(table)}`);
  }
  if (!Number.isSafeInteger(rows) || rows! < 0) throw new TypeError(`${table}: bad row count`);
  if (!Array.isArray(columns) || !Array.isArray(values) || columns.length !== values.length) {
    throw new TypeError(`${table}: columns and values do not match`);
  }
  if (columns.length === 0 && rows! > 0) throw new TypeError(`${table}: rows without columns`);
  const known = columnsByName(spec, platform);
  const seen = new Set<string>();
  const checked = columns.map((name, index) => {
    const column = known.get(name);
    if (!column) {
      throw new TypeError(`${table} has no column ${quote(name)} on ${platform}`);
    }
    if (seen.has(name)) throw new TypeError(`${table}.${name} is given twice`);
    seen.add(name);
    const cells = values[index];
    if (!Array.isArray(cells) || cells.length !== rows) {
      throw new TypeError(`${table}.${name}: ${rows} values expected`);
    }
    // Rows often have the same text, which need be checked only once, and kept only once.
    const texts = rows! > 1 ? new Map<string, Cell>() : undefined;
    return cells.map((cell, row) => {
      const checked = typeof cell === "string" ? texts?.get(cell) : undefined;
      if (checked !== undefined) return checked;
      const value = checkCell(cell, column, table, row);
      if (typeof cell === "string") texts?.set(cell, value);
      return value;
    });
  });
  return {
    table,
    columns,
    values: checked,
    rows: rows!,
    gaps: checkGaps(gaps, known, table, rows!),
  };
}

function checkCell(cell: unknown, column: Column, table: string, row: number): Cell {
  if (cell === null || cell === undefined) return null;
  switch (column.type) {
    case "integer":
    case "timestamp":
      if (Number.isSafeInteger(cell)) return (cell as number) + 0;
      if (typeof cell === "bigint" || (typeof cell === "string" && /^-?\d{1,20}$/.test(cell))) {
        const exact = BigInt(cell);
        if (exact >= INT64_MIN && exact <= INT64_MAX) {
          const small = Number(exact);
          return Number.isSafeInteger(small) ? small : exact;
        }
      }
      break;
    case "float":
      if (typeof cell === "number" && Number.isFinite(cell)) return cell + 0;
      break;
    case "boolean":
      if (typeof cell === "boolean") return cell;
      if (cell === 0 || cell === 1) return cell === 1;
      break;
    case "string":
      if (typeof cell === "string") return cleanText(cell);
      break;
    case "json":
      if (typeof cell === "string" && isJsonText(cell)) return cleanText(cell);
      break;
  }
  throw new TypeError(`${table}.${column.name}, row ${row}: not ${article(column.type)}`);
}

const GAP_REASONS: readonly GapReason[] = ["denied", "deadline", "budget", "not_collected"];

function checkGaps(
  gaps: unknown,
  known: ReadonlyMap<string, Column>,
  table: string,
  rows: number,
): readonly Gap[] {
  if (gaps === undefined) return [];
  if (!Array.isArray(gaps)) throw new TypeError(`${table}: gaps are no list`);
  return gaps.map((gap: Partial<Gap> | null) => {
    const { column, reason, rows: where } = gap ?? {};
    if (typeof column !== "string" || !known.has(column)) {
      throw new TypeError(`${table} has no column ${quote(column)} that could have a gap`);
    }
    const kept = GAP_REASONS.find((one) => one === reason);
    const fits = where === "all" ||
      Array.isArray(where) &&
        where.every((row) => Number.isSafeInteger(row) && row >= 0 && row < rows);
    if (!kept || !fits) throw new TypeError(`${table}.${column}: bad gap`);
    return { column, reason: kept, rows: where };
  });
}

/** What a message names is hostile too: shown short, and never walked. */
function quote(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(name.slice(0, 64)) : `<${typeof name}>`;
}

/** A text as the store keeps it: well-formed Unicode, and without NUL, which SQLite would cut it at. */
export function cleanText(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  return formed.includes("\0") ? formed.replaceAll("\0", "\uFFFD") : formed;
}

function article(type: string): string {
  return type === "integer" ? "an integer" : type === "json" ? "valid JSON" : `a ${type}`;
}
