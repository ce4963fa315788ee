import type { Database, Entry } from "./database.ts";
import { StoreError } from "./error.ts";
import { unfinishedScanKey } from "./keys.ts";
import type { StoredScan } from "./records.ts";
import { isDiskFault, type Reserve, unlessFull } from "./reserve.ts";
import { sweep } from "./sweep.ts";

/** A scan that the disk had no room for: it can be judged, by this process alone, and is gone with it. */
export interface HeldScan {
  /** The scan as it would have been stored. */
  readonly scan: StoredScan;
  /** The parts of its pages that are not in the database, by table and in order. */
  readonly parts: ReadonlyMap<string, readonly Entry[]>;
}

/** Held scans by their id, the newest last. */
export type HeldScans = Map<number, HeldScan>;

/** The last two, since what is new in a scan is told by the one before it, and one that goes on beside them. */
export const MAX_HELD = 3;

/** The most bytes of the parts of a held scan. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** The parts of a table that the database has, followed by those that are held. */
export async function* withHeld(
  entries: AsyncIterable<Entry>,
  held: readonly Entry[] = [],
): AsyncGenerator<Entry> {
  const first = held[0]?.key;
  for await (const entry of entries) {
    // A writing that failed may have written a beginning of what is held.
    if (first && !isBefore(entry.key, first)) break;
    yield entry;
  }
  yield* held;
}

function isBefore(left: Deno.KvKey, right: Deno.KvKey): boolean {
  const [page, part] = [3, 4].map((at) => Number(left[at]) - Number(right[at]));
  return page! < 0 || page === 0 && part! < 0;
}

/** Writes rows of a scan to the disk as long as that is possible, then into memory. */
export interface RowWriter {
  /** Writes parts of pages, in order. */
  write(entries: readonly Entry[]): Promise<void>;
  /** Does what the disk may have no room for, unless it had none before. Says whether it was done. */
  attempt(writing: () => Promise<void>): Promise<boolean>;
  /** Why something was not done. */
  unstored(): string | undefined;
  /** What is in memory. */
  readonly parts: HeldScan["parts"];
}

/** Begins to write rows. */
export function openRowWriter(database: Database, reserve: Reserve): RowWriter {
  const parts = new Map<string, Entry[]>();
  let unstored: string | undefined;
  let bytes = 0;

  async function attempt(writing: () => Promise<void>): Promise<boolean> {
    if (unstored !== undefined) return false;
    try {
      await writing();
      return true;
    } catch (error) {
      if (!isDiskFault(error)) throw error;
      unstored = error.message;
      return false;
    }
  }

  async function write(entries: readonly Entry[]): Promise<void> {
    const written = await attempt(async () => {
      if (!reserve.hasRoom()) throw new StoreError("full", "the disk is full");
      await database.commit(...entries.map((entry) => [entry]));
      reserve.settle();
    });
    if (written) return;
    bytes += entries.reduce((sum, { value }) => sum + value.length, 0);
    if (bytes > MAX_HELD_BYTES) throw new StoreError("full", unstored!);
    for (const entry of entries) {
      const table = String(entry.key[2]);
      const list = parts.get(table);
      if (list) list.push(entry);
      else parts.set(table, [entry]);
    }
  }

  return { write, attempt, unstored: () => unstored, parts };
}

/** Forgets held scans but for the newest `keep`, with what the database has of them. */
export async function forget(database: Database, held: HeldScans, keep: number): Promise<void> {
  for (const scan_id of [...held.keys()].slice(0, Math.max(0, held.size - keep))) {
    held.delete(scan_id);
    await unlessFull(() => sweep(database, unfinishedScanKey(scan_id)));
  }
}
