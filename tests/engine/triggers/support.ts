import type { Collectors } from "../../../collectors/mod.ts";
import { scan, type ScanOptions, type ScanResult } from "../../../engine/scan.ts";
import type { Sandbox } from "../../../engine/sandbox/sandbox.ts";
import type { CollectionTask, TableOutcome } from "../../../model/collection.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { Cell } from "../../../schema/batch.ts";
import type { Store } from "../../../store/mod.ts";
import { batchOf } from "../support.ts";

/** A row of a table; where it has `denied`, its entropy could not be read. */
export type HostRow = Readonly<Record<string, Cell>>;

/** Everything that a host has, by table; a table that is not here has no collector. */
export type Host = Readonly<Record<string, readonly HostRow[]>>;

/** Collectors that know all of a host and answer what they are asked for. */
export interface HostCollectors extends Collectors {
  /** What they were asked for, in order. */
  readonly tasks: readonly CollectionTask[];
  /** The tasks of a table. */
  tasksOf(table: string): readonly CollectionTask[];
}

/**
 * Collectors of a host in memory.
 *
 * @param refuse why a task is not answered; what there is comes nevertheless
 */
export function collectorsOf(
  host: Host,
  refuse: (task: CollectionTask) => TableOutcome | undefined = () => undefined,
): HostCollectors {
  const tasks: CollectionTask[] = [];
  const nothing = () => Promise.resolve();
  return {
    tasks,
    tasksOf: (table) => tasks.filter((task) => task.table === table),
    supports: (table) => table in host,
    async *collect(task) {
      tasks.push(task);
      await Promise.resolve();
      const outcome = refuse(task) ?? { status: "complete" };
      const rows = host[task.table]!.filter((row) => isWanted(row, task));
      const denied = rows.flatMap((row, index) => row["denied"] ? [index] : []);
      const known = rows.map(({ denied: _, ...row }) => row);
      const gaps = denied.length > 0
        ? [{ column: "entropy", reason: "denied" as const, rows: denied }]
        : [];
      if (known.length > 0 && outcome.status !== "unavailable") {
        yield batchOf(task.table, known, gaps);
      }
      return outcome;
    },
    watch: () => {
      throw new Error("nobody watches");
    },
    statuses: () => [],
    start: nothing,
    drain: nothing,
    reports: () => [],
    close: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

function isWanted(row: HostRow, { keys, resources, interests }: CollectionTask): boolean {
  // As the collector of `yara_matches` does: memory is only searched where somebody says so.
  const searched = row.scan_target !== "memory" ||
    interests?.some((test) => test.op === "=" && test.value === "memory");
  if (!searched) return false;
  const named = resources?.some(({ text }) => text === row.rule_namespace) ?? true;
  if (!keys || !named) return named;
  const value = row[keys.column];
  const at =
    keys.values?.findIndex((key, index) =>
      key === value && (keys.processes?.[index] ?? row.process_key ?? null) ===
        (row.process_key ?? null)
    ) ?? -1;
  return at >= 0 ||
    (keys.globs ?? []).some((glob) => String(value).startsWith(glob.replace(/\*$/, "")));
}

/** Scans such a host with some detections. */
export function scanHost(
  store: Store,
  sandbox: Sandbox,
  collectors: Collectors,
  detections: readonly CompiledDetection[],
  more: Partial<ScanOptions> = {},
): Promise<ScanResult> {
  return scan({
    store,
    sandbox,
    collectors,
    detections,
    catalogue: CATALOGUE,
    platform: "linux",
    host: "host-a",
    sinks: [],
    ...more,
  });
}

/** The values of a column in the rows that alerted. */
export function alerted({ alerts }: ScanResult, column: string): unknown[] {
  return alerts.map(({ alert_data }) => alert_data[column]).sort();
}
