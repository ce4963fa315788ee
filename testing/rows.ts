import type { Node, Scalar } from "yaml";
import type { Cell, RecordBatch } from "../schema/batch.ts";
import { collectedColumns, type Column } from "../schema/columns.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { parseTime } from "./time.ts";
import { isScalar, scalarText, type YamlReader } from "./yaml.ts";

/**
 * Reads the rows of a table in a step; values that do not fit their column are faults and count as NULL.
 *
 * @param processes those of the step, which rows of other tables name by their pids
 */
export function readRows(
  reader: YamlReader,
  node: Node | null,
  spec: TableSpec,
  platform: Platform,
  at: number,
  processes?: RecordBatch,
): RecordBatch {
  return rowsOf(reader, reader.items(node, `rows of ${spec.name}`), spec, platform, at, processes);
}

/**
 * Reads rows that stand one by one; see {@linkcode readRows}.
 *
 * @param processes rows in which processes are looked for that are not among those read
 */
export function rowsOf(
  reader: YamlReader,
  items: readonly Node[],
  spec: TableSpec,
  platform: Platform,
  at: number,
  processes?: RecordBatch,
): RecordBatch {
  const columns = collectedColumns(spec, platform);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const rows = items.map((item) => readRow(reader, item, spec, byName, at));
  deriveProcessKeys(rows, byName, processes);
  const used = columns.filter(({ name }) => rows.some((row) => row.has(name)));
  return {
    table: spec.name,
    columns: used.map(({ name }) => name),
    values: used.map(({ name }) => rows.map((row) => row.get(name) ?? null)),
    rows: rows.length,
    gaps: [],
  };
}

/** The batch with a denied column: its values that are NULL are so by refusal. */
export function withGaps(batch: RecordBatch, column: string): RecordBatch {
  const values = batch.values[batch.columns.indexOf(column)];
  const rows = Array.from({ length: batch.rows }, (_, row) => row).filter((row) =>
    (values?.[row] ?? null) === null
  );
  return { ...batch, gaps: [...batch.gaps, { column, reason: "denied", rows }] };
}

/** Whether a value is the key of a process that its fixture does not give: see {@linkcode readRows}. */
export function isDerivedKey(value: unknown): boolean {
  return typeof value === "string" && /^fixture:-?\d+:-?\d+$/.test(value);
}

type FixtureRow = Map<string, Cell>;

function readRow(
  reader: YamlReader,
  node: Node,
  spec: TableSpec,
  columns: ReadonlyMap<string, Column>,
  at: number,
): FixtureRow {
  const row: FixtureRow = new Map();
  for (const [name, value, keyNode] of reader.pairs(node, `a row of ${spec.name}`)) {
    const column = columns.get(name);
    if (!column) {
      const near = reader.nearest(name, [...columns.keys()]);
      reader.fault(keyNode, `${spec.name} has no column ${name}`, near);
      continue;
    }
    const cell = readCell(value, column, at);
    if (cell === undefined) {
      reader.fault(value ?? keyNode, `${spec.name}.${name} takes ${WANTED[column.type]}`);
    } else row.set(name, cell);
  }
  return row;
}

const WANTED: Readonly<Record<Column["type"], string>> = {
  integer: "a whole number",
  float: "a number",
  string: "text",
  boolean: "true or false",
  timestamp:
    "an ISO 8601 time with a zone, milliseconds, or a duration before or after `at` such as -5m",
  json: "a YAML value",
};

function readCell(node: Node | null, column: Column, at: number): Cell | undefined {
  if (node === null || isScalar(node) && node.value === null) return null;
  if (column.type === "json") return JSON.stringify(node.toJSON());
  if (!isScalar(node)) return undefined;
  const { value } = node as Scalar;
  switch (column.type) {
    case "string":
      return scalarText(node);
    case "boolean":
      return typeof value === "boolean"
        ? value
        : value === 0 || value === 1
        ? value === 1
        : undefined;
    case "float":
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "integer": {
      const text = scalarText(node);
      if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
      if (Number.isSafeInteger(value)) return value;
      const exact = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
      return exact !== undefined && BigInt.asIntN(64, exact) === exact ? exact : undefined;
    }
    case "timestamp":
      return parseTime(scalarText(node), at);
  }
}

/**
 * Authors think in pids: a row without a `process_key` gets the one of the process that has its pid, or one made from
 * its pid and start time; a row without a `parent_key` gets its parent's, where the parent is among the rows.
 */
function deriveProcessKeys(
  rows: readonly FixtureRow[],
  columns: ReadonlyMap<string, Column>,
  processes?: RecordBatch,
): void {
  if (!columns.has("process_key")) return;
  const known = new Map(keysOf(processes));
  for (const row of rows) {
    const pid = row.get("pid") ?? null;
    if (row.has("process_key") || pid === null) continue;
    const found = row.has("start_time") ? undefined : known.get(pid);
    row.set("process_key", found ?? `fixture:${pid}:${row.get("start_time") ?? 0}`);
  }
  if (!columns.has("parent_key")) return;
  const keyOfPid = new Map([
    ...known,
    ...rows.map((row) => [row.get("pid"), row.get("process_key")] as const),
  ]);
  for (const row of rows) {
    const parent = keyOfPid.get(row.get("ppid"));
    if (!row.has("parent_key") && row.has("ppid") && parent !== undefined) {
      row.set("parent_key", parent);
    }
  }
}

function keysOf(processes: RecordBatch | undefined): (readonly [pid: Cell, key: Cell])[] {
  const { columns = [], values = [], rows = 0 } = processes ?? {};
  const column = (name: string) => values[columns.indexOf(name)];
  return Array.from(
    { length: rows },
    (_, row) => [column("pid")?.[row] ?? null, column("process_key")?.[row] ?? null] as const,
  );
}
