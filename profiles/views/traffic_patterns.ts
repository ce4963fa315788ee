import type { FoldView } from "../../schema/types.ts";

/** The view of how connections are spread over time, and how that departs from what is usual. */
export const traffic_patterns = {
  name: "traffic_patterns",
  description:
    "Regularities and departures in who connects to whom, one row for each kind of pattern and pair of addresses: beacons, bursts, new peers. Made of the connections of the whole `lookback`; docs/traffic_patterns.md has the formulas.",
  collector: "netmond",
  kind: "monitor",
  base: "network_connections",
  reads: [
    "collection_time",
    "created_time",
    "direction",
    "host",
    "local_address",
    "local_port",
    "pid",
    "process_key",
    "process_name",
    "protocol",
    "remote_address",
    "remote_port",
    "scan_id",
    "state",
  ],
  columns: {
    pattern_id: [
      "string",
      "Identity of the pattern: kind, protocol, both addresses, and a beacon's port",
      {
        key: true,
      },
    ],
    pattern_type: [
      "string",
      "What is measured; `bandwidth` and `geographic` are not, since sockets tell neither",
      { values: ["bandwidth", "frequency", "beacon", "geographic", "port_scan", "new_peer"] },
    ],
    source_ip: ["string", "Address of the side that opened the connections", { lookup: true }],
    destination_ip: ["string", "Address of the other side", { lookup: true }],
    destination_port: ["integer", "Port that a beacon connects to; NULL for other kinds", {
      optional: true,
      lookup: true,
    }],
    protocol: ["string", "Protocol"],
    direction: [
      "string",
      "Whether this host is the destination or the source; outbound where it is both",
      {
        values: ["inbound", "outbound"],
      },
    ],
    pid: ["integer", "Process of this host in the latest of the connections that shows one", {
      optional: true,
      volatile: true,
    }],
    process_name: ["string", "Name of that process", { optional: true, volatile: true }],
    pattern_value: [
      "float",
      "The measure in the newest window; of a beacon its median interval in s",
      {
        optional: true,
        volatile: true,
      },
    ],
    baseline_value: [
      "float",
      "The median of earlier windows; NULL until there are nine, and for beacons",
      {
        optional: true,
        volatile: true,
      },
    ],
    anomaly_score: [
      "float",
      "0 to 1: distance from the baseline; of a beacon its regularity. NULL until there is enough to tell",
      { optional: true, volatile: true },
    ],
    interval_mean: ["float", "Mean time from one connection of a beacon to the next", {
      optional: true,
      volatile: true,
      unit: "s",
    }],
    interval_jitter: [
      "float",
      "Standard deviation of these times divided by their mean",
      { optional: true, volatile: true },
    ],
    time_window: [
      "integer",
      "Length of a window; of a beacon from its first connection to its last",
      {
        volatile: true,
        unit: "s",
      },
    ],
    occurrence_count: ["integer", "Windows in which it was seen; of a beacon its connections", {
      volatile: true,
    }],
    first_occurrence: ["timestamp", "When the first of the connections began", { volatile: true }],
    last_occurrence: ["timestamp", "When the last of them began", { volatile: true }],
  },
  examples: [
    "SELECT pid, process_name, destination_ip, destination_port, interval_mean, interval_jitter FROM traffic_patterns WHERE pattern_type = 'beacon' AND occurrence_count > 20 AND anomaly_score > 0.9",
    "SELECT source_ip, destination_ip, pattern_value, baseline_value FROM traffic_patterns WHERE pattern_type = 'frequency' AND pattern_value > 10 * baseline_value",
    "SELECT source_ip, destination_ip FROM traffic_patterns WHERE pattern_type = 'new_peer' AND anomaly_score = 1 AND address_class(destination_ip) = 'public'",
  ],
} as const satisfies FoldView;
