import type { Cell, RecordBatch } from "./batch.ts";

/** A column whose values repeat: each value once, and which of them each row has; without that all have the first. */
export interface PackedColumn {
  /** The values. */
  readonly of: readonly Cell[];
  /** A place in `of` for each row. */
  readonly at?: readonly number[];
}

/** A batch as it travels and is stored: rows of one table have much in common, which is said once. */
export interface PackedBatch extends Omit<RecordBatch, "values"> {
  /** One for each column; a list has a value for each row. */
  readonly values: readonly (readonly Cell[] | PackedColumn)[];
}

/** What packing does at most, so that a short text does not become much. */
export interface PackLimits {
  /** Rows of a batch that has packed columns. */
  readonly rows: number;
  /** Characters that may come out of all packed columns of a batch. */
  readonly characters: number;
  /** Characters of a value; longer ones are never packed. */
  readonly long: number;
}

/** Fewer rows stay as they are. */
const FEW = 3;

/** Columns of a batch that has packed ones; no table has as many. */
const MAX_COLUMNS = 1024;

/** Writes values that repeat only once. */
export function pack(batch: RecordBatch, { rows, long }: PackLimits): PackedBatch {
  const packs = batch.rows >= FEW && batch.rows <= rows;
  return packs ? { ...batch, values: batch.values.map((cells) => packColumn(cells, long)) } : batch;
}

function packColumn(cells: readonly Cell[], long: number): readonly Cell[] | PackedColumn {
  const first = cells[0]!;
  if (isLong(first, long)) return cells;
  let same = 1;
  while (same < cells.length && cells[same] === first) same++;
  if (same === cells.length) return { of: [first] };
  // Numbers are shorter than where they would stand.
  if (typeof first !== "string" && typeof cells[same] !== "string") return cells;
  const places = new Map<Cell, number>();
  const at: number[] = [];
  for (const cell of cells) {
    let place = places.get(cell);
    if (place === undefined) {
      if (isLong(cell, long) || 2 * places.size >= cells.length) return cells;
      places.set(cell, place = places.size);
    }
    at.push(place);
  }
  return { of: [...places.keys()], at };
}

function isLong(cell: unknown, long: number): boolean {
  return typeof cell === "string" && cell.length > long;
}

/**
 * Makes of a packed batch what it was. Only what is packed is looked at; whether the values fit the table is
 * for {@linkcode checkBatch} to say.
 *
 * @throws {TypeError} where a packed column says what cannot be, or a short message would become more than the limits allow
 */
export function unpack(batch: unknown, limits: PackLimits): unknown {
  const { rows, values } = (batch ?? {}) as { readonly rows?: unknown; readonly values?: unknown };
  if (!Array.isArray(values) || !values.some(isPacked)) return batch;
  if (typeof rows !== "number" || !Number.isInteger(rows) || rows < 0 || rows > limits.rows) {
    throw new TypeError("a packed batch of too many rows");
  }
  if (values.length > MAX_COLUMNS) throw new TypeError("a packed batch of too many columns");
  let left = limits.characters;
  const unpackColumn = ({ of, at }: PackedColumn): unknown[] => {
    if (of.some((cell) => isLong(cell, limits.long))) {
      throw new TypeError("a packed column of long values");
    }
    const lengths = of.map((cell) => typeof cell === "string" ? cell.length : 0);
    if (at === undefined) {
      left -= rows * (lengths[0] ?? 0);
      if (of.length !== 1 || left < 0) throw new TypeError("a bad packed column");
      return new Array(rows).fill(of[0]);
    }
    if (!Array.isArray(at) || at.length !== rows) throw new TypeError("a bad packed column");
    return at.map((place) => {
      const length = typeof place === "number" ? lengths[place] : undefined;
      if (length === undefined || (left -= length) < 0) throw new TypeError("a bad packed value");
      return of[place];
    });
  };
  return {
    ...batch as object,
    values: values.map((cells) => isPacked(cells) ? unpackColumn(cells) : cells),
  };
}

function isPacked(cells: unknown): cells is PackedColumn {
  return typeof cells === "object" && cells !== null && Array.isArray((cells as PackedColumn).of);
}
