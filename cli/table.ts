import { bold } from "@std/fmt/colors";
import stringWidth from "string-width";
import { escapeCsvCell, escapeTerminal } from "../diagnostics/escape.ts";
import type { QueryResult } from "../model/verdict.ts";
import type { Cell } from "../schema/batch.ts";

/** Longer values are cut in a table; json and csv show them whole. */
const MAX_WIDTH = 80;

/** A result as a table for people, host data escaped. */
export function renderTable({ columns, rows, duration_ms }: QueryResult): string {
  const cells = rows.map((row) =>
    row.map((cell, index) => shorten(cellText(cell, columns[index]?.type)))
  );
  const names = columns.map(({ name }) => escapeTerminal(name));
  const widths = names.map((name, index) =>
    Math.max(stringWidth(name), ...cells.map((row) => stringWidth(row[index]!)))
  );
  const line = (values: readonly string[]) =>
    values.map((value, index) => value + " ".repeat(widths[index]! - stringWidth(value))).join(
      "  ",
    ).trimEnd();
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"} (${duration_ms.toFixed(0)} ms)`;
  return [bold(line(names)), ...cells.map(line), "", count, ""].join("\n");
}

function cellText(cell: Cell, type: string | undefined): string {
  if (cell === null) return "NULL";
  if (type === "timestamp" && typeof cell === "number") {
    const date = new Date(cell);
    if (!Number.isNaN(date.getTime())) return date.toISOString();
  }
  return String(cell);
}

/** Cuts before escaping is complete only by whole characters of the escaped text, which holds no control any more. */
function shorten(text: string): string {
  const escaped = escapeTerminal(text.slice(0, MAX_WIDTH * 2));
  return stringWidth(escaped) <= MAX_WIDTH && text.length <= MAX_WIDTH * 2
    ? escaped
    : `${[...escaped].slice(0, MAX_WIDTH - 1).join("")}…`;
}

/** A result as CSV with a header, safe to open in a spreadsheet. */
export function rowsAsCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) =>
    row.map((cell) => escapeCsvCell(cell)).join(",")
  );
  return lines.join("\r\n") + "\r\n";
}
