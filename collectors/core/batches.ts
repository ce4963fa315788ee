import type { Cell, GapReason, RecordBatch } from "../../schema/batch.ts";
import type { PackLimits } from "../../schema/packing.ts";
import type { Reading } from "./collector.ts";

/** Sizes that keep memory bounded on both sides of the pipe. */
export interface BatchLimits {
  /** Rows in a batch. */
  readonly rows: number;
  /** Characters of text after which a batch is full. */
  readonly characters: number;
  /** Characters of one value beyond which it counts as long. */
  readonly long: number;
  /** Characters that all long values of a task may have together. */
  readonly budget: number;
  /** Whether each batch has the budget anew. */
  readonly renewed?: boolean;
}

/** Limits in force: command lines of 2 MB survive whole, ten thousand of them on one host do not. */
export const BATCH_LIMITS: BatchLimits = {
  rows: 500,
  characters: 2 ** 20,
  long: 4096,
  budget: 256 * 2 ** 20,
};

/** The same where memory is scarce: the rows are those that there would be otherwise. */
export const THRIFTY_LIMITS: BatchLimits = { ...BATCH_LIMITS, rows: 100, characters: 2 ** 17 };

/** Of a batch as it travels: a batcher stops at half of that, and what a row adds to it is no long text. */
export const PACK_LIMITS: PackLimits = {
  rows: 2 * BATCH_LIMITS.rows,
  characters: 2 * BATCH_LIMITS.characters,
  long: BATCH_LIMITS.long,
};

/** Gathers the readings of one task into batches. */
export interface Batcher {
  /** Takes a reading; `true` when the batch is full. */
  add(reading: Reading): boolean;
  /** The batch gathered since the last one; `undefined` where nothing was. */
  take(): RecordBatch | undefined;
}

/** Makes a {@linkcode Batcher}. Long values beyond the budget become NULL with the gap `budget`. */
export function createBatcher(table: string, limits: BatchLimits = BATCH_LIMITS): Batcher {
  const columns: string[] = [];
  let values: Cell[][] = [];
  let gaps: GapList = [];
  let rows = 0;
  let characters = 0;
  let budget = limits.budget;

  const fill = (cells: Cell[]) => {
    while (cells.length < rows) cells.push(null);
  };
  /** Where a column stands; rows mostly have the same columns in the same order, so the guess is mostly right. */
  const place = (column: string, guess: number): number => {
    if (columns[guess] === column) return guess;
    const known = columns.indexOf(column);
    if (known >= 0) return known;
    values.push([]);
    return columns.push(column) - 1;
  };

  return {
    add({ row, gaps: missing }) {
      let next = 0;
      for (const column in row) {
        let value = row[column];
        if (value === undefined) continue;
        const at = place(column, next);
        next = at + 1;
        if (typeof value === "bigint") value = value.toString();
        else if (typeof value === "string") {
          const { length } = value;
          if (length > limits.long && length > budget) {
            value = null;
            addGap(gaps, column, "budget", rows);
          } else {
            if (length > limits.long) budget -= length;
            characters += length;
          }
        }
        const cells = values[at]!;
        fill(cells);
        cells.push(value);
      }
      for (const column in missing) addGap(gaps, column, missing[column]!, rows);
      rows++;
      return rows >= limits.rows || characters >= limits.characters;
    },
    take() {
      if (rows === 0) return undefined;
      values.forEach(fill);
      const batch: RecordBatch = { table, columns: [...columns], values, rows, gaps };
      values = columns.map(() => []);
      gaps = [];
      rows = 0;
      characters = 0;
      if (limits.renewed) budget = limits.budget;
      return batch;
    },
  };
}

/** A batch whose longest text has become NULL with the gap `budget`; for one that does not fit into a message. */
export function withoutLongest(batch: RecordBatch): RecordBatch {
  let longest = { column: 0, row: 0, length: 0 };
  for (const [column, cells] of batch.values.entries()) {
    for (const [row, cell] of cells.entries()) {
      const length = typeof cell === "string" ? cell.length : 0;
      if (length > longest.length) longest = { column, row, length };
    }
  }
  const gaps: GapList = batch.gaps.map((gap) => ({ ...gap, rows: [...gap.rows as number[]] }));
  addGap(gaps, batch.columns[longest.column]!, "budget", longest.row);
  const values = batch.values.map((cells, column) =>
    column === longest.column ? cells.with(longest.row, null) : cells
  );
  return { ...batch, values, gaps };
}

type GapList = { column: string; reason: GapReason; rows: number[] }[];

function addGap(gaps: GapList, column: string, reason: GapReason, row: number): void {
  const gap = gaps.find((one) => one.column === column && one.reason === reason);
  if (gap) gap.rows.push(row);
  else gaps.push({ column, reason, rows: [row] });
}
