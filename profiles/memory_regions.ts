import type { TableSpec } from "../schema/types.ts";

/** The table of what the address space of a process is made of. */
export const memory_regions = {
  name: "memory_regions",
  description: "Regions of a process's address space, one row each.",
  collector: "memmond",
  kind: "triggerable",
  requires: ["pid"],
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    process_name: ["string", "Name of the process"],
    region_address: ["string", "Where it begins, in hexadecimal with `0x`", { key: true }],
    region_size: ["integer", "Size", { unit: "bytes" }],
    region_type: ["string", "What it is for", {
      values: ["heap", "stack", "code", "data", "mapped", "anonymous", "kernel"],
    }],
    permissions: ["string", "What is allowed: `rwx`, `-` for what is not"],
    protection: ["string", "Flags as the system writes them, such as `r-xp` or `PAGE_READONLY`", {
      optional: true,
    }],
    mapped_file: ["string", "The mapped file; NULL for anonymous memory", { optional: true }],
    allocation_time: ["timestamp", "When it was allocated, where the system tells", {
      optional: true,
    }],
    access_count: ["integer", "Pages accessed since the marks were last cleared", {
      costly: true,
      volatile: true,
    }],
    dirty_pages: ["integer", "Pages written and not yet saved", { costly: true, volatile: true }],
    shared: ["boolean", "Whether other processes see what is written there"],
    analysis_time: ["timestamp", "When it was read", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, m.region_address, m.region_size FROM processes p JOIN memory_regions m ON m.pid = p.pid WHERE m.permissions = 'rwx' AND m.mapped_file IS NULL",
    "SELECT p.pid, p.name, m.mapped_file FROM processes p JOIN memory_regions m ON m.pid = p.pid WHERE m.region_type = 'code' AND m.mapped_file LIKE '%/memfd:%'",
    "SELECT region_address, region_type, permissions FROM memory_regions WHERE pid = 1 AND permissions LIKE '_wx'",
  ],
} as const satisfies TableSpec;
