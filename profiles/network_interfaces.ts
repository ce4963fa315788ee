import type { TableSpec } from "../schema/types.ts";
import { linux, macos, windows } from "./extensions/network_interfaces.ts";

const COUNTER = { optional: true, volatile: true } as const;
const BYTES = { ...COUNTER, unit: "bytes" } as const;

/** The table of network interfaces. */
export const network_interfaces = {
  name: "network_interfaces",
  description:
    "Network interfaces, one row each. `bytes_*`, `packets_*`, `errors_*` and `drops_*` count since the interface came up, `rx_*` and `tx_*` since the previous reading. What a platform's columns say of the whole host is the same in each row. On Linux `platform_data` names the `master` of an interface that is a port of a bridge, a bond or the like; otherwise it is NULL.",
  collector: "netmond",
  kind: "monitor",
  columns: {
    interface_name: ["string", "Name, such as `eth0`", { key: true, lookup: true }],
    interface_type: ["string", "Kind of interface", {
      optional: true,
      values: [
        "ethernet",
        "wifi",
        "loopback",
        "bridge",
        "bond",
        "vlan",
        "veth",
        "tunnel",
        "ppp",
        "other",
      ],
    }],
    status: ["string", "Whether it can carry traffic", { values: ["up", "down", "unknown"] }],
    bytes_sent: ["integer", "Sent", BYTES],
    bytes_received: ["integer", "Received", BYTES],
    packets_sent: ["integer", "Packets sent", COUNTER],
    packets_received: ["integer", "Packets received", COUNTER],
    errors_sent: ["integer", "Packets that could not be sent", COUNTER],
    errors_received: ["integer", "Packets that arrived damaged", COUNTER],
    drops_sent: ["integer", "Packets dropped before sending", COUNTER],
    drops_received: ["integer", "Packets dropped after receiving", COUNTER],
    mac_address: ["string", "Hardware address, lower case with colons", { optional: true }],
    ip_networks: ["json", "Addresses with their prefix lengths", {
      optional: true,
      shape: '["192.0.2.10/24", "fe80::5054:ff:fe12:3456/64"]',
    }],
    mtu: ["integer", "Largest packet", { optional: true, unit: "bytes" }],
    speed: ["integer", "Speed of the link", { optional: true, unit: "Mbit/s" }],
    duplex: ["string", "Whether both sides may send at once", {
      optional: true,
      values: ["full", "half", "unknown"],
    }],
    carrier: ["boolean", "Whether the link has a signal", { optional: true }],
    operstate: ["string", "Operational state in the words of RFC 2863", {
      optional: true,
      values: [
        "up",
        "down",
        "dormant",
        "lower_layer_down",
        "not_present",
        "testing",
        "unknown",
      ],
    }],
    link_mode: ["string", "Whether a program must open the link first (`dormant`)", {
      optional: true,
      values: ["default", "dormant", "testing"],
    }],
    address: ["string", "First address, without prefix length", { optional: true }],
    broadcast: ["string", "Broadcast address of the first address", { optional: true }],
    netmask: ["string", "Netmask of the first address", { optional: true }],
    rx_bytes: ["integer", "Received since the previous reading", BYTES],
    tx_bytes: ["integer", "Sent since the previous reading", BYTES],
    rx_packets: ["integer", "Packets received since the previous reading", COUNTER],
    tx_packets: ["integer", "Packets sent since the previous reading", COUNTER],
    rx_errors: ["integer", "Packets that arrived damaged since the previous reading", COUNTER],
    tx_errors: ["integer", "Packets that could not be sent since the previous reading", COUNTER],
    rx_dropped: ["integer", "Packets dropped after receiving since the previous reading", COUNTER],
    tx_dropped: ["integer", "Packets dropped before sending since the previous reading", COUNTER],
  },
  extensions: { linux, macos, windows },
  examples: [
    "SELECT interface_name, interface_type, mac_address, ip_networks FROM network_interfaces WHERE status = 'up' AND interface_type = 'tunnel'",
    "SELECT interface_name, tx_bytes FROM network_interfaces WHERE interface_type <> 'loopback' AND tx_bytes > 1073741824",
    "SELECT mac_address, count(*) AS interfaces FROM network_interfaces WHERE mac_address IS NOT NULL GROUP BY mac_address HAVING count(*) > 1",
  ],
} as const satisfies TableSpec;
