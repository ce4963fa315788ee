import type { Collectors } from "../collectors/mod.ts";
import type { CollectedBatch, TableOutcome } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";

/** Events of one table that were taken together. */
export interface TakenEvents {
  /** Name of the table. */
  readonly table: string;
  /** When the first of them arrived, ms since the epoch. */
  readonly time: number;
  /** The events, oldest first. */
  readonly batches: readonly CollectedBatch[];
  /** Whether these are all events since the last ones were taken. */
  readonly outcome: TableOutcome;
}

/** Events as they arrive, kept until they have been judged and until they have been stored. */
export interface Streams extends AsyncDisposable {
  /** Why no events of a table come now, in words; `undefined` where they do. */
  whyNot(table: string): string | undefined;
  /** Resolves once there is something to judge. */
  arrived(): Promise<void>;
  /** What nobody has judged yet, and what has been lost meanwhile. */
  takeForJudging(): TakenEvents[];
  /** What nobody has stored yet; every table is among it. */
  takeForStoring(): TakenEvents[];
}

/** Characters, with numbers at eight, of all events of a table that wait to be judged or stored. */
const MAX_WAITING = 64 * 2 ** 20;

/** ms before a source that has ended is asked again, at first and at most. */
const RETRY = { first: 1_000, most: 60_000 };

/** Watches the tables of events. The collectors are asked again whenever they end. */
export function openStreams(
  collectors: Collectors,
  reads: readonly TableRead[],
  onError: (message: string) => void,
): Streams {
  const aborter = new AbortController();
  const { signal } = aborter;
  let wake = Promise.withResolvers<void>();
  const queues = reads.map(({ table }) => ({
    table,
    judge: createQueue(table),
    store: createQueue(table),
  }));
  const watching = queues.map(async ({ table, judge, store }, at) => {
    const both = [judge, store];
    const lose = (reason: string, count?: number) => {
      for (const queue of both) queue.lose(reason, count);
      wake.resolve();
    };
    for (let wait = RETRY.first; !signal.aborted; wait = Math.min(2 * wait, RETRY.most)) {
      const task = {
        table,
        project: reads[at]!.columns,
        onLoss: ({ count, reason }: { readonly count?: number; readonly reason: string }) =>
          lose(reason, count),
      };
      const source = collectors.watch(task, signal);
      let next = await source.next();
      for (; !next.done; next = await source.next()) {
        wait = RETRY.first;
        for (const queue of both) queue.add(next.value);
        wake.resolve();
      }
      if (signal.aborted) return;
      const { value } = next;
      const reason = value.status === "complete" ? "its collector has ended" : value.reason;
      for (const queue of both) queue.down(value.status === "unavailable", reason);
      wake.resolve();
      onError(`${table}: ${reason}`);
      await delay(wait, signal);
    }
  });
  return {
    whyNot(table) {
      const queue = queues.find((one) => one.table === table);
      return queue ? queue.judge.whyNot() : `no collector of this version tells of ${table} here`;
    },
    async arrived() {
      await wake.promise;
      wake = Promise.withResolvers();
    },
    takeForJudging: () => queues.flatMap(({ judge }) => judge.isEmpty() ? [] : [judge.take()]),
    takeForStoring: () => queues.map(({ store }) => store.take()),
    async [Symbol.asyncDispose]() {
      aborter.abort();
      await Promise.all(watching);
    },
  };
}

function createQueue(table: string) {
  let batches: CollectedBatch[] = [];
  let time: number | undefined;
  let size = 0;
  let lost: string | undefined;
  let unavailable: string | undefined;
  const lose = (reason: string, count?: number) => {
    lost = count === undefined ? reason : `${count} events: ${reason}`;
  };
  return {
    add(batch: CollectedBatch): void {
      unavailable = undefined;
      time ??= Date.now();
      size += sizeOf(batch);
      batches.push(batch);
      while (size > MAX_WAITING && batches.length > 1) {
        const oldest = batches.shift()!;
        size -= sizeOf(oldest);
        lose("more came than could be judged or stored", oldest.rows);
      }
    },
    lose,
    /** Notes that nothing comes any more. */
    down(never: boolean, reason: string): void {
      if (never) unavailable = reason;
      else lose(reason);
    },
    /** Why nothing comes any more. */
    whyNot: () => unavailable,
    isEmpty: () => batches.length === 0 && lost === undefined,
    take(): TakenEvents {
      const outcome: TableOutcome = lost !== undefined
        ? { status: "partial", reason: lost }
        : unavailable !== undefined && batches.length === 0
        ? { status: "unavailable", reason: unavailable }
        : { status: "complete" };
      const taken = { table, time: time ?? Date.now(), batches, outcome };
      batches = [];
      size = 0;
      time = undefined;
      lost = undefined;
      return taken;
    },
  };
}

function sizeOf({ values }: CollectedBatch): number {
  let size = 0;
  for (const cells of values) {
    for (const cell of cells) size += typeof cell === "string" ? cell.length : 8;
  }
  return size;
}

/** Resolves after some ms, or as soon as the signal is aborted. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
