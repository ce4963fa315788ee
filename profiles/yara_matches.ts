import type { TableSpec } from "../schema/types.ts";

/** The table of YARA rules that files, and the memory of processes, match. */
export const yara_matches = {
  name: "yara_matches",
  description:
    "YARA rules that files match, or the memory of processes where a query asks for it, one row for each file or process and rule. The rules are those that the detection names under `resources`.",
  collector: "binmond",
  kind: "triggerable",
  requires: ["file_path", "pid"],
  resources: "yara",
  watchedBy: ["scan_target"],
  slow: { column: "scan_target", value: "memory" },
  columns: {
    pid: [
      "integer",
      "The process whose program or memory it is, where it was asked for by process",
      {
        key: true,
        lookup: true,
        optional: true,
      },
    ],
    file_path: ["string", "Absolute path of the file, of memory that of the program", {
      key: true,
      lookup: true,
    }],
    scan_target: [
      "string",
      "What was searched: the file, or the process's memory where a query says `scan_target = 'memory'`",
      { key: true, values: ["file", "memory"] },
    ],
    rule_name: ["string", "Name of the rule", { key: true }],
    rule_namespace: ["string", "Namespace of the rule: the file that it comes from", { key: true }],
    rule_category: ["string", "Category, from the rule's metadata or tags", { optional: true }],
    rule_severity: ["string", "Severity, from the rule's metadata", { optional: true }],
    match_count: ["integer", "Places at which a string of the rule was found"],
    match_strings: [
      "json",
      "Strings that were found, with their offsets in the file, or addresses in memory",
      {
        optional: true,
        shape: '[{"identifier": "$a", "offset": 4096, "length": 12, "data": "stratum+tcp:"}]',
      },
    ],
    rule_metadata: ["json", "Metadata of the rule", {
      optional: true,
      shape: '{"author": "A. Analyst", "reference": "https://example.com", "score": 80}',
    }],
    scan_time: ["timestamp", "When it was scanned", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, y.rule_name, y.match_count FROM processes p JOIN yara_matches y ON y.pid = p.pid WHERE y.rule_category = 'miner'",
    "SELECT p.pid, p.name, y.rule_name, y.match_strings FROM processes p JOIN yara_matches y ON y.pid = p.pid AND y.scan_target = 'memory' WHERE p.executable_deleted",
    "SELECT rule_name, rule_metadata ->> 'author' AS author FROM yara_matches WHERE file_path = '/usr/local/bin/agent'",
  ],
} as const satisfies TableSpec;
