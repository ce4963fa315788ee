import type { TableSpec } from "../schema/types.ts";

/** The table of YARA rules that program files match. */
export const yara_matches = {
  name: "yara_matches",
  description:
    "YARA rules that files match, one row for each file and rule. The rules are those that the detection names under `resources`.",
  collector: "binmond",
  kind: "triggerable",
  requires: ["file_path", "pid"],
  resources: "yara",
  columns: {
    pid: ["integer", "The process whose executable it is, where it was asked for by process", {
      key: true,
      lookup: true,
      optional: true,
    }],
    file_path: ["string", "Absolute path of the file", { key: true, lookup: true }],
    rule_name: ["string", "Name of the rule", { key: true }],
    rule_namespace: ["string", "Namespace of the rule: the file that it comes from", { key: true }],
    rule_category: ["string", "Category, from the rule's metadata or tags", { optional: true }],
    rule_severity: ["string", "Severity, from the rule's metadata", { optional: true }],
    match_count: ["integer", "Places at which a string of the rule was found"],
    match_strings: ["json", "Strings that were found, with their offsets in bytes", {
      optional: true,
      shape: '[{"identifier": "$a", "offset": 4096, "length": 12, "data": "stratum+tcp:"}]',
    }],
    rule_metadata: ["json", "Metadata of the rule", {
      optional: true,
      shape: '{"author": "A. Analyst", "reference": "https://example.com", "score": 80}',
    }],
    scan_time: ["timestamp", "When the file was scanned", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, y.rule_name, y.match_count FROM processes p JOIN yara_matches y ON y.pid = p.pid WHERE y.rule_category = 'miner'",
    "SELECT f.file_path, f.process_name, y.rule_name FROM file_events f JOIN yara_matches y ON y.file_path = f.file_path WHERE f.event_type = 'create' AND f.directory = '/tmp'",
    "SELECT rule_name, rule_metadata ->> 'author' AS author FROM yara_matches WHERE file_path = '/usr/local/bin/agent'",
  ],
} as const satisfies TableSpec;
