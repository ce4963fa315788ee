import type { TableSpec } from "../schema/types.ts";

/** The table of known bad addresses, names and hashes. */
export const threat_indicators = {
  name: "threat_indicators",
  description:
    "Indicators of compromise, one row each, from the files that the detection names under `resources`.",
  collector: "netanalymond",
  kind: "triggerable",
  slow: true,
  requires: ["indicator_value", "indicator_id"],
  resources: "indicators",
  columns: {
    indicator_id: ["string", "Identity of the indicator in its source", {
      key: true,
      lookup: true,
    }],
    indicator_type: ["string", "What the value is", {
      values: ["ip", "cidr", "domain", "url", "hash", "email", "path", "other"],
    }],
    indicator_value: ["string", "The value, in lower case where case means nothing", {
      lookup: true,
    }],
    threat_category: ["string", "What it stands for, such as `malware` or `phishing`", {
      optional: true,
    }],
    severity: ["string", "How bad a sighting is", {
      optional: true,
      values: ["low", "medium", "high", "critical"],
    }],
    confidence: ["float", "How sure the source is, 0 to 1", { optional: true }],
    source: ["string", "Where the indicator comes from"],
    first_seen: ["timestamp", "When the source first saw it", { optional: true }],
    last_seen: ["timestamp", "When the source last saw it", { optional: true }],
    description: ["string", "What the source says about it", { optional: true }],
    tags: ["json", "Tags that the source gives", {
      optional: true,
      shape: '["botnet", "tlp:clear"]',
    }],
  },
  examples: [
    "SELECT c.pid, c.process_name, c.remote_address, t.source FROM network_connections c JOIN threat_indicators t ON t.indicator_value = c.remote_address WHERE t.indicator_type = 'ip' AND t.confidence >= 0.7",
    "SELECT p.pid, p.name, t.threat_category FROM processes p JOIN threat_indicators t ON t.indicator_value = p.executable_hash WHERE t.indicator_type = 'hash'",
  ],
} as const satisfies TableSpec;
