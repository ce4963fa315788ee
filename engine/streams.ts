import type { Collectors } from "../collectors/mod.ts";
import type { Loss } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import type { Predicate } from "../model/predicate.ts";
import { delay } from "./stopping.ts";
import { createQueue, type Queue, type TakenEvents } from "./streams_queue.ts";

export type { TakenEvents } from "./streams_queue.ts";

/** A table of events to watch. */
export interface EventRead extends TableRead {
  /** See `WatchTask.interests`. */
  readonly interests?: readonly Predicate[];
}

/** Events as they arrive, kept until they have been judged and until they have been stored. */
export interface Streams {
  /**
   * Watches these tables of events from now on, and no others. What is watched already with the columns wanted goes on
   * without a gap; where there are more columns or interests, it begins anew, and that counts as a loss.
   */
  watch(reads: readonly EventRead[]): void;
  /** Why no events of a table come now, in words; `undefined` where they do. */
  whyNot(table: string): string | undefined;
  /** Resolves once there is something to judge. */
  arrived(): Promise<void>;
  /** What nobody has judged yet, oldest first and not too much at once, and what has been lost meanwhile. */
  takeForJudging(): TakenEvents[];
  /** What nobody has stored yet; every table is among it. It stays until {@linkcode Streams.stored}. */
  forStoring(): TakenEvents[];
  /** Says that what {@linkcode Streams.forStoring} gave has been stored: collectors are told, and it is forgotten. */
  stored(events: readonly TakenEvents[]): void;
  /** Watches no more. What has come until then can still be taken. */
  close(): Promise<void>;
}

/** How much waits. */
export interface StreamLimits {
  /** Characters, with numbers at eight, of all events of a table that wait to be judged or stored; the oldest go first. */
  readonly waiting?: number;
  /** Events of a table that are judged together; a batch is not divided. */
  readonly together?: number;
}

const MAX_WAITING = 64 * 2 ** 20;

const MAX_TOGETHER = 4_096;

/** ms before a source that has ended is asked again, at first and at most. */
const RETRY = { first: 1_000, most: 60_000 };

/** A table whose source has failed so often that the next try comes after so many ms is not watched. */
const UNWATCHED = 4 * RETRY.first;

/** A table whose events do not come, and why, in words. */
export interface Unwatched {
  /** Name of the table. */
  readonly table: string;
  /** Why its events do not come, in words. */
  readonly reason: string;
}

/**
 * Watches no table yet. The collectors are asked again whenever they end.
 *
 * @param onError told, in words, each time that a source has ended; once it has failed several times in a row, also which
 */
export function openStreams(
  collectors: Pick<Collectors, "watch">,
  onError: (message: string, unwatched?: Unwatched) => void,
  { waiting = MAX_WAITING, together = MAX_TOGETHER }: StreamLimits = {},
): Streams {
  let wake = Promise.withResolvers<void>();
  const streams = new Map<string, Stream>();
  const ending = new Set<Promise<void>>();

  /** Goes on with the queues of another stream of the table, once that has ended. */
  function open(read: EventRead, before?: Stream): Stream {
    const aborter = new AbortController();
    const { judge, store } = before ?? {
      judge: createQueue(read.table, waiting),
      store: createQueue(read.table, waiting),
    };
    const followed = async () => {
      await before?.ended;
      await follow({ read, judge, store }, aborter.signal);
    };
    return { read, judge, store, end: () => aborter.abort(), ended: followed() };
  }

  async function follow(
    { read, judge, store }: Pick<Stream, "read" | "judge" | "store">,
    signal: AbortSignal,
  ): Promise<void> {
    const both = [judge, store];
    const { table, columns, interests = [] } = read;
    const task = {
      table,
      project: columns,
      ...(interests.length > 0 && { interests }),
      onLoss: ({ count, reason }: Loss) => {
        for (const queue of both) queue.lose(reason, count);
        wake.resolve();
      },
    };
    for (let wait = RETRY.first; !signal.aborted; wait = Math.min(2 * wait, RETRY.most)) {
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
      const unwatched = value.status === "unavailable" && wait >= UNWATCHED;
      onError(`${table}: ${reason}`, unwatched ? { table, reason } : undefined);
      await delay(wait, signal);
    }
  }

  return {
    watch(reads) {
      const wanted = new Map(reads.map((read) => [read.table, read]));
      for (const [table, stream] of [...streams]) {
        const now = wanted.get(table);
        if (now && isPartOf(now, stream.read)) continue;
        stream.end();
        ending.add(stream.ended);
        void stream.ended.then(() => ending.delete(stream.ended));
        streams.delete(table);
        if (!now) continue;
        streams.set(table, open(now, stream));
        for (const queue of [stream.judge, stream.store]) {
          queue.lose("it was watched anew when the detections were exchanged");
        }
      }
      for (const [table, read] of wanted) if (!streams.has(table)) streams.set(table, open(read));
    },
    whyNot(table) {
      const stream = streams.get(table);
      return stream ? stream.judge.whyNot() : `no collector of this version tells of ${table} here`;
    },
    async arrived() {
      while (![...streams.values()].some(({ judge }) => !judge.isEmpty())) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
    takeForJudging: () =>
      [...streams.values()].flatMap(({ judge }) => judge.isEmpty() ? [] : [judge.take(together)]),
    forStoring: () => [...streams.values()].map(({ store }) => store.peek()),
    stored(events) {
      for (const { table, batches } of events) {
        batches.at(-1)?.acknowledge?.();
        streams.get(table)?.store.drop(batches);
      }
    },
    async close() {
      for (const { end } of streams.values()) end();
      await Promise.all([...ending, ...[...streams.values()].map(({ ended }) => ended)]);
    },
  };
}

/** Whether who watches for one read watches for another one, too. */
function isPartOf({ columns, interests = [] }: EventRead, whole: EventRead): boolean {
  const known = new Set(whole.interests?.map((one) => JSON.stringify(one)));
  return columns.every((name) => whole.columns.includes(name)) &&
    interests.every((one) => known.has(JSON.stringify(one)));
}

interface Stream {
  readonly read: EventRead;
  readonly judge: Queue;
  readonly store: Queue;
  readonly end: () => void;
  readonly ended: Promise<void>;
}
