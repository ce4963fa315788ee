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
  readonly store: Store;
  readonly collectors: Collectors;
  readonly tasks: readonly CollectionTask[];
  readonly host: string;
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

/** Collects the tables of the tasks and stores them as one scan, visible as a whole once it is committed. */
export async function collectScan(options: CollectOptions): Promise<ScanManifest> {
  const { store, collectors, tasks, host, platform } = options;
  const writer = await store.beginScan({ host, platform, started: Date.now() });
  try {
    await Promise.all(tasks.map((task) => collectTable(writer, task, options)));
    return await writer.commit(collectors.reports(), Date.now());
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function collectTable(
  writer: ScanWriter,
  task: CollectionTask,
  { collectors, onProgress }: CollectOptions,
): Promise<void> {
  const { table } = task;
  const time = Date.now();
  if (!collectors.supports(table)) {
    const outcome: TableOutcome = {
      status: "unavailable",
      reason: "no collector of this version supplies it here",
    };
    return await writer.endTable(table, time, outcome);
  }
  let rows = 0;
  const collection = collectors.collect(task);
  let next = await collection.next();
  for (; !next.done; next = await collection.next()) {
    await writer.write(next.value);
    rows += next.value.rows;
    onProgress?.(`collecting ${table}: ${rows} rows`);
  }
  await writer.endTable(table, time, next.value);
}
