import type { MemoryReading } from "./memory_reading.ts";
import { delay } from "./stopping.ts";

/** What is done because memory is scarce: first what is read becomes small, then it is read more seldom. */
export interface MemoryState {
  /** Why memory counts as scarce, in words; absent while it does not. */
  readonly reason?: string;
  /** Collectors are asked for small batches, and hash with small buffers. */
  readonly thrifty: boolean;
  /** Intervals are so many times as long. */
  readonly factor: number;
  /** Looks in a row that found memory scarce, or not, since something was last done. */
  readonly looks: number;
  /** See {@linkcode MemoryReading.killed}. */
  readonly killed?: number;
}

/** While nothing is scarce. */
export const ENOUGH_MEMORY: MemoryState = { thrifty: false, factor: 1, looks: 0 };

/** Memory is scarce from the one on, and is not any more below the other. */
const LEVELS = {
  stalled: { begin: 10, end: 5 },
  used: { begin: 0.9, end: 0.8 },
  heap: { begin: 0.85, end: 0.75 },
} as const;

/** Looks after which more is done, or less again. */
const PATIENCE = { more: 2, less: 3 };

/** Intervals become no longer than so many times what is asked for. */
const LONGEST = 8;

/** What follows from a look. */
export function afterLook(state: MemoryState, reading: MemoryReading): MemoryState {
  const killed = reading.killed === undefined ? {} : { killed: reading.killed };
  const reason = whyScarce(state, reading);
  const { thrifty, factor } = state;
  if (reason === undefined) {
    if (!thrifty) return { ...ENOUGH_MEMORY, ...killed };
    const looks = Math.min(state.looks, 0) - 1;
    if (-looks < PATIENCE.less) return { ...state, ...killed, looks };
    if (factor > 1) return { ...state, ...killed, factor: factor / 2, looks: 0 };
    return { ...ENOUGH_MEMORY, ...killed };
  }
  const scarce = { reason, thrifty: true, ...killed };
  if (!thrifty) return { ...scarce, factor, looks: 0 };
  const looks = Math.max(state.looks, 0) + 1;
  return looks < PATIENCE.more
    ? { ...scarce, factor, looks }
    : { ...scarce, factor: Math.min(2 * factor, LONGEST), looks: 0 };
}

function whyScarce(
  { thrifty, killed: before }: MemoryState,
  { stalled = 0, used = 0, heap, killed }: MemoryReading,
): string | undefined {
  const edge = thrifty ? "end" : "begin";
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  if (before !== undefined && killed !== undefined && killed > before) {
    return "the kernel has ended a process of the service because of its memory";
  }
  if (used >= LEVELS.used[edge]) return `the service uses ${percent(used)} of what it may`;
  if (stalled >= LEVELS.stalled[edge]) {
    return `programs on this host wait ${stalled} % of their time for memory`;
  }
  if (heap >= LEVELS.heap[edge]) return `the agent uses ${percent(heap)} of its heap`;
  return undefined;
}

/** A watch over memory, until it is disposed of. */
export interface MemoryWatch extends AsyncDisposable {
  /** What is done now. */
  now(): MemoryState;
}

const EVERY = 10_000;

/**
 * Looks every few seconds how scarce memory is.
 *
 * @param read reads it; does not reject
 * @param every ms between two looks; 10 seconds if absent
 */
export function watchMemory(
  read: () => Promise<MemoryReading>,
  every: number = EVERY,
): MemoryWatch {
  const stop = new AbortController();
  let state = ENOUGH_MEMORY;
  const watching = (async () => {
    for (; !stop.signal.aborted; await delay(every, stop.signal)) {
      state = afterLook(state, await read());
    }
  })();
  return {
    now: () => state,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
