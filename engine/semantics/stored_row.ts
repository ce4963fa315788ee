import type { StoredCell } from "../../model/evaluation_state.ts";
import type { Cell } from "../../schema/batch.ts";

/** A row as the state of a detection keeps it. */
export function storedRow(row: readonly Cell[]): StoredCell[] {
  return row.map((cell) => {
    if (typeof cell === "bigint") return { integer: cell.toString() };
    if (typeof cell === "number" && !Number.isFinite(cell)) return { float: String(cell) };
    return cell;
  });
}

/** The row that {@linkcode storedRow} was given. */
export function restoredRow(row: readonly StoredCell[]): Cell[] {
  return row.map((cell) => {
    if (cell === null || typeof cell !== "object") return cell;
    return "integer" in cell ? BigInt(cell.integer) : Number(cell.float);
  });
}
