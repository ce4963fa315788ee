import type { TableSpec } from "../schema/types.ts";

/** The table of captured flows. */
export const network_traffic = {
  name: "network_traffic",
  description:
    "Flows seen on the wire, one row for each connection. The source is the side that opened it.",
  collector: "netanalymond",
  kind: "triggerable",
  slow: true,
  requires: ["connection_id", "source_ip", "destination_ip"],
  columns: {
    connection_id: ["string", "Identity of the connection, that of `network_connections`", {
      key: true,
      lookup: true,
    }],
    protocol: ["string", "Protocol, the highest that was recognized, such as `tcp` or `dns`"],
    source_ip: ["string", "Address of the source", { lookup: true }],
    source_port: ["integer", "Port of the source", { optional: true }],
    destination_ip: ["string", "Address of the destination", { lookup: true }],
    destination_port: ["integer", "Port of the destination", { optional: true }],
    packet_count: ["integer", "Packets, both ways", { volatile: true }],
    bytes_transferred: ["integer", "Payload and headers, both ways", {
      volatile: true,
      unit: "bytes",
    }],
    start_time: ["timestamp", "When the first packet was seen"],
    end_time: ["timestamp", "When the last packet was seen; NULL while the flow lasts", {
      optional: true,
    }],
    duration: ["integer", "Time from the first to the last packet", { volatile: true, unit: "s" }],
    direction: ["string", "Whether this host is the destination or the source", {
      values: ["inbound", "outbound"],
    }],
    analysis_time: ["timestamp", "When it was analysed", { volatile: true }],
  },
  examples: [
    "SELECT c.pid, c.process_name, t.destination_ip, t.bytes_transferred FROM network_connections c JOIN network_traffic t ON t.connection_id = c.connection_id WHERE t.direction = 'outbound' AND t.bytes_transferred > 104857600",
    "SELECT c.pid, c.process_name, t.protocol, t.destination_port FROM network_connections c JOIN network_traffic t ON t.connection_id = c.connection_id WHERE t.protocol = 'dns' AND t.destination_port <> 53",
  ],
} as const satisfies TableSpec;
