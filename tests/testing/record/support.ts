import { CATALOGUE } from "../../../profiles/mod.ts";
import type { Cell, GapReason } from "../../../schema/batch.ts";
import type { RecordedRow, Recording } from "../../../testing/record/recording.ts";

/** The time of every test: 2026-01-01T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 1);

/** A recording of tables given as objects; json columns take any value. */
export function recordingOf(
  tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
  host = "fileserver",
): Recording {
  return {
    platform: "linux",
    host,
    at: NOW,
    tables: new Map(
      Object.entries(tables).map(([name, rows]) => [name, {
        spec: CATALOGUE.get(name)!,
        outcome: { status: "complete" },
        rows: rows.map((row) => rowOf(row)),
      }]),
    ),
  };
}

/** A row given as an object. */
export function rowOf(
  row: Readonly<Record<string, unknown>>,
  gaps: Readonly<Record<string, GapReason>> = {},
): RecordedRow {
  const cells = Object.entries(row).map(([name, value]): [string, Cell] => [
    name,
    typeof value === "object" && value !== null ? JSON.stringify(value) : value as Cell,
  ]);
  return { values: new Map(cells), gaps: new Map(Object.entries(gaps)) };
}

/** The rows of a table as objects. */
export function rowsOf(recording: Recording, table = "processes"): Record<string, Cell>[] {
  return recording.tables.get(table)!.rows.map(({ values }) => Object.fromEntries(values));
}
