import type { TableSpec } from "../schema/types.ts";

/** The table of how traffic departs from what is usual. */
export const traffic_patterns = {
  name: "traffic_patterns",
  description:
    "Regularities and departures in the traffic between two addresses, one row for each kind and window: beacons, bursts, new peers.",
  collector: "netanalymond",
  kind: "triggerable",
  slow: true,
  requires: ["source_ip", "destination_ip"],
  columns: {
    pattern_id: ["string", "Identity of the pattern: kind, both addresses, protocol and window", {
      key: true,
    }],
    pattern_type: ["string", "What is measured", {
      values: ["bandwidth", "frequency", "beacon", "geographic", "port_scan", "new_peer"],
    }],
    source_ip: ["string", "Address of the side that opened the connections", { lookup: true }],
    destination_ip: ["string", "Address of the other side", { lookup: true }],
    protocol: ["string", "Protocol"],
    pattern_value: ["float", "The measure in this window", { volatile: true }],
    baseline_value: ["float", "The usual measure; NULL until there is one", {
      optional: true,
      volatile: true,
    }],
    anomaly_score: ["float", "Distance from the usual, 0 to 1", { volatile: true }],
    time_window: ["integer", "Length of the window", { unit: "s" }],
    occurrence_count: ["integer", "Windows in which it was seen", { volatile: true }],
    first_occurrence: ["timestamp", "When it was first seen"],
    last_occurrence: ["timestamp", "When it was last seen", { volatile: true }],
  },
  examples: [
    "SELECT c.pid, c.process_name, t.destination_ip, t.anomaly_score FROM network_connections c JOIN traffic_patterns t ON t.destination_ip = c.remote_address WHERE t.pattern_type = 'beacon' AND t.occurrence_count > 20",
    "SELECT c.pid, c.process_name, t.pattern_value, t.baseline_value FROM network_connections c JOIN traffic_patterns t ON t.destination_ip = c.remote_address WHERE t.pattern_type = 'bandwidth' AND t.pattern_value > 10 * t.baseline_value",
  ],
} as const satisfies TableSpec;
