import { suppressionColumns } from "../../alerts/mod.ts";
import type { Alert } from "../../model/alert.ts";
import type { CompiledDetection, ResultColumn } from "../../model/compiled.ts";
import type { Cell } from "../../schema/batch.ts";
import { collectedColumns, type Column, STORED_COLUMNS } from "../../schema/columns.ts";
import type { ColumnType, Platform } from "../../schema/types.ts";
import { timeText } from "../time.ts";
import { parseExact } from "./exact_json.ts";
import type { RecordedRow, RecordedTable, Recording } from "./recording.ts";
import type { Replay } from "./replay.ts";
import { flowYaml, itemLines, pairLines } from "./yaml_text.ts";

/** What a fixture says besides its rows. */
export interface FixtureTextOptions {
  /** What the case plays, in a few words. */
  readonly case: string;
  /** What the fixture is, in sentences; they stand above it. */
  readonly comments: readonly string[];
  /** The detection and what it made of the recording. Without them the fixture expects no alert. */
  readonly expected?: { readonly compiled: CompiledDetection; readonly replay: Replay };
  /** Whether the keys of processes are written. Without them a fixture reads better, and derives them from pids. */
  readonly processKeys: boolean;
}

/** Columns that fixtures derive from pids where they are absent. */
const PROCESS_KEYS: readonly string[] = ["process_key", "parent_key"];

/** A recording as a fixture: a row a line where it fits, no NULL, times as ISO 8601. */
export function fixtureText(recording: Recording, options: FixtureTextOptions): string {
  const { platform, at, tables } = recording;
  const denied = [...tables.values()].flatMap(deniedColumns);
  return [
    ...options.comments.map((comment) => `# ${comment}`),
    `case: ${flowYaml(options.case)}`,
    `platform: ${platform}`,
    `at: ${timeText(at)}`,
    "tables:",
    ...[...tables.values()].flatMap((table) => tableLines(table, platform, options)),
    ...denied.length > 0 ? pairLines("denied", denied) : [],
    ...expectationLines(options),
    "",
  ].join("\n");
}

function tableLines(
  { spec, outcome, rows }: RecordedTable,
  platform: Platform,
  { processKeys }: FixtureTextOptions,
): string[] {
  if (outcome.status === "unavailable") {
    return [`  ${spec.name}: ${flowYaml({ unavailable: outcome.reason })}`];
  }
  if (rows.length === 0) return [`  ${spec.name}: []`];
  const columns = collectedColumns(spec, platform)
    .filter(({ name }) => processKeys || !PROCESS_KEYS.includes(name));
  return [
    `  ${spec.name}:`,
    ...rows.flatMap((row) => itemLines(rowItem(row, columns), "    ")),
  ];
}

function rowItem({ values }: RecordedRow, columns: readonly Column[]): Record<string, unknown> {
  return Object.fromEntries(
    columns.flatMap(({ name, type }) => {
      const cell = values.get(name) ?? null;
      return cell === null ? [] : [[name, cellValue(cell, type)]];
    }),
  );
}

function cellValue(cell: Cell, type: ColumnType | undefined): unknown {
  if (type === "timestamp" && typeof cell === "number") return timeText(cell);
  return type === "json" && typeof cell === "string" ? parseExact(cell) : cell;
}

function deniedColumns({ spec, rows }: RecordedTable): string[] {
  return [...new Set(rows.flatMap(({ gaps }) => [...gaps.keys()]))].map((column) =>
    `${spec.name}.${column}`
  );
}

function expectationLines({ expected }: FixtureTextOptions): string[] {
  if (expected?.replay.not_evaluated !== undefined) {
    return ["expect:", "  verdict: not_evaluated"];
  }
  const alerts = expected?.replay.alerts ?? [];
  if (alerts.length === 0) return ["expect:", "  alerts: []"];
  const columns = tellingColumns(expected!.compiled);
  return [
    "expect:",
    "  alerts:",
    ...alerts.flatMap((alert) => itemLines(alertItem(alert, columns), "    ")),
  ];
}

/** What tells alerts apart: process and name, and the columns of the deduplication key that a fixture knows. */
export function tellingColumns(compiled: CompiledDetection): readonly ResultColumn[] {
  const known = compiled.columns.filter(({ name, origin }) =>
    !PROCESS_KEYS.includes(origin?.column ?? name) && !((origin?.column ?? "") in STORED_COLUMNS)
  );
  const wanted = ["pid", "process_pid", "name", ...suppressionColumns(compiled)];
  const telling = known.filter(({ name }) => wanted.includes(name));
  return telling.length > 0 ? telling : known;
}

function alertItem(
  { alert_data }: Alert,
  columns: readonly ResultColumn[],
): Record<string, unknown> {
  return Object.fromEntries(
    columns.flatMap(({ name, type }) => {
      const value = alert_data[name] ?? null;
      if (value === null) return [];
      return [[name, type === "timestamp" && typeof value === "number" ? timeText(value) : value]];
    }),
  );
}
