import { assert } from "@std/assert";
import { compileText } from "../../compiler/mod.ts";
import { openSandbox, type Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { TableOutcome } from "../../model/collection.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, Gap, RecordBatch } from "../../schema/batch.ts";
import { openStore, type Store } from "../../store/mod.ts";

/** The time of every test: 2026-01-01T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 1);

/** Calls back with a sandbox, of one process if nothing else is said, and a store in memory. */
export async function withEngine(
  use: (store: Store, sandbox: Sandbox) => Promise<void>,
  size = 1,
): Promise<void> {
  using store = await openMemoryStore();
  await using sandbox = await openSandbox({ policy: "preferred", size });
  await use(store, sandbox);
}

export function openMemoryStore(): Promise<Store> {
  return openStore({ path: ":memory:", mode: "write", holder: "a test", catalogue: CATALOGUE });
}

let detections = 0;

/** Compiles a detection with some front-matter besides what every one needs. */
export function detectionOf(sql: string, more = "", id?: string): CompiledDetection {
  const uuid = id ?? `00000000-0000-4000-8000-${String(++detections).padStart(12, "0")}`;
  const text = `---
id: ${uuid}
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
${more}
---
${sql}
`;
  const { compiled, diagnostics } = compileText(text, "detections/test.sql", CATALOGUE);
  assert(compiled, Deno.inspect(diagnostics));
  return compiled;
}

/** A batch of rows given as objects. */
export function batchOf(
  table: string,
  rows: readonly Readonly<Record<string, Cell>>[],
  gaps: readonly Gap[] = [],
): RecordBatch {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const values = columns.map((column) => rows.map((row) => row[column] ?? null));
  return { table, columns, values, rows: rows.length, gaps };
}

/** Stores a scan of tables as a host would. */
export async function storeScan(
  store: Store,
  tables: readonly (readonly [RecordBatch, TableOutcome?])[],
  at = NOW,
): Promise<ScanManifest> {
  const writer = await store.beginScan({ host: "host-a", platform: "linux", started: at });
  for (const [batch, outcome] of tables) {
    if (batch.rows > 0) await writer.write(batch);
    writer.endTable(batch.table, at, outcome ?? { status: "complete" });
  }
  return await writer.commit([], at);
}
