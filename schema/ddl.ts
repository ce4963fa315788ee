import type { ColumnType, Platform, TableSpec } from "./types.ts";
import { columnsOf } from "./columns.ts";

/** SQLite's declared type of each column type; it decides affinity, so that stored values keep their class. */
export const SQLITE_TYPES: Readonly<Record<ColumnType, "INTEGER" | "REAL" | "TEXT">> = {
  integer: "INTEGER",
  timestamp: "INTEGER",
  boolean: "INTEGER",
  float: "REAL",
  string: "TEXT",
  json: "TEXT",
};

/** Quotes an identifier for SQLite. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The `CREATE TABLE` statement of a virtual table as a platform has it, perhaps under another name. */
export function tableDdl(spec: TableSpec, platform: Platform, name: string = spec.name): string {
  const columns = columnsOf(spec, platform).map((column) =>
    `  ${quoteIdentifier(column.name)} ${SQLITE_TYPES[column.type]}`
  );
  return `CREATE TABLE ${quoteIdentifier(name)} (\n${columns.join(",\n")}\n)`;
}
