import type { TableSpec } from "../schema/types.ts";

/** The table of telling things found in the memory of a process. */
export const memory_artifacts = {
  name: "memory_artifacts",
  description: "Things found in a process's memory that say what it does, one row each.",
  collector: "memmond",
  kind: "triggerable",
  slow: true,
  requires: ["pid"],
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    process_name: ["string", "Name of the process"],
    artifact_type: ["string", "What it is", {
      key: true,
      values: ["string", "key", "connection", "file", "command", "module", "header"],
    }],
    artifact_value: ["string", "What was found, at most 4096 characters", { key: true }],
    artifact_category: ["string", "What it points to", {
      optional: true,
      values: ["credential", "network", "execution", "injection", "persistence", "other"],
    }],
    memory_address: ["string", "Where it was found, in hexadecimal with `0x`", { key: true }],
    confidence: ["float", "How sure the finding is, 0 to 1"],
    context: ["json", "What surrounds it", {
      optional: true,
      shape:
        '{"region_type": "heap", "permissions": "rw-", "length": 40, "before": "Authorization: "}',
    }],
    extraction_time: ["timestamp", "When it was found", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, a.artifact_value FROM processes p JOIN memory_artifacts a ON a.pid = p.pid WHERE a.artifact_category = 'credential' AND a.confidence >= 0.8",
    "SELECT p.pid, p.executable_path, a.memory_address FROM processes p JOIN memory_artifacts a ON a.pid = p.pid WHERE a.artifact_type = 'header' AND a.context ->> 'region_type' = 'heap'",
  ],
} as const satisfies TableSpec;
