import type { TableSpec } from "../../../schema/types.ts";

/** Between agent and netlinker: what netlink alone tells of sockets. Not a virtual table; no query sees it. */
export const socket_details = {
  name: "socket_details",
  description:
    "What netlink tells of the sockets of the host's own network namespace, in terms of network_connections.",
  collector: "netlinker",
  kind: "monitor",
  columns: {
    inode: ["integer", "Inode number of the socket", { key: true }],
    backlog: ["integer", "Connections that a listening socket lets wait", { optional: true }],
    last_activity: ["timestamp", "When data last passed", { optional: true, volatile: true }],
    receive_queue: ["integer", "Received and not yet read; of unix sockets", {
      optional: true,
      volatile: true,
    }],
    send_queue: ["integer", "Sent and not yet read; of unix sockets", {
      optional: true,
      volatile: true,
    }],
    unix_peer: ["string", "Path of the peer; of unix sockets", { optional: true }],
  },
  examples: [],
} as const satisfies TableSpec;
