import type { ViewSpec } from "../../schema/types.ts";

/** The view of what stands above each process. */
export const process_ancestors = {
  name: "process_ancestors",
  description:
    "The processes above each running process, one row for each process and ancestor: its parent, the parent's parent, and so on up to the first one that is gone.",
  collector: "procmond",
  kind: "monitor",
  base: "processes",
  // Hardly any process stands deeper, unless somebody plays tricks.
  path: { key: "process_key", parent: "parent_key", limit: 64 },
  columns: {
    process_key: ["string", "`process_key` of the process whose ancestor this is", {
      key: true,
      lookup: true,
    }],
    ancestor_key: ["string", "`process_key` of the ancestor", { key: true, lookup: true }],
    ancestor_pid: ["integer", "Process id of the ancestor", { lookup: true }],
    depth: ["integer", "How far up the ancestor is: 1 for the parent, at most 64"],
    name: ["string", "Short name of the ancestor"],
    executable_path: ["string", "Path of the ancestor's executable; NULL for kernel threads", {
      optional: true,
    }],
    command_line: ["string", "Command line of the ancestor; NULL for kernel threads", {
      optional: true,
    }],
  },
  select: {
    process_key: "row.process_key",
    ancestor_key: "above.process_key",
    ancestor_pid: "above.pid",
    depth: "path.depth",
  },
  examples: [
    "SELECT p.pid, p.name, a.name AS server FROM processes p JOIN process_ancestors a ON a.process_key = p.process_key WHERE p.name IN ('sh', 'bash') AND a.name IN ('nginx', 'apache2')",
    "SELECT a.depth, a.ancestor_pid, a.name, a.command_line FROM processes p JOIN process_ancestors a ON a.process_key = p.process_key WHERE p.pid = 4242 ORDER BY a.depth",
    "SELECT process_key, max(depth) AS ancestors FROM process_ancestors GROUP BY process_key",
  ],
} as const satisfies ViewSpec;
