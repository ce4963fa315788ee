import type { Collectors } from "../collectors/mod.ts";
import type { CollectedBatch, CollectionTask, TableOutcome } from "../model/collection.ts";
import type { CompiledQuery, TableRead } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import { CATALOGUE, type Catalogue } from "../profiles/mod.ts";
import type { Platform } from "../schema/types.ts";
import type { Store } from "../store/mod.ts";
import type { TakenEvents } from "./streams.ts";
import { collectTriggers, type TriggerOptions } from "./triggers/collect.ts";
import { gatherRows } from "./triggers/rows.ts";

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
  /** Events since the last scan; nobody is asked for their tables. */
  readonly eventsToStore?: readonly TakenEvents[];
  /** Whose keys are asked for once the tables are there, and what that takes. */
  readonly triggers?:
    & Pick<TriggerOptions, "queries" | "catalogue" | "sandbox">
    & Partial<Pick<TriggerOptions, "bounds" | "narrow">>;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/**
 * One task for each table that any of the queries reads, with all columns that any of them reads. Tables are collected
 * whole: the rows are stored, and detections that do not exist yet are tried on them. Tables that need keys are asked for
 * those of the rows, later: see {@linkcode collectTriggers}.
 */
export function planCollection(
  queries: readonly { readonly tables: readonly TableRead[] }[],
  catalogue: Catalogue = CATALOGUE,
): readonly CollectionTask[] {
  const columns = new Map<string, Set<string>>();
  for (const { table, columns: read } of queries.flatMap(({ tables }) => tables)) {
    if (catalogue.get(table)?.requires) continue;
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

/** The tasks of a query whose rows nobody else will see: its collectors leave out what it would leave out itself. */
export function planQuery(
  { tables, plan }: CompiledQuery,
  catalogue: Catalogue = CATALOGUE,
): readonly CollectionTask[] {
  return planCollection([{ tables }], catalogue).map((task) => {
    const planned = plan.tasks.find(({ table }) => table === task.table);
    return {
      ...task,
      ...(planned?.where && { where: planned.where }),
      ...(planned?.limit !== undefined && { limit: planned.limit }),
    };
  });
}

/**
 * Collects the tables of the tasks and stores them as one scan, visible as a whole once it is committed. Only then are
 * collectors told that their rows are stored.
 *
 * @throws {StoreError} where it cannot be stored; nothing of it remains then
 */
export async function collectScan(options: CollectOptions): Promise<ScanManifest> {
  const { store, collectors, tasks, host, platform, eventsToStore = [], triggers } = options;
  const started = Date.now();
  const writer = await store.beginScan({ host, platform, started });
  const rows = triggers && gatherRows(triggers, { platform, host, scan_id: writer.scan_id });
  const write = async (batch: CollectedBatch) => {
    rows?.add(batch);
    await writer.write(batch);
  };
  try {
    const events = new Set(eventsToStore.map(({ table }) => table));
    const asked = tasks.filter(({ table }) => !events.has(table));
    const collected = await Promise.all(asked.map((task) => collectTable(write, task, options)));
    for (const { table, time, batches, outcome } of eventsToStore) {
      for (const batch of batches) await write(batch);
      writer.endTable(table, time, outcome);
    }
    for (const { table, time, outcome } of collected) writer.endTable(table, time, outcome);
    const acknowledgements = collected.flatMap(({ acknowledge }) => acknowledge ?? []);
    const byKey = !rows ? [] : await collectTriggers({
      ...triggers,
      ...options,
      now: started,
      scan_id: writer.scan_id,
      image: rows.image,
      async write(batch) {
        await write(batch);
        if (batch.acknowledge) acknowledgements.push(batch.acknowledge);
      },
    });
    for (const { table, time, outcome, keys } of byKey) {
      await writer.asked(table, keys);
      writer.endTable(table, time, outcome);
    }
    const manifest = await writer.commit(collectors.reports(), Date.now());
    for (const acknowledge of acknowledgements) acknowledge();
    return manifest;
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
  /** Says that its rows are stored. */
  readonly acknowledge?: (() => void) | undefined;
}

async function collectTable(
  write: (batch: CollectedBatch) => Promise<void>,
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
  let acknowledge: (() => void) | undefined;
  const collection = collectors.collect(task);
  let next = await collection.next();
  for (; !next.done; next = await collection.next()) {
    await write(next.value);
    rows += next.value.rows;
    acknowledge = next.value.acknowledge;
    onProgress?.(`collecting ${table}: ${rows} row${rows === 1 ? "" : "s"}`);
  }
  return { table, time, outcome: next.value, acknowledge };
}
