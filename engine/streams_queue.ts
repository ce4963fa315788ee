import type { CollectedBatch, TableOutcome } from "../model/collection.ts";

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
  /** Events that were lost before them, as far as they were counted. */
  readonly lost: number;
}

/** Events of a table that wait for somebody. */
export interface Queue {
  /** Adds the newest; where there is no room, the oldest go, and are counted. */
  add(batch: CollectedBatch): void;
  /** Notes that events were lost: why, and how many, where that is known. */
  lose(reason: string, count?: number): void;
  /** Notes that nothing comes any more, never, or for a while. */
  down(never: boolean, reason: string): void;
  /** Why nothing comes any more; `undefined` where it does. */
  whyNot(): string | undefined;
  isEmpty(): boolean;
  /** All of it; it stays until it is dropped. */
  peek(): TakenEvents;
  /** Forgets batches, and the losses that were told last. */
  drop(gone: readonly CollectedBatch[]): void;
  /** Takes the oldest batches, of so many rows that they are enough. */
  take(rows: number): TakenEvents;
}

/** Makes a {@linkcode Queue} of a table that holds so many characters, with numbers at eight. */
export function createQueue(table: string, limit: number): Queue {
  let batches: CollectedBatch[] = [];
  /** When the first of the batches came. */
  let time: number | undefined;
  let size = 0;
  const losses = new Map<string, Losses>();
  let told: ReadonlyMap<string, Losses> = new Map();
  let unavailable: string | undefined;
  const lose = (reason: string, more = 0) => {
    const { times, count } = losses.get(reason) ?? NO_LOSSES;
    losses.set(reason, { times: times + 1, count: count + more });
  };
  const outcomeNow = (): TableOutcome => {
    if (losses.size > 0) return { status: "partial", reason: inWords(losses) };
    return unavailable !== undefined && batches.length === 0
      ? { status: "unavailable", reason: unavailable }
      : { status: "complete" };
  };
  const tell = (): Pick<TakenEvents, "outcome" | "lost"> => {
    told = new Map(losses);
    const lost = [...losses.values()].reduce((sum, { count }) => sum + count, 0);
    return { outcome: outcomeNow(), lost };
  };
  const drop = (gone: readonly CollectedBatch[]) => {
    const old = new Set(gone);
    const kept = batches.filter((batch) => !old.has(batch));
    for (const batch of batches) if (old.has(batch)) size -= sizeOf(batch);
    batches = kept;
    time = kept.length > 0 ? Date.now() : undefined;
    for (const [reason, before] of told) {
      const now = losses.get(reason)!;
      const left = { times: now.times - before.times, count: now.count - before.count };
      if (left.times > 0) losses.set(reason, left);
      else losses.delete(reason);
    }
    told = new Map();
  };
  return {
    add(batch: CollectedBatch): void {
      unavailable = undefined;
      time ??= Date.now();
      size += sizeOf(batch);
      batches.push(batch);
      while (size > limit && batches.length > 1) {
        const oldest = batches.shift()!;
        size -= sizeOf(oldest);
        lose("more came than could be judged or stored", oldest.rows);
      }
    },
    lose,
    down(never: boolean, reason: string): void {
      if (never) unavailable = reason;
      else lose(reason);
    },
    whyNot: () => unavailable,
    isEmpty: () => batches.length === 0 && losses.size === 0,
    peek: (): TakenEvents => ({
      table,
      time: time ?? Date.now(),
      batches: [...batches],
      ...tell(),
    }),
    drop,
    take(rows: number): TakenEvents {
      const taken: CollectedBatch[] = [];
      for (let sum = 0; taken.length < batches.length && sum < rows;) {
        const batch = batches[taken.length]!;
        taken.push(batch);
        sum += batch.rows;
      }
      const result = { table, time: time ?? Date.now(), batches: taken, ...tell() };
      drop(taken);
      return result;
    },
  };
}

/** How often events were lost for a reason, and how many, as far as they were counted. */
interface Losses {
  readonly times: number;
  readonly count: number;
}

const NO_LOSSES: Losses = { times: 0, count: 0 };

function inWords(losses: ReadonlyMap<string, Losses>): string {
  return [...losses].map(([reason, { count }]) => count > 0 ? `${count} events: ${reason}` : reason)
    .join("; ");
}

/** Each batch waits in several queues, and is measured when it comes and when it goes. */
const sizes = new WeakMap<CollectedBatch, number>();

function sizeOf(batch: CollectedBatch): number {
  const known = sizes.get(batch);
  if (known !== undefined) return known;
  let size = 0;
  for (const cells of batch.values) {
    for (const cell of cells) size += typeof cell === "string" ? cell.length : 8;
  }
  sizes.set(batch, size);
  return size;
}
