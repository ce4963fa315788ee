import type { Cell } from "../../schema/batch.ts";
import type { ResultHeader } from "./protocol.ts";

const decoder = new TextDecoder();

/**
 * Reads the rows that a query process sent. The process has read data of hosts: it is believed as far as it keeps to
 * the form.
 *
 * @throws {TypeError} at anything but rows of as many values as there are columns
 * @throws {SyntaxError} at what is not JSON
 */
export function decodeRows(header: ResultHeader, payload: Uint8Array): Cell[][] {
  const rows: unknown = JSON.parse(decoder.decode(payload));
  if (!Array.isArray(rows)) throw new TypeError("rows are not an array");
  const big = new Set(header.big);
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== header.columns.length) {
      throw new TypeError("a row has another number of values than there are columns");
    }
    for (let column = 0; column < row.length; column++) {
      const cell: unknown = row[column];
      if (cell === null || typeof cell === "string" || typeof cell === "number") continue;
      row[column] = big.has(column) ? bigInteger(cell) : undefined;
      if (row[column] === undefined) throw new TypeError("a value is neither text nor number");
    }
  }
  return rows;
}

function bigInteger(cell: unknown): bigint | undefined {
  const digits = (cell as { n?: unknown }).n;
  return typeof digits === "string" && /^-?\d{16,19}$/.test(digits) ? BigInt(digits) : undefined;
}

/** Whether a value is the header of a result, as far as its reader relies on it. */
export function isResultHeader(value: unknown): value is ResultHeader {
  const { type, columns, big, truncated, probes = [] } = (value ?? {}) as Partial<ResultHeader>;
  return type === "result" && typeof truncated === "boolean" &&
    Array.isArray(columns) && columns.every((name) => typeof name === "string") &&
    Array.isArray(big) && big.every((index) => Number.isSafeInteger(index)) &&
    Array.isArray(probes) &&
    probes.every((counts) =>
      Array.isArray(counts) && counts.length === 3 && counts.every(Number.isSafeInteger)
    );
}
