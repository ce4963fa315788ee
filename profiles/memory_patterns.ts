import type { TableSpec } from "../schema/types.ts";

/** The table of patterns found in the memory of a process. */
export const memory_patterns = {
  name: "memory_patterns",
  description:
    "Texts in a process's memory that match a pattern, one row for each text. Besides the patterns that are built in, those are searched for that a query names: `pattern_regex = '…'`, of type `custom`.",
  collector: "memmond",
  kind: "triggerable",
  slow: true,
  requires: ["pid"],
  watchedBy: ["pattern_regex"],
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    process_name: ["string", "Name of the process"],
    pattern_type: ["string", "What the pattern finds", {
      key: true,
      values: ["crypto_key", "url", "email", "ip", "domain", "wallet", "token", "custom"],
    }],
    pattern_value: ["string", "The text that matched, at most 4096 characters", { key: true }],
    pattern_regex: ["string", "The pattern, in RE2 syntax"],
    match_count: ["integer", "How often the text was found", { volatile: true }],
    memory_addresses: ["json", "Where it was found, the first 100 places", {
      volatile: true,
      shape: '["0x7f3c0a001000", "0x7f3c0a002040"]',
    }],
    confidence: ["float", "How sure the finding is, 0 to 1"],
    scan_time: ["timestamp", "When the memory was searched", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, m.pattern_value FROM processes p JOIN memory_patterns m ON m.pid = p.pid WHERE m.pattern_type = 'wallet'",
    "SELECT p.pid, p.name, m.pattern_value, m.match_count FROM processes p JOIN memory_patterns m ON m.pid = p.pid WHERE m.pattern_type = 'url' AND m.pattern_value LIKE '%.onion%'",
    "SELECT p.pid, p.name, m.match_count FROM processes p JOIN memory_patterns m ON m.pid = p.pid WHERE m.pattern_regex = '(?i)meterpreter|mimikatz' AND p.user_id = 0",
  ],
} as const satisfies TableSpec;
