import type { Alert, Evidence, JsonValue } from "../model/alert.ts";
import type { CompiledDetection, ResultColumn } from "../model/compiled.ts";
import type { Change, Counted } from "../model/hits.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Cell } from "../schema/batch.ts";
import { columnsOf } from "../schema/columns.ts";
import type { Platform } from "../schema/types.ts";
import { type AddedValues, dedupeKey } from "./key.ts";

/** What an alert says besides its row. */
export interface AlertContext {
  /** Name of the host. */
  readonly host: string;
  /** Its operating system. */
  readonly platform: Platform;
  /** The scan that was judged. */
  readonly scan_id: number;
  /** ms since the epoch. */
  readonly now: number;
  /** How long the query ran, ms. */
  readonly duration_ms: number;
  /** The tables that there are, for the keys of their rows. */
  readonly catalogue: Catalogue;
  /** The scan that keeps the row, where it is not the one that was judged. */
  readonly row_scan_id?: number;
  /** How the row differs from the run before. */
  readonly change?: Change;
  /** What a threshold counted up to the row. */
  readonly counted?: Counted;
}

/** The alert of a hit. What evaluation adds to the row stands beside its columns. */
export function toAlert(
  compiled: CompiledDetection,
  row: readonly Cell[],
  context: AlertContext,
): Alert {
  const { meta } = compiled.detection;
  const { change, counted } = context;
  const added: AddedValues = { ...(change && { change }), ...counted };
  const alert_data = Object.assign(rowData(compiled.columns, row), added);
  const processes = affectedProcesses(compiled.columns, row);
  return {
    kind: "alert",
    id: crypto.randomUUID(),
    alert_time: context.now,
    rule_id: meta.id,
    rule_version: meta.version,
    title: meta.alert.title === undefined ? meta.title : fillTemplate(meta.alert.title, alert_data),
    description: meta.description,
    severity: meta.severity,
    tags: meta.tags,
    host: context.host,
    scan_id: context.scan_id,
    affected_processes: processes,
    process_count: processes.length,
    alert_data,
    rule_execution_time_ms: context.duration_ms,
    dedupe_key: dedupeKey(compiled, row, added),
    suppressed_count: 0,
    evidence: evidence(compiled, row, context),
  };
}

/** A result row as JSON: json columns as what they hold, booleans as such, integers beyond 2^53 as strings. */
export function rowData(
  columns: readonly ResultColumn[],
  row: readonly Cell[],
): Record<string, JsonValue> {
  // Without a prototype, so that a column named `__proto__` is a column.
  const data: Record<string, JsonValue> = Object.create(null);
  for (const [index, { name, type }] of columns.entries()) {
    data[name] = jsonValue(row[index] ?? null, type);
  }
  return data;
}

function jsonValue(cell: Cell, type: ResultColumn["type"]): JsonValue {
  if (typeof cell === "bigint") return cell.toString();
  if (typeof cell === "number" && !Number.isFinite(cell)) return String(cell);
  if (type === "boolean" && (cell === 0 || cell === 1)) return cell === 1;
  if (type !== "json" || typeof cell !== "string") return cell;
  try {
    return JSON.parse(cell, keepInteger);
  } catch {
    // A value that an expression has made of a json column may be no JSON any more.
    return cell;
  }
}

/** Keeps the digits of an integer within JSON that a number would round. */
function keepInteger(_key: string, value: JsonValue, context?: { source: string }): JsonValue {
  const rounded = typeof value === "number" && Number.isInteger(value) &&
    !Number.isSafeInteger(value);
  return rounded && /^-?\d+$/.test(context?.source ?? "") ? context!.source : value;
}

/** The longest title: host data of any length may stand in it. */
const MAX_TITLE = 300;

/** Fills `{{column}}` in a title; NULL and unknown columns leave a question mark. */
function fillTemplate(template: string, data: Readonly<Record<string, JsonValue>>): string {
  const title = template.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) => {
    const value = data[name.trim()] ?? null;
    if (value === null) return "?";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
  return title.length > MAX_TITLE ? `${title.slice(0, MAX_TITLE - 1)}…` : title;
}

function affectedProcesses(columns: readonly ResultColumn[], row: readonly Cell[]): number[] {
  for (const wanted of ["pid", "process_pid"]) {
    const index = columns.findIndex(({ name }) => name === wanted);
    const cell = index < 0 ? null : row[index];
    if (typeof cell === "number") return [cell];
  }
  return [];
}

/**
 * The keys of the stored rows behind a hit, as far as the result passes the key columns of a table on unchanged. A table
 * with a single key column may stand in a query several times (a process and its parent): each such column names a row.
 */
function evidence(
  { columns, tables }: CompiledDetection,
  row: readonly Cell[],
  { catalogue, platform, scan_id: judged, row_scan_id: scan_id = judged }: AlertContext,
): Evidence[] {
  const found = new Map<string, Evidence>();
  for (const { table } of tables) {
    const spec = catalogue.get(table);
    const keys = (spec ? columnsOf(spec, platform) : []).filter(({ key }) => key);
    const carriers = keys.map(({ name }) =>
      [...columns.keys()].filter((index) => {
        const origin = columns[index]!.origin;
        return origin?.table === table && origin.column === name && (row[index] ?? null) !== null;
      })
    );
    const rows = carriers.length === 1
      ? carriers[0]!.map((index) => [index])
      : carriers.length > 1 && carriers.every((indices) => indices.length > 0)
      ? [carriers.map((indices) => indices[0]!)]
      : [];
    for (const indices of rows) {
      const key = Object.fromEntries(
        indices.map((index, at) => [keys[at]!.name, jsonValue(row[index]!, columns[index]!.type)]),
      );
      // Over stored history a row says itself which scan it is of.
      const own = columns.findIndex(({ origin }) =>
        origin?.table === table && origin.column === "scan_id"
      );
      const scan = typeof row[own] === "number" ? row[own] : scan_id;
      found.set(JSON.stringify([table, key]), { scan_id: scan, table, key });
    }
  }
  return [...found.values()];
}
