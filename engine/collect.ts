import type { Collectors } from "../collectors/mod.ts";
import type { CollectionTask, TableOutcome } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Platform } from "../schema/types.ts";
import type { ScanWriter, Store } from "../store/mod.ts";

/** How long the collection of a table may take before what is there counts, ms. */
const COLLECTION_DEADLINE = 60_000;

/** Options of {@linkcode collectScan}. */
export interface CollectOptions {
  /** Where the scan is stored. */
  readonly store: Store;
  /** Who reads the host. */
  readonly collectors: Collectors;
  /** What is collected. */
  readonly tasks: readonly CollectionTask[];
  /** Name of the host. */
  readonly host: string;
  /** Its operating system. */
  readonly platform: Platform;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** One task for each table that any of the queries reads, with all columns that any of them reads. */
export function planCollection(
  queries: readonly { readonly tables: readonly TableRead[] }[],
): readonly CollectionTask[] {
  const columns = new Map<string, Set<string>>();
  for (const { table, columns: read } of queries.flatMap(({ tables }) => tables)) {
    const wanted = columns.get(table) ?? new Set();
    for (const column of read) wanted.add(column);
    columns.set(table, wanted);
  }
  return [...columns].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([table, project]) => ({
      table,
      project: [...project].sort(),
      deadline: COLLECTION_DEADLINE,
    }));
}

/**
 * Collects the tables of the tasks and stores them as one scan, visible as a whole once it is committed.
 *
 * @throws {StoreError} where it cannot be stored; nothing of it remains then
 */
export async function collectScan(options: CollectOptions): Promise<ScanManifest> {
  const { store, collectors, tasks, host, platform } = options;
  const writer = await store.beginScan({ host, platform, started: Date.now() });
  try {
    const collected = await Promise.all(tasks.map((task) => collectTable(writer, task, options)));
    for (const { table, time, outcome } of collected) writer.endTable(table, time, outcome);
    return await writer.commit(collectors.reports(), Date.now());
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

interface Collected {
  readonly table: string;
  /** When its collection began, ms since the epoch. */
  readonly time: number;
  readonly outcome: TableOutcome;
}

async function collectTable(
  writer: ScanWriter,
  task: CollectionTask,
  { collectors, onProgress }: CollectOptions,
): Promise<Collected> {
  const { table } = task;
  const time = Date.now();
  if (!collectors.supports(table)) {
    const reason = "no collector of this version supplies it here";
    return { table, time, outcome: { status: "unavailable", reason } };
  }
  let rows = 0;
  const collection = collectors.collect(task);
  let next = await collection.next();
  for (; !next.done; next = await collection.next()) {
    await writer.write(next.value);
    rows += next.value.rows;
    onProgress?.(`collecting ${table}: ${rows} rows`);
  }
  return { table, time, outcome: next.value };
}
