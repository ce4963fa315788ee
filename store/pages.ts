import type { Cell, RecordBatch } from "../schema/batch.ts";
import { columnsByName, STORED_COLUMNS } from "../schema/columns.ts";
import { pack, type PackLimits, unpack } from "../schema/packing.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { corrupt } from "./codec.ts";

/** The most rows of a page, and the most text: what a reader has to hold in memory at once. */
const MAX_PAGE_ROWS = 2000;
const MAX_PAGE_TEXT = 4 * 1024 * 1024;

/** No page has more; what is longer seldom repeats. */
const PACK_LIMITS: PackLimits = { rows: MAX_PAGE_ROWS, characters: MAX_PAGE_TEXT, long: 4096 };

/** Cuts a batch into pages of bounded size. A single row may be as large as it is. */
export function* pagesOf(batch: RecordBatch): Generator<RecordBatch> {
  const sizes = rowSizes(batch);
  let from = 0;
  let size = 0;
  for (let row = 0; row < batch.rows; row++) {
    const full = row - from === MAX_PAGE_ROWS || size + sizes[row]! > MAX_PAGE_TEXT;
    if (full && row > from) {
      yield slice(batch, from, row);
      from = row;
      size = 0;
    }
    size += sizes[row]!;
  }
  if (from < batch.rows) yield slice(batch, from, batch.rows);
}

function rowSizes(batch: RecordBatch): Float64Array {
  const sizes = new Float64Array(batch.rows);
  for (const cells of batch.values) {
    for (let row = 0; row < batch.rows; row++) {
      const cell = cells[row];
      sizes[row]! += typeof cell === "string" ? cell.length + 8 : 8;
    }
  }
  return sizes;
}

function slice(batch: RecordBatch, from: number, to: number): RecordBatch {
  if (from === 0 && to === batch.rows) return batch;
  return {
    table: batch.table,
    columns: batch.columns,
    values: batch.values.map((cells) => cells.slice(from, to)),
    rows: to - from,
    ...(batch.key !== undefined && { key: batch.key }),
    ...(batch.resources !== undefined && { resources: batch.resources }),
    gaps: batch.gaps.flatMap((gap) => {
      if (gap.rows === "all") return [gap];
      const rows = gap.rows.filter((row) => row >= from && row < to).map((row) => row - from);
      return rows.length > 0 ? [{ ...gap, rows }] : [];
    }),
  };
}

/** The text of a page: JSON, with integers beyond 2^53 as decimal strings, and values that repeat once. */
export function pageText(page: RecordBatch): string {
  const values = page.values.map((cells) =>
    cells.some((cell) => typeof cell === "bigint")
      ? cells.map((cell) => typeof cell === "bigint" ? cell.toString() : cell)
      : cells
  );
  return JSON.stringify(pack({ ...page, values }, PACK_LIMITS));
}

/**
 * Gives a page that was read back its exact types. What it holds was checked before it was stored, and the page carries
 * a checksum, so only its shape is checked again. Columns that the catalogue no longer has are left out.
 *
 * @throws {StoreError} `corrupt` where it is no page of the table
 */
export function restorePage(value: unknown, spec: TableSpec, platform: Platform): RecordBatch {
  const { table, columns, values, rows, gaps, key, resources } = unpacked(value, spec);
  const sound = table === spec.name && Number.isSafeInteger(rows) && Array.isArray(gaps) &&
    Array.isArray(columns) && Array.isArray(values) && columns.length === values.length &&
    values.every((cells) => Array.isArray(cells) && cells.length === rows);
  if (!sound) throw corrupt(`a page of ${spec.name}`);
  const known = columnsByName(spec, platform);
  const kept = columns!.flatMap((name, index) => known.has(name) ? [index] : []);
  return {
    table: spec.name,
    columns: kept.map((index) => columns![index]!),
    values: kept.map((index) => {
      const type = known.get(columns![index]!)!.type;
      return type === "integer" || type === "timestamp"
        ? values![index]!.map((cell: Cell) => restoreInteger(cell, spec))
        : values![index]!;
    }),
    rows: rows!,
    gaps: gaps!.filter((gap) => known.has(gap?.column)),
    ...(typeof key === "string" && { key }),
    ...(typeof resources === "string" && { resources }),
  };
}

function unpacked(value: unknown, spec: TableSpec): Partial<RecordBatch> {
  try {
    return (unpack(value, PACK_LIMITS) ?? {}) as Partial<RecordBatch>;
  } catch {
    throw corrupt(`a page of ${spec.name}`);
  }
}

function restoreInteger(cell: Cell, spec: TableSpec): Cell {
  if (typeof cell !== "string") return cell;
  if (!/^-?\d+$/.test(cell)) throw corrupt(`a page of ${spec.name}`);
  return BigInt(cell);
}

/** What the store knows of the rows of a table of a scan, whatever their collector said. */
export interface StoredValues {
  readonly scan_id: number;
  readonly host: string;
  /** Stands in rows that have no time of their own. */
  readonly collection_time: number;
}

/** A batch with the columns that the store fills, behind the others. */
export function fillStoredColumns(batch: RecordBatch, stored: StoredValues): RecordBatch {
  const own = batch.columns.flatMap((name, index) => name in STORED_COLUMNS ? [] : [index]);
  const times = batch.values[batch.columns.indexOf("collection_time")];
  const constant = (value: Cell) => Array.from({ length: batch.rows }, () => value);
  return {
    ...batch,
    columns: [
      ...own.map((index) => batch.columns[index]!),
      "scan_id",
      "collection_time",
      "host",
    ],
    values: [
      ...own.map((index) => batch.values[index]!),
      constant(stored.scan_id),
      times?.map((time) => time ?? stored.collection_time) ?? constant(stored.collection_time),
      constant(stored.host),
    ],
    gaps: batch.gaps.filter(({ column }) => !(column in STORED_COLUMNS)),
  };
}
