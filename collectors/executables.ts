import type { CollectedBatch, Collection, CollectionTask } from "../model/collection.ts";
import type { HashCache } from "../model/hash_cache.ts";
import type { Predicate } from "../model/predicate.ts";
import type { Cell, Gap, GapReason, RecordBatch } from "../schema/batch.ts";
import { within } from "../std/within.ts";
import type { CollectorHandle } from "./core/handle.ts";
import type { Test } from "./core/loosen.ts";
import { HASH_ALGORITHM } from "./hasher/tables.ts";

/** Columns that only the hasher can fill. */
export const FILE_COLUMNS = ["executable_hash", "hash_algorithm", "file_exists"] as const;

/** What adding to batches takes. */
export interface ExecutableOptions {
  /** The hasher. */
  readonly hasher: CollectorHandle;
  /** Where hashes are remembered. */
  readonly cache: HashCache | undefined;
  /** Whether {@linkcode FILE_COLUMNS} are wanted, or only the truth about files that seem to have no name. */
  readonly hashes: boolean;
  /** ms from now. Without it batches come as things happen, and are passed on as soon as they can be. */
  readonly deadline?: number;
}

/** Batches that may wait for the hasher while the next ones are being read. */
const AHEAD = 4;

/** ms that a batch of what has just happened may wait for the hasher. */
const LIVE_DEADLINE = 2000;

/** ms before the end in which what the hasher has found out by then has to arrive; less where there is little time. */
const ARRIVAL = 200;

/** Identities of files whose hashes are remembered while batches come. */
const MAX_KNOWN = 10_000;

/**
 * What else a test of a row may be true of once the hasher has looked at its file: whoever cannot open files takes one
 * that is really called `x (deleted)` for a deleted `x`.
 */
export function correctedLater({ column }: Test): Predicate | boolean {
  if (isFileColumn(column)) return true;
  return column === "executable_path" || column === "executable_deleted"
    ? { op: "=", column: "executable_deleted", value: true }
    : false;
}

/**
 * Passes batches of processes on, in their order, with what the hasher knows of the files that they run. Each content
 * of a file is hashed once, or not at all where the cache knows it. What the hasher cannot tell is a gap.
 */
export async function* withExecutables(
  batches: Collection,
  options: ExecutableOptions,
): Collection {
  const inspector = createInspector(options);
  const ahead = options.deadline === undefined ? 0 : AHEAD;
  const pending: Promise<CollectedBatch>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  try {
    for (let next = await batches.next();; next = await batches.next()) {
      if (next.done) {
        for (const batch of pending) yield await batch;
        return next.value;
      }
      const batch = next.value;
      // Whatever goes wrong with files, the processes themselves are not lost.
      const inspected = last.then(() => inspector.inspect(batch)).catch(() => batch);
      last = inspected;
      pending.push(inspected);
      if (pending.length > ahead) yield await pending.shift()!;
    }
  } finally {
    await batches.return({ status: "complete" });
    await last;
    await inspector.remember();
  }
}

interface Inspector {
  /** Adds what the hasher knows to a batch; one batch after the other. */
  inspect(batch: CollectedBatch): Promise<CollectedBatch>;
  /** Tells the cache which hashes are new. */
  remember(): Promise<void>;
}

function createInspector({ hasher, cache, hashes, deadline }: ExecutableOptions): Inspector {
  let until = performance.now() + (deadline ?? LIVE_DEADLINE);
  const known = new Map<string, Answer>();
  const fresh = new Map<string, string>();

  const ask = async (
    table: string,
    column: string,
    values: readonly string[],
  ): Promise<(key: string) => Answer> => {
    const left = Math.round(until - performance.now());
    if (values.length === 0 || left <= 0) return () => missing("deadline");
    const { answers, status } = await readAnswers(hasher, {
      table,
      project: [],
      keys: { column, values },
    }, left);
    return (key) =>
      answers.get(key) ?? missing(status === "unavailable" ? "not_collected" : "deadline");
  };

  /** Finds the hashes of files that were asked about just before; the hasher does not hold them for long. */
  const learn = async (files: readonly Answer[]): Promise<Hashes> => {
    const passing = new Map<string, Answer>();
    const unknown = new Map<string, boolean>();
    for (const { values: { identity, cacheable } } of files) {
      if (typeof identity === "string" && !known.has(identity)) {
        unknown.set(identity, cacheable === true);
      }
    }
    const cacheable = [...unknown.keys()].filter((identity) => unknown.get(identity));
    for (const [identity, hash] of await recall(cache, cacheable)) {
      known.set(identity, { values: { hash }, gaps: {} });
      unknown.delete(identity);
    }
    const answer = await ask("file_hashes", "identity", [...unknown.keys()]);
    for (const [identity, cacheable] of unknown) {
      const hashed = answer(identity);
      (isLasting(hashed) ? known : passing).set(identity, hashed);
      if (cacheable && typeof hashed.values.hash === "string") {
        fresh.set(identity, hashed.values.hash);
      }
    }
    return (identity) => known.get(identity) ?? passing.get(identity);
  };

  return {
    async inspect(batch) {
      if (deadline === undefined) {
        until = performance.now() + LIVE_DEADLINE;
        if (known.size > MAX_KNOWN) known.clear();
      }
      const paths = cellsOf(batch, "executable_path");
      const deleted = cellsOf(batch, "executable_deleted");
      const keys = cellsOf(batch, "process_key").map((key, row) =>
        typeof key === "string" && typeof paths[row] === "string" &&
          (hashes || deleted[row] === true)
          ? key
          : undefined
      );
      const asked = keys.filter((key) => key !== undefined);
      const answer = await ask("executable_files", "process_key", asked);
      const files = keys.map((key) => key === undefined ? undefined : answer(key));
      const learnt = hashes ? await learn(files.filter((file) => file !== undefined)) : undefined;
      if (deadline === undefined) await this.remember();
      return merge(batch, files, learnt);
    },
    async remember() {
      if (fresh.size === 0) return;
      await cache?.set(fresh).catch(() => {});
      fresh.clear();
    },
  };
}

