import { assertEquals } from "@std/assert";
import { type Collectors, openCollectors } from "../../../collectors/mod.ts";
import type { TableOutcome, TaskKeys } from "../../../model/collection.ts";
import { canConfine, drain, isRoot, type ReadRow } from "../support.ts";
import { hasLibrary } from "./host.ts";

/** What tests of the collector need of the host. */
export const needs = { "the C library of Linux": hasLibrary(), root: isRoot };

/** Whether a program is installed. */
export const has = (program: string): boolean =>
  new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync()
    .success;

/** Opens the collectors, confined where that can be. */
export function open(): Promise<Collectors> {
  return openCollectors({ platform: "linux", policy: canConfine() ? "required" : "preferred" });
}

/** What one collection of files gave. */
export interface Collected {
  readonly rows: ReadRow[];
  readonly outcome: TableOutcome;
  readonly byPath: ReadonlyMap<unknown, ReadRow>;
}

/** Collects files once. */
export async function collect(
  collectors: Collectors,
  keys: TaskKeys,
  project: readonly string[],
): Promise<Collected> {
  const task = { table: "file_metadata", project, deadline: 60_000, keys };
  const { rows, outcome } = await drain(collectors.collect(task));
  return { rows, outcome, byPath: new Map(rows.map((row) => [row.values.file_path, row])) };
}

/** The columns of some files, by path. */
export async function metadata(
  paths: readonly string[],
  project: readonly string[],
): Promise<ReadonlyMap<unknown, ReadRow>> {
  await using collectors = await open();
  const keys = { column: "file_path", values: paths };
  const { outcome, byPath } = await collect(collectors, keys, ["file_path", ...project]);
  assertEquals(outcome, { status: "complete" });
  return byPath;
}
