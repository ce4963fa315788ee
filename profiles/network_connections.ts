import type { TableSpec } from "../schema/types.ts";

/** The table of open sockets. */
export const network_connections = {
  name: "network_connections",
  description: "Sockets, one row for each and for each process that holds it open.",
  collector: "netmond",
  kind: "monitor",
  columns: {
    pid: ["integer", "Process that holds the socket; NULL where none does or it is not visible", {
      key: true,
      lookup: true,
      optional: true,
      privileged: true,
    }],
    connection_id: ["string", "Identity of the socket: protocol, both ends and inode", {
      key: true,
      lookup: true,
    }],
    protocol: ["string", "Protocol", {
      values: ["tcp", "udp", "udplite", "icmp", "raw", "packet", "unix"],
    }],
    direction: [
      "string",
      "Which side opened it; NULL for sockets without a peer or where that is not known",
      { optional: true, values: ["inbound", "outbound"] },
    ],
    local_address: [
      "string",
      "Local address, IPv4 also where an IPv6 socket is used so; the path of a unix socket, `@` if abstract",
      { optional: true },
    ],
    local_port: ["integer", "Local port", { optional: true }],
    remote_address: [
      "string",
      "Address of the peer, written as `local_address`; NULL without one, and for unix sockets",
      {
        optional: true,
        lookup: true,
      },
    ],
    remote_port: ["integer", "Port of the peer; NULL without one", { optional: true }],
    state: [
      "string",
      "State of TCP; of other sockets whether they are connected or listen, else NULL",
      {
        optional: true,
        values: [
          "established",
          "syn_sent",
          "syn_received",
          "fin_wait1",
          "fin_wait2",
          "time_wait",
          "closed",
          "close_wait",
          "last_ack",
          "listening",
          "closing",
        ],
      },
    ],
    process_name: ["string", "Name of the process that holds it", {
      optional: true,
      privileged: true,
    }],
    created_time: [
      "timestamp",
      "When it was first seen, or was closed before that; NULL where it was there before anybody looked",
      { optional: true },
    ],
    last_activity: ["timestamp", "When data last passed, where the system tells", {
      optional: true,
      volatile: true,
    }],
    inode: ["integer", "Inode number of the socket", { optional: true }],
    socket_type: ["string", "Kind of socket", {
      optional: true,
      values: ["stream", "dgram", "raw", "seqpacket", "packet"],
    }],
    family: ["string", "Address family", { values: ["inet", "inet6", "unix", "packet"] }],
    flags: ["integer", "Flags of the socket, as the system counts them", { optional: true }],
    backlog: ["integer", "Connections that a listening socket lets wait", { optional: true }],
    receive_queue: [
      "integer",
      "Received and not yet read; of a listening socket, not yet accepted",
      {
        optional: true,
        volatile: true,
        unit: "bytes",
      },
    ],
    send_queue: ["integer", "Sent and not yet acknowledged", {
      optional: true,
      volatile: true,
      unit: "bytes",
    }],
    uid: ["integer", "User id of the socket's owner", { optional: true }],
    gid: ["integer", "Group id of the socket's owner", { optional: true, privileged: true }],
  },
  extensions: {
    linux: {
      namespace_id: ["integer", "Inode number of its network namespace", {
        optional: true,
        privileged: true,
      }],
      container_id: ["string", "Id of the container that owns the namespace", { optional: true }],
      unix_peer: [
        "string",
        "Path of the socket at the other end of a unix socket, as `local_address`",
        {
          costly: true,
        },
      ],
    },
  },
  examples: [
    "SELECT pid, process_name, local_address, local_port FROM network_connections WHERE state = 'listening' AND local_port > 1024",
    "SELECT p.pid, p.name, p.command_line, c.remote_address, c.remote_port FROM network_connections c JOIN processes p ON p.pid = c.pid WHERE c.direction = 'outbound' AND p.executable_deleted",
    "SELECT remote_address, count(DISTINCT remote_port) AS ports FROM network_connections WHERE state = 'syn_sent' GROUP BY remote_address HAVING count(DISTINCT remote_port) > 20",
  ],
} as const satisfies TableSpec;
