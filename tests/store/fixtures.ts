import { randomBytes } from "node:crypto";
import { join } from "@std/path";
import type { Alert } from "../../model/alert.ts";
import type { OpenedAlert } from "../../model/hits.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import type { TableSpec } from "../../schema/types.ts";
import { openStore, type Store, type StoreReader } from "../../store/mod.ts";

/** A table with a column of every type. */
export const things = {
  name: "things",
  description: "A table with a column of every type.",
  collector: "thingmond",
  kind: "monitor",
  columns: {
    id: ["integer", "Number", { key: true }],
    size: ["float", "Size", { optional: true }],
    name: ["string", "Name", { optional: true }],
    good: ["boolean", "Whether it is good", { optional: true }],
    seen: ["timestamp", "When it was seen", { optional: true }],
    more: ["json", "More", { optional: true }],
  },
  examples: [],
} as const satisfies TableSpec;

export const catalogue: Catalogue = new Map([[things.name, things]]);

/** Calls back with a path in a folder that is removed afterwards. */
export async function withPath(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-store-" });
  try {
    await use(join(folder, "state.kv"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export function openToWrite(path: string, holder = "daemoneye test"): Promise<Store> {
  return openStore({ path, mode: "write", holder, catalogue });
}

export function openToRead(path: string): Promise<StoreReader> {
  return openStore({ path, mode: "read", holder: "daemoneye test", catalogue });
}

/** Calls back with a store in memory. */
export async function withMemory(use: (store: Store) => Promise<void>): Promise<void> {
  const store = await openToWrite(":memory:");
  try {
    await use(store);
  } finally {
    store.close();
  }
}

/** Rows `from` up to `to` that can be told from those of every other scan. */
export function thingsOf(scan_id: number, from: number, to: number): RecordBatch {
  const rows = Array.from({ length: to - from }, (_, row) => from + row);
  return {
    table: "things",
    columns: ["id", "name", "more"],
    values: [
      rows,
      rows.map((row) => nameOf(scan_id, row)),
      rows.map((row) => JSON.stringify({ row })),
    ],
    rows: rows.length,
    gaps: [],
  };
}

/** Text that does not compress, so that pages have several parts. */
export function nameOf(scan_id: number, row: number): string {
  let state = scan_id * 1_000_003 + row;
  return Array.from({ length: 12 }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 0).toString(36);
  }).join("-");
}

/** Writes a scan of `rows` rows of {@linkcode thingsOf} and commits it. */
export async function writeScan(store: Store, rows: number, finished = 1000): Promise<number> {
  const scan = await store.beginScan({ host: "host-a", platform: "linux", started: finished - 10 });
  await scan.write(thingsOf(scan.scan_id, 0, rows));
  scan.endTable("things", finished - 5, { status: "complete" });
  await scan.commit([], finished);
  return scan.scan_id;
}

/** All values of a column of a table of a scan. */
export async function columnOf(
  store: StoreReader,
  scan_id: number,
  column: string,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const batch of store.batches(scan_id, "things")) {
    for (const cell of batch.values[batch.columns.indexOf(column)] ?? []) cells.push(cell);
  }
  return cells;
}

export function alertOf(fields: Partial<Alert> = {}): Alert {
  return {
    kind: "alert",
    id: crypto.randomUUID(),
    alert_time: 1000,
    rule_id: "rule-1",
    rule_version: "1.0.0",
    title: "A title",
    description: "A description",
    severity: "high",
    tags: ["attack.execution"],
    host: "host-a",
    scan_id: 1,
    affected_processes: [4100],
    process_count: 1,
    alert_data: { pid: 4100 },
    rule_execution_time_ms: 1.5,
    dedupe_key: '{"pid":4100}',
    suppressed_count: 0,
    evidence: [{ scan_id: 1, table: "processes", key: { pid: 4100 } }],
    ...fields,
  };
}

/** An alert with a window of an hour. */
export function openedOf(fields: Partial<Alert> = {}): OpenedAlert {
  const alert = alertOf(fields);
  return { alert, until: alert.alert_time + 3_600_000 };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Text that does not compress: at least `bytes` are left of it. */
export function incompressible(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
