import type {
  Collection,
  CollectionTask,
  CollectorReport,
  ConfinementPolicy,
} from "../model/collection.ts";
import type { HashCache } from "../model/hash_cache.ts";
import { processes } from "../profiles/processes.ts";
import { collectedColumns } from "../schema/columns.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import type { CollectorDeclaration } from "./core/collector.ts";
import { createHandle } from "./core/handle.ts";
import { strongestMeans } from "./core/means.ts";
import { FILE_COLUMNS, withExecutables } from "./executables.ts";
import { hasher } from "./hasher/mod.ts";
import { executable_files, file_hashes } from "./hasher/tables.ts";
import { procmond } from "./procmond/mod.ts";

/** Every collector, with the tables that it supplies. */
const COLLECTORS: readonly {
  readonly collector: CollectorDeclaration;
  readonly specs: readonly TableSpec[];
}[] = [
  { collector: procmond, specs: [processes] },
  { collector: hasher, specs: [executable_files, file_hashes] },
];

/** The collectors of a host. */
export interface Collectors extends AsyncDisposable {
  /** Whether any of them supplies a table on this platform. */
  supports(table: string): boolean;
  /**
   * Collects a table. Batches are checked, and have a gap for each column that was not collected. What goes wrong is the
   * outcome, in words: this never throws, and nothing that a collector sends can make it.
   */
  collect(task: CollectionTask): Collection;
  /** What each collector has done since it was opened; those of which nothing was asked are left out. */
  reports(): CollectorReport[];
  /** Ends all collectors. */
  close(): Promise<void>;
}

/** What collectors are opened with. */
export interface CollectorsOptions {
  /** The platform of this host. */
  readonly platform: Platform;
  /** How collectors are to be confined. */
  readonly policy: ConfinementPolicy;
  /** Where hashes of files are remembered between scans. */
  readonly cache?: HashCache;
  /** Ends all collectors when it is aborted; collections then end with what they have. */
  readonly signal?: AbortSignal;
}

/** Opens the collectors of a platform. Their processes start when there is work for them. */
export async function openCollectors(
  { platform, policy, cache, signal }: CollectorsOptions,
): Promise<Collectors> {
  await strongestMeans();
  const handles = COLLECTORS
    .filter(({ collector }) => collector.modules[platform] !== undefined)
    .map(({ collector, specs }) => ({
      specs,
      handle: createHandle({ collector, specs, platform, policy }),
    }));
  const find = (table: string) => {
    for (const { specs, handle } of handles) {
      const spec = specs.find(({ name }) => name === table);
      if (spec) return { spec, handle };
    }
    return undefined;
  };
  const fileHandle = find(executable_files.name)?.handle;
  let closed = false;

  const close = async () => {
    closed = true;
    signal?.removeEventListener("abort", close);
    await Promise.all(handles.map(({ handle }) => handle.close()));
  };
  signal?.addEventListener("abort", close);
  if (signal?.aborted) await close();

  return {
    supports: (table) => find(table) !== undefined,
    async *collect(task) {
      const found = find(task.table);
      if (closed || !found) {
        const reason = closed
          ? "collecting was ended"
          : `no collector supplies ${task.table} on ${platform}`;
        return { status: "unavailable", reason };
      }
      const { spec, handle } = found;
      const names = new Set(collectedColumns(spec, platform).map(({ name }) => name));
      const project = task.project.filter((column) => names.has(column));
      const batches = handle.collect({ ...task, project });
      if (task.table !== processes.name || !fileHandle) return yield* batches;
      const hashes = FILE_COLUMNS.some((column) => project.includes(column));
      const { deadline } = task;
      return yield* withExecutables(batches, { hasher: fileHandle, cache, hashes, deadline });
    },
    reports: () =>
      handles.map(({ handle }) => handle.report()).filter((report) => report !== undefined),
    close,
    [Symbol.asyncDispose]: close,
  };
}
