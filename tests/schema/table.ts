import type { TableSpec } from "../../schema/types.ts";

/** A small table with one column of every type and option. */
export const TABLE = {
  name: "things",
  description: "Things, one row each.",
  collector: "thingmond",
  kind: "triggerable",
  requires: ["pid"],
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    name: ["string", "Name of it"],
    state: ["string", "State of it", { optional: true, values: ["on", "off"] }],
    size: ["integer", "Size of it", { optional: true, volatile: true, unit: "bytes" }],
    share: ["float", "Share of it", { optional: true, unit: "percent" }],
    active: ["boolean", "Whether a | b holds", { optional: true }],
    seen: ["timestamp", "When it was seen", { optional: true }],
    tags: ["json", "Tags of it", { optional: true, shape: '["a", {"b": 1}]' }],
  },
  extensions: {
    linux: {
      cgroup: ["json", "Control groups", { costly: true, shape: '[{"path": "/a|b"}]' }],
      score: ["integer", "Score on Linux", { costly: true }],
    },
    windows: {
      size: ["string", "A size that loses to the core"],
      score: ["integer", "Score on Windows"],
    },
  },
  examples: ["SELECT name FROM things WHERE pid = 1", "SELECT pid FROM things WHERE pid IN (1, 2)"],
} as const satisfies TableSpec;
