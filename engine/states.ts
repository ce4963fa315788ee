import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { StoreReader } from "../store/mod.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { ResourceDigests } from "./triggers/resources.ts";
import { newestTables, type State, stateOf } from "./view.ts";

/** The newest rows of each table, made once of what many are evaluated over. */
export interface States {
  /**
   * The state of a scan with what is wanted of it, perhaps with more. It is made where there is none, and what was made of
   * an earlier scan is forgotten.
   *
   * @throws {StoreError} where the rows cannot be read
   */
  of(manifest: ScanManifest, wanted: WantedState): Promise<State>;
}

/** What is wanted of a state. */
export interface WantedState {
  /** What will be read. */
  readonly only: readonly TableRead[];
  /** What others will read: where a state is made, it is made for them, too. */
  readonly also?: readonly TableRead[];
  /** See `ViewOptions.oldest`. */
  readonly oldest: number;
  /** See `ViewOptions.resources`. */
  readonly resources: ResourceDigests;
}

interface Made {
  readonly scan_id: number;
  readonly reads: readonly TableRead[];
  readonly resources: string;
  /** When the earliest scan began that it shows, and how far back was looked for what it lacks: ms since the epoch. */
  readonly earliest: number;
  readonly sought: number;
  readonly state: State;
}

/** Keeps the states of the newest scan. */
export function createStates(store: StoreReader, catalogue: Catalogue, sandbox: Sandbox): States {
  let made: readonly Made[] = [];
  return {
    async of(manifest, { only, also = [], oldest, resources }) {
      const { scan_id } = manifest;
      const digests = JSON.stringify(resources);
      made = made.filter((one) => one.scan_id === scan_id);
      const known = made.find((one) =>
        one.resources === digests && one.earliest >= oldest && one.sought <= oldest &&
        only.every((read) => isCovered(read, one.reads))
      );
      if (known) return known.state;
      const reads = [...only, ...also];
      const newest = await newestTables(store, manifest, catalogue, { only: reads, oldest });
      const { sources, earliest, whole } = newest;
      const state = await stateOf(store, manifest, catalogue, sandbox, {
        only: reads,
        resources,
        sources,
        collected: new Map(sources.map(({ table }) => [table.table, table])),
      });
      const sought = whole ? -Infinity : oldest;
      made = [...made, { scan_id, reads, resources: digests, earliest, sought, state }];
      return state;
    },
  };
}

/** Whether what is read of a table is among other reads. */
function isCovered({ table, columns, views = [] }: TableRead, reads: readonly TableRead[]) {
  const same = reads.filter((read) => read.table === table);
  return same.length > 0 &&
    columns.every((name) => same.some((read) => read.columns.includes(name))) &&
    views.every((name) => same.some((read) => read.views?.includes(name)));
}
