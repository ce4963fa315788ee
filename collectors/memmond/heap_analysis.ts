import { heap_analysis } from "../../profiles/heap_analysis.ts";
import type { Reading } from "../core/collector.ts";
import { mayBeArena, readBlocks } from "./glibc_heap.ts";
import { rowsOfMemory } from "./opened.ts";
import type { Memory } from "./pages.ts";
import type { Allowance } from "./search.ts";
import type { Target } from "./targets.ts";

/** Columns that the blocks of a heap tell. */
const COUNTED = [
  "allocation_count",
  "free_count",
  "fragmentation",
  "largest_allocation",
  "average_allocation",
] as const;

/** A heap of a process. */
interface Heap {
  readonly address: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is the one that brk(2) moves. */
  readonly isFirst: boolean;
}

/** The heaps that the kernel or an allocator names so, and what has the form of a further one of glibc. */
function heapsOf({ regions, typeOf }: Memory): readonly Heap[] {
  const heaps: Heap[] = [];
  for (const region of regions) {
    const { address, start, end, name, permissions } = region;
    const type = typeOf(region);
    const isNamed = type === "heap";
    const isArena = type === "anonymous" && mayBeArena(start) && permissions.startsWith("rw");
    const last = heaps.at(-1);
    // One whose protection was changed in the middle is several regions.
    if (isNamed && last?.end === start && last.isFirst === (name === "[heap]")) {
      heaps[heaps.length - 1] = { ...last, end };
    } else if (isNamed || isArena) heaps.push({ address, start, end, isFirst: name === "[heap]" });
  }
  return heaps;
}

/** The rows of a process, one for each heap. */
export function listHeaps(
  target: Target,
  project: readonly string[],
  allowance: Allowance,
): Iterable<Reading> {
  return rowsOfMemory(
    heap_analysis,
    target,
    (memory) => heapRows(memory, target, project, allowance),
  );
}

function* heapRows(
  memory: Memory,
  { identity }: Target,
  project: readonly string[],
  allowance: Allowance,
): Iterable<Reading> {
  const isCounted = COUNTED.some((column) => project.includes(column));
  for (const heap of heapsOf(memory)) {
    const { address, start, end, isFirst } = heap;
    const isArena = !isFirst && mayBeArena(start);
    const blocks = isCounted || isArena ? readBlocks(memory, heap, allowance) : undefined;
    const isNamed = memory.typeOf(memory.regionAt(start)!) === "heap";
    // What only might have been one is none.
    if (blocks === undefined && !isNamed) continue;
    const gap = typeof blocks === "string" ? blocks : undefined;
    const counts = typeof blocks === "object" ? blocks : undefined;
    yield {
      row: {
        ...identity,
        heap_address: address,
        heap_size: end - start,
        allocation_count: counts?.used ?? null,
        free_count: counts?.free ?? null,
        leak_count: null,
        fragmentation: counts && counts.bytes > 0 ? 100 * counts.freeBytes / counts.bytes : null,
        largest_allocation: counts?.largest ?? null,
        average_allocation: counts && counts.used > 0 ? counts.room / counts.used : null,
        analysis_time: Date.now(),
      },
      ...(gap && { gaps: Object.fromEntries(COUNTED.map((column) => [column, gap])) }),
    };
  }
  if (!memory.isAlive()) memory.lack("not_collected");
}
