import { delay } from "@std/async/delay";
import { StoreError, type StoreErrorKind } from "./error.ts";
import { committingTogether } from "./together.ts";

/** A change of one key: a value, or `null` to remove it. */
export interface Mutation {
  readonly key: Deno.KvKey;
  readonly value: Uint8Array | null;
}

/**
 * Changes that are made together or not at all. As a function where they depend on their place among other commits: it is
 * called when they take this place, behind all commits so far, and once more where they have to be tried again.
 */
export type Group = readonly Mutation[] | (() => readonly Mutation[]);

/** The changes of a group, by now. */
export function changesOf(group: Group): readonly Mutation[] {
  return typeof group === "function" ? group() : group;
}

/** A key with its value. */
export interface Entry {
  readonly key: Deno.KvKey;
  readonly value: Uint8Array;
}

/** Deno KV with bytes as its only values, within its limits; every fault is a {@linkcode StoreError}. */
export interface Database {
  /** The value of a key. */
  get(key: Deno.KvKey): Promise<Uint8Array | null>;
  /** The values of keys, in their order. */
  getMany(keys: readonly Deno.KvKey[]): Promise<(Uint8Array | null)[]>;
  /** Entries in key order, or the reverse; `batch` of them are read at a time. */
  list(
    selector: Deno.KvListSelector,
    options?: { readonly reverse?: boolean; readonly batch?: number },
  ): AsyncGenerator<Entry>;
  /**
   * Makes changes durable. Groups follow one another, as many in one commit as fit, and so do those of calls that do not
   * wait for each other, in the order of the calls.
   */
  commit(...groups: Group[]): Promise<void>;
  /** Closes the database. */
  close(): void;
}

/** Deno KV allows 10 keys a reading, 1,000 changes and 819,200 bytes a commit; the rest is room for keys. */
const MAX_GET = 10;
const MAX_MUTATIONS = 900;
const MAX_COMMIT_BYTES = 700 * 1024;

/**
 * Opens Deno KV on a file that {@linkcode inspectFile} has found sound, or in memory.
 *
 * @throws {StoreError} `unreadable`, `corrupt` or `locked`
 */
export async function openDatabase(path: string): Promise<Database> {
  const kv = await attempt(() => Deno.openKv(path));
  const commitTogether = committingTogether(
    async (groups) => {
      for (const mutations of pack(groups)) await attempt(() => commit(kv, mutations));
    },
    (groups) => [...pack(groups)].length <= 1,
  );
  return {
    get: async (key) => bytesOf(await attempt(() => kv.get(key))),
    getMany: async (keys) => {
      const groups = Array.from(
        { length: Math.ceil(keys.length / MAX_GET) },
        (_, group) => keys.slice(group * MAX_GET, (group + 1) * MAX_GET),
      );
      const entries = [];
      for (const group of groups) {
        entries.push(...await attempt(() => kv.getMany<unknown[]>(group)));
      }
      return entries.map(bytesOf);
    },
    list: (selector, options = {}) => list(kv, selector, options),
    commit: (...groups) => commitTogether(groups.map(changesOf)),
    close: () => kv.close(),
  };
}

async function* list(
  kv: Deno.Kv,
  selector: Deno.KvListSelector,
  { reverse = false, batch = 100 }: { readonly reverse?: boolean; readonly batch?: number },
): AsyncGenerator<Entry> {
  const iterator = kv.list(selector, { reverse, batchSize: batch });
  for (;;) {
    const { done, value } = await attempt(() => iterator.next());
    if (done) return;
    const bytes = bytesOf(value);
    if (bytes) yield { key: value.key, value: bytes };
  }
}

/** Puts groups together into commits within the limits of Deno KV. */
function* pack(groups: readonly (readonly Mutation[])[]): Generator<readonly Mutation[]> {
  let pending: Mutation[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (
      pending.length > 0 &&
      (pending.length + group.length > MAX_MUTATIONS || bytes + size > MAX_COMMIT_BYTES)
    ) {
      yield pending;
      pending = [];
      bytes = 0;
    }
    pending.push(...group);
    bytes += size;
  }
  if (pending.length > 0) yield pending;
}

async function commit(kv: Deno.Kv, mutations: readonly Mutation[]): Promise<void> {
  const operation = kv.atomic();
  for (const { key, value } of mutations) {
    if (value) operation.set(key, value);
    else operation.delete(key);
  }
  await operation.commit();
}

function bytesOf(entry: { readonly value: unknown }): Uint8Array | null {
  if (entry.value === null) return null;
  if (entry.value instanceof Uint8Array) return entry.value;
  throw new StoreError("corrupt", "the store is damaged: it holds a value of another kind");
}

/** SQLite lets one process write at a time: readers and a writer that starts may have to wait for a moment. */
const PATIENCE_MS = 5000;

async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (let pause = 5;; pause = Math.min(pause * 2, 200)) {
    try {
      return await operation();
    } catch (error) {
      const fault = storeError(error);
      if (fault.kind !== "locked" || Date.now() > until) throw fault;
      await delay(pause);
    }
  }
}

/** What SQLite and Deno KV say, and what it means. The last row takes all that is left. */
const FAULTS: readonly (readonly [pattern: RegExp, kind: StoreErrorKind, meaning: string])[] = [
  [/database is locked|database table is locked/, "locked", "another process keeps it busy"],
  [/disk is full|No space left/, "full", "the disk is full"],
  [
    /malformed|not a database|Invalid column type|deserialize|invalid (utf8|tag)|value encoding/,
    "corrupt",
    "it is damaged",
  ],
  [/(?:)/, "unreadable", "it cannot be read or written"],
];

/** The {@linkcode StoreError} of whatever SQLite, Deno KV or the file system threw. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [, kind, meaning] = FAULTS.find(([pattern]) => pattern.test(message))!;
  return new StoreError(kind, `the store failed: ${meaning} (${message})`);
}
