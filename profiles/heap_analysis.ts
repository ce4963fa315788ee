import type { TableSpec } from "../schema/types.ts";

/** The table of the heaps of a process. */
export const heap_analysis = {
  name: "heap_analysis",
  description:
    "Heaps of a process, one row each. Counts need an allocator whose bookkeeping can be read, else they are NULL.",
  collector: "memmond",
  kind: "triggerable",
  requires: ["pid"],
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    process_name: ["string", "Name of the process"],
    heap_address: ["string", "Where it begins, in hexadecimal with `0x`", { key: true }],
    heap_size: ["integer", "Size", { unit: "bytes", volatile: true }],
    allocation_count: ["integer", "Blocks in use", { optional: true, volatile: true }],
    free_count: ["integer", "Blocks that are free", { optional: true, volatile: true }],
    leak_count: ["integer", "Blocks in use that nothing points to", {
      costly: true,
      volatile: true,
    }],
    fragmentation: ["float", "Free memory that lies between blocks in use", {
      optional: true,
      volatile: true,
      unit: "percent",
    }],
    largest_allocation: ["integer", "Largest block in use", {
      optional: true,
      volatile: true,
      unit: "bytes",
    }],
    average_allocation: ["float", "Mean size of the blocks in use", {
      optional: true,
      volatile: true,
      unit: "bytes",
    }],
    analysis_time: ["timestamp", "When it was analysed", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, h.heap_size FROM processes p JOIN heap_analysis h ON h.pid = p.pid WHERE h.heap_size > 1073741824 AND p.run_time < 60",
    "SELECT p.pid, p.name, sum(h.heap_size) AS heap_bytes, max(h.largest_allocation) AS largest FROM processes p JOIN heap_analysis h ON h.pid = p.pid WHERE p.name = 'java' GROUP BY p.pid, p.name",
  ],
} as const satisfies TableSpec;
