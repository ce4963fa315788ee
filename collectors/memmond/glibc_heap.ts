import { Buffer } from "node:buffer";
import type { GapReason } from "../../schema/batch.ts";
import { type Memory } from "./pages.ts";
import type { Allowance } from "./search.ts";
import { PAGE } from "./smaps.ts";

/** What the blocks of a heap tell, sizes in bytes. */
export interface Blocks {
  /** Blocks in use, those that a thread keeps at hand for itself as well. */
  readonly used: number;
  /** Blocks that are free, without what lies behind the last one. */
  readonly free: number;
  /** Size of what is free, with its headers. */
  readonly freeBytes: number;
  /** Size of all blocks, with their headers, without what lies behind the last one. */
  readonly bytes: number;
  /** Room in the largest block in use. */
  readonly largest: number;
  /** Room in all blocks in use together. */
  readonly room: number;
}

/** Size of the two words before the room of a block, of which the first belongs to the block before (malloc/malloc.c). */
const HEADER = 16;
/** Bytes of a block that are no room: the rest is borrowed from the next one. */
const OVERHEAD = 8;
/** The bit that says that the block before is in use, and those that are no part of the size. */
const PREVIOUS_IN_USE = 1;
const FLAGS = 7;
/** Addresses that a heap which is not the first of the program takes up, and is aligned to (malloc/arena.c). */
const ARENA = 64 * 2 ** 20;
/** How often a heap is read again that changed meanwhile. */
const TRIES = 3;
/** A chain of so many blocks is no accident. */
const CREDIBLE = 16;

/** Thrown within this file where no more can be read. */
class Unreadable extends Error {
  constructor(readonly reason: GapReason) {
    super(reason);
  }
}

/** Reads numbers of 64 bits; the page that one lies in must be in memory. */
function createReader(
  { read, isPresent }: Pick<Memory, "read" | "isPresent">,
  allowance: Allowance,
): { word(address: number): number; forget(): void } {
  const page = Buffer.alloc(PAGE);
  let at = -1;
  return {
    forget: () => void (at = -1),
    word(address) {
      const start = address - address % PAGE;
      if (start !== at) {
        const stop = allowance.spend(PAGE);
        if (stop) throw new Unreadable(stop);
        at = -1;
        if (!isPresent(start) || read(page, start) < PAGE) throw new Unreadable("not_collected");
        at = start;
      }
      return page.readUInt32LE(address - at) + 2 ** 32 * page.readUInt32LE(address - at + 4);
    },
  };
}

/** Where a heap that is no first one keeps its blocks; absent where it is none of glibc. */
interface Arena {
  /** Where the first block may begin. */
  readonly firsts: readonly number[];
  /** Where the last one ends. */
  readonly end: number;
}

/**
 * Reads the blocks of a heap of glibc on machines of 64 bits: from the first to the last each says where the next begins.
 * `undefined` where they are none, as those of other allocators; a reason where they may be, and could not be read.
 */
export function readBlocks(
  memory: Pick<Memory, "read" | "isPresent">,
  { start, end, isFirst }: {
    readonly start: number;
    readonly end: number;
    readonly isFirst: boolean;
  },
  allowance: Allowance,
): Blocks | GapReason | undefined {
  const { word, forget } = createReader(memory, allowance);
  let longest = 0;
  /** The blocks from a place on; the number of those that were right where they are none. */
  const walk = (first: number, end: number): Blocks | undefined => {
    const sums = { used: 0, free: 0, freeBytes: 0, bytes: 0, largest: 0, room: 0 };
    let size = sizeAt(first);
    if ((word(first + 8) & PREVIOUS_IN_USE) === 0) return undefined;
    for (let at = first, count = 0;; count++) {
      // The last block of all is what is free behind the others; that of a heap which is full has no size.
      if (at + size === end || size === 0 && at + HEADER === end) return sums;
      if (size < HEADER || at + size > end - HEADER) return undefined;
      longest = Math.max(longest, count);
      const next = at + size;
      const head = word(next + 8);
      const isUsed = head % 2 === PREVIOUS_IN_USE;
      sums.bytes += size;
      if (!isUsed) {
        sums.free++;
        sums.freeBytes += size;
      } else if (size > HEADER) {
        const room = size - OVERHEAD;
        sums.used++;
        sums.room += room;
        sums.largest = Math.max(sums.largest, room);
      }
      at = next;
      size = sizeAt(next);
    }
  };
  const sizeAt = (at: number) => {
    const head = word(at + 8);
    return head - head % (FLAGS + 1);
  };
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      forget();
      const arena = isFirst ? { firsts: [start], end } : arenaAt(start, end, word);
      for (const first of arena?.firsts ?? []) {
        const blocks = walk(first, arena!.end);
        if (blocks) return blocks;
      }
    }
    return longest >= CREDIBLE ? "not_collected" : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error.reason;
    throw error;
  }
}

/** Whether a heap that is no first one may begin at an address. */
export function mayBeArena(start: number): boolean {
  return start % ARENA === 0;
}

/** Reads `heap_info` (malloc/arena.c), whose length differs between versions, as does that of what may follow. */
function arenaAt(
  start: number,
  end: number,
  word: (address: number) => number,
): Arena | undefined {
  const owner = word(start);
  const size = word(start + 16);
  if (size === 0 || size % PAGE !== 0 || size > ARENA || start + size > end) return undefined;
  const isOwn = owner > start && owner < start + 128;
  if (!isOwn && owner % ARENA > 128) return undefined;
  const from = isOwn ? owner + 0x800 : start + 32;
  const count = isOwn ? 64 : 6;
  return {
    firsts: Array.from({ length: count }, (_, step) => from + step * HEADER),
    end: start + size,
  };
}