/** A row of the hasher's: the values that it has, and why others are missing. */
interface Answer {
  readonly values: Readonly<Record<string, Cell>>;
  readonly gaps: Readonly<Record<string, GapReason>>;
}

/** What is known of the content of files, by identity. */
type Hashes = (identity: string) => Answer | undefined;

/** Whether the same would be answered again: what the hasher had no time for, or could not open, it may hash next time. */
function isLasting({ values, gaps }: Answer): boolean {
  return typeof values.hash === "string" || gaps.hash === "budget";
}

function missing(reason: GapReason): Answer {
  return { values: {}, gaps: { identity: reason, hash: reason, file_exists: reason } };
}

/** What the hasher answers within so many ms, whatever it is doing then. */
async function readAnswers(
  hasher: CollectorHandle,
  task: Omit<CollectionTask, "deadline">,
  patience: number,
) {
  const until = performance.now() + patience;
  const deadline = Math.ceil(patience - Math.min(ARRIVAL, patience / 10));
  const answers = new Map<string, Answer>();
  const rows = hasher.collect({ ...task, deadline });
  while (true) {
    const next = await within(rows.next(), until - performance.now());
    if (next === undefined) {
      // It ends once what it waits for has come, which nobody waits for any more.
      rows.return({ status: "complete" }).catch(() => {});
      return { answers, status: "partial" };
    }
    if (next.done) return { answers, status: next.value.status };
    const { columns, values, rows: count, gaps } = next.value;
    for (let row = 0; row < count; row++) {
      answers.set(String(values[0]![row]), {
        values: Object.fromEntries(columns.map((column, index) => [column, values[index]![row]!])),
        gaps: Object.fromEntries(
          gaps.filter(({ rows }) => rows !== "all" && rows.includes(row))
            .map(({ column, reason }) => [column, reason]),
        ),
      });
    }
  }
}

/** A cache that fails knows nothing. */
async function recall(cache: HashCache | undefined, identities: readonly string[]) {
  try {
    return await cache?.get(identities) ?? new Map<string, string>();
  } catch {
    return new Map<string, string>();
  }
}

function cellsOf({ columns, values, rows }: RecordBatch, column: string): readonly Cell[] {
  return values[columns.indexOf(column)] ?? new Array<Cell>(rows).fill(null);
}

/** Puts what is known of files into their rows; without hashes only what corrects the process collector. */
function merge(
  batch: CollectedBatch,
  files: readonly (Answer | undefined)[],
  hashes: Hashes | undefined,
): CollectedBatch {
  const cells = new Map(batch.columns.map((column, index) => [column, batch.values[index]!]));
  const gaps: Gap[] = batch.gaps.filter(({ column }) => !hashes || !isFileColumn(column));
  for (const column of ["executable_path", "executable_deleted"]) {
    const old = cells.get(column);
    if (old) cells.set(column, old.map((cell, row) => files[row]?.values[column] ?? cell));
  }
  if (hashes) {
    const denied = batch.gaps.filter(({ column }) => column === "executable_path");
    const hashed = files.map((file) => file && (hashes(String(file.values.identity)) ?? file));
    const add = (column: string, from: readonly (Answer | undefined)[], source: string) => {
      cells.set(column, from.map((one) => one?.values[source] ?? null));
      gaps.push(...gapsOf(column, from.map((one) => one?.gaps[source])));
      gaps.push(...denied.map((gap) => ({ ...gap, column })));
    };
    add("executable_hash", hashed, "hash");
    add("file_exists", files, "file_exists");
    cells.set(
      "hash_algorithm",
      cells.get("executable_hash")!.map((hash) => hash && HASH_ALGORITHM),
    );
    gaps.push(
      ...gaps.filter((gap) => gap.column === "executable_hash")
        .map((gap) => ({ ...gap, column: "hash_algorithm" })),
    );
  }
  return { ...batch, columns: [...cells.keys()], values: [...cells.values()], gaps };
}

function isFileColumn(column: string): boolean {
  return FILE_COLUMNS.includes(column as typeof FILE_COLUMNS[number]);
}

function gapsOf(column: string, reasons: readonly (GapReason | undefined)[]): Gap[] {
  const rows = new Map<GapReason, number[]>();
  for (const [row, reason] of reasons.entries()) {
    if (reason === undefined) continue;
    const list = rows.get(reason);
    if (list) list.push(row);
    else rows.set(reason, [row]);
  }
  return [...rows].map(([reason, rows]) => ({ column, reason, rows }));
}
