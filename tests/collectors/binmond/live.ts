import { type Collectors, openCollectors } from "../../../collectors/mod.ts";
import type {
  CollectionTask,
  ConfinementPolicy,
  TableOutcome,
  TaskKeys,
} from "../../../model/collection.ts";
import { binary_analysis } from "../../../profiles/binary_analysis.ts";
import { imports_exports } from "../../../profiles/imports_exports.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import { drain, type ReadRow } from "../support.ts";

/** All columns of a table on Linux, but open metadata. */
export const COLUMNS = {
  binary_analysis: columnsOf(binary_analysis),
  imports_exports: columnsOf(imports_exports),
} as const;

function columnsOf(spec: typeof binary_analysis | typeof imports_exports): string[] {
  return collectedColumns(spec, "linux").map(({ name }) => name)
    .filter((name) => name !== "platform_data");
}

/** Opens the collectors of this host. */
export function openHere(policy: ConfinementPolicy = "preferred"): Promise<Collectors> {
  return openCollectors({ platform: "linux", policy });
}

/** Collects a table for some keys. */
export async function collectKeys(
  collectors: Collectors,
  table: keyof typeof COLUMNS,
  keys: TaskKeys,
  options: Partial<CollectionTask> = {},
): Promise<{ readonly rows: ReadRow[]; readonly outcome: TableOutcome }> {
  const project = COLUMNS[table];
  return await drain(collectors.collect({ table, project, keys, deadline: 60_000, ...options }));
}

/** The key of a process that runs. */
export function processKey(pid: number): string {
  const bootId = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  return `${bootId}:${pid}:${fields[19]}`;
}
