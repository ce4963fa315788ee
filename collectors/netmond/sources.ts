import type { network_connections } from "../../profiles/network_connections.ts";
import type { network_interfaces } from "../../profiles/network_interfaces.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const TABLES =
  "`/proc/<pid>/net/tcp`, `udp`, `udplite`, `icmp`, `raw`, the same with `6`, `packet`, `unix`, proc_pid_net(5)";
const HOLDER = "the process with a link to the socket in `/proc/<pid>/fd`, proc_pid_fd(5)";
const NETLINK = "netlink, sock_diag(7), of sockets in the host's own network namespace";

/** Where `network_connections` has its columns from on Linux. */
export const connectionSources: ColumnSources<typeof network_connections, "linux"> = {
  pid: `${HOLDER}; a row for each process that has one`,
  connection_id:
    `made of protocol, both ends and inode; of what has no inode, of its network namespace instead`,
  protocol: `the table that it stands in: ${TABLES}`,
  direction:
    "inbound where a socket of the same protocol and namespace listens on the local port and address, else outbound, as told when the connection was first seen; of a unix socket inbound where it has the path of one that listens, else NULL",
  local_address:
    `column \`local_address\` of that table; addresses of the link have no scope there`,
  local_port:
    "the same; of ICMP sockets the identifier of their echo requests, of raw sockets NULL",
  remote_address: `column \`rem_address\` of that table`,
  remote_port: "the same",
  state:
    `column \`st\` of that table; of a unix socket \`St\` and the bit for listening in \`Flags\``,
  process_name: `${HOLDER}: \`comm\` in \`/proc/<pid>/stat\`, proc_pid_stat(5)`,
  created_time:
    "the first reading that shows the socket; of a connection that is closed there already (`time_wait`) the time of that, from what is left of its 60 s in `tr tm->when`; NULL for others that the collector's first reading showed",
  last_activity:
    `${NETLINK}: the smaller of \`tcpi_last_data_sent\` and \`tcpi_last_data_recv\`, tcp(7), which begin with the connection; of TCP alone`,
  inode:
    `column \`inode\` of that table; NULL for connections that the kernel keeps for no program`,
  socket_type: "the table it stands in, and `Type` in `packet` and `unix`, proc_pid_net(5)",
  family: `the table that it stands in`,
  flags: "column `Flags` of `/proc/<pid>/net/unix`, proc_pid_net(5); of unix sockets alone",
  backlog: `${NETLINK}: \`idiag_wqueue\` and \`udiag_wqueue\` of listening sockets`,
  receive_queue:
    `column \`rx_queue\` of that table, \`Rmem\` in \`packet\`; of a unix socket ${NETLINK}: \`udiag_rqueue\``,
  send_queue: `column \`tx_queue\` of that table; of a unix socket ${NETLINK}: \`udiag_wqueue\``,
  uid:
    `column \`uid\` of that table; of a unix socket the file system's user id in the \`Uid\` line of its holder's \`/proc/<pid>/status\`, proc_pid_status(5)`,
  gid:
    "the file system's group id in the `Gid` line of its holder's `/proc/<pid>/status`, proc_pid_status(5), which is given to sockets that it makes",
  namespace_id: "`/proc/<pid>/ns/net` of a process that lives there, network_namespaces(7)",
  container_id:
    "`/proc/<pid>/cgroup` of the process with the lowest id that lives there, cgroups(7): the name that container engines give",
  unix_peer: `${NETLINK}: \`UNIX_DIAG_PEER\` and the \`UNIX_DIAG_NAME\` of that peer`,
  process_key:
    `${HOLDER}: \`starttime\` in \`/proc/<pid>/stat\`, proc_pid_stat(5), and \`/proc/sys/kernel/random/boot_id\``,
};

const DEVICE = "`/proc/<pid>/net/dev`, proc_pid_net(5)";
const SINCE =
  `${DEVICE}: what it grew by since the collector's previous reading; NULL at the first`;
const link = (file: string) =>
  `\`/sys/class/net/<name>/${file}\`, sysfs-class-net of the kernel's ABI; of interfaces in the host's own network namespace`;
const setting = (file: string) =>
  `\`/proc/sys/net/ipv4/${file}\`, tcp(7) and ip-sysctl.rst of the kernel; of the host's own network namespace`;
const ADDRESS =
  "rtnetlink(7) through getifaddrs(3); in other namespaces `/proc/<pid>/net/fib_trie` and `route`; IPv6 from `if_inet6`, proc_pid_net(5)";

/** Where `network_interfaces` has its columns from on Linux. */
export const interfaceSources: ColumnSources<typeof network_interfaces, "linux"> = {
  interface_name: DEVICE,
  interface_type: `${
    link("type")
  }, with \`uevent\`, \`device\`, \`tun_flags\`, \`flags\`, \`iflink\` and \`ifindex\``,
  status: `${link("flags")}, with \`operstate\` and \`carrier\``,
  bytes_sent: DEVICE,
  bytes_received: DEVICE,
  packets_sent: DEVICE,
  packets_received: DEVICE,
  errors_sent: DEVICE,
  errors_received: DEVICE,
  drops_sent: DEVICE,
  drops_received: `${DEVICE}; what the hardware had no room for counts, too`,
  mac_address: link("address"),
  ip_networks: ADDRESS,
  mtu: link("mtu"),
  speed: `${link("speed")}; NULL where the driver does not know it`,
  duplex: link("duplex"),
  carrier: `${link("carrier")}; NULL while the interface is down`,
  operstate: link("operstate"),
  link_mode: link("link_mode"),
  address: ADDRESS,
  broadcast: `the last address of the network of \`address\`, as the kernel routes it; ${ADDRESS}`,
  netmask: ADDRESS,
  rx_bytes: SINCE,
  tx_bytes: SINCE,
  rx_packets: SINCE,
  tx_packets: SINCE,
  rx_errors: SINCE,
  tx_errors: SINCE,
  rx_dropped: SINCE,
  tx_dropped: SINCE,
  namespace_id: connectionSources.namespace_id,
  container_id: connectionSources.container_id,
  vlan_id: "`/proc/<pid>/net/vlan/config`, of the kernel's module 8021q",
  promiscuous: link("flags"),
  bond_master: "`Slave Interface` in `/proc/<pid>/net/bonding/<bond>`, bonding.rst of the kernel",
  arp_table: "`/proc/<pid>/net/arp`, proc_pid_net(5), arp(7): the neighbours of IPv4",
  route_table: "`/proc/<pid>/net/route` and `ipv6_route`, proc_pid_net(5): of IPv4 the main table",
  tcp_connections: "`/proc/<pid>/net/tcp` and `tcp6`, proc_pid_net(5)",
  udp_connections: "`/proc/<pid>/net/udp` and `udp6`, proc_pid_net(5)",
  unix_sockets: "`/proc/<pid>/net/unix`, proc_pid_net(5)",
  snmp_stats: "`/proc/<pid>/net/snmp`, proc_pid_net(5), snmp_counter.rst of the kernel",
  snmp6_stats: "`/proc/<pid>/net/snmp6`, snmp_counter.rst of the kernel",
  net_dev_stats: DEVICE,
  tcp_mem: `${setting("tcp_mem")}; the first namespace alone has it`,
  tcp_congestion: setting("tcp_congestion_control"),
  tcp_window_scaling: setting("tcp_window_scaling"),
  tcp_timestamps: setting("tcp_timestamps"),
  tcp_sack: setting("tcp_sack"),
  tcp_fack: setting("tcp_fack"),
  tcp_dsack: setting("tcp_dsack"),
  tcp_ecn: setting("tcp_ecn"),
  tcp_abc: { always_null: "Linux 3.9 has removed the setting" },
  tcp_syncookies: setting("tcp_syncookies"),
  tcp_fastopen: `${setting("tcp_fastopen")}: the bits for the sides of client and server`,
  tcp_autocorking: setting("tcp_autocorking"),
  tcp_no_delay_ack: { always_null: "Linux has no such setting" },
  tcp_thin_linear_timeouts: setting("tcp_thin_linear_timeouts"),
  tcp_thin_dupack: { always_null: "Linux 4.11 has removed the setting" },
  tcp_early_retrans: setting("tcp_early_retrans"),
  tcp_reordering: setting("tcp_reordering"),
  tcp_retrans_collapse: setting("tcp_retrans_collapse"),
  tcp_keepalive_time: setting("tcp_keepalive_time"),
  tcp_keepalive_probes: setting("tcp_keepalive_probes"),
  tcp_keepalive_intvl: setting("tcp_keepalive_intvl"),
  tcp_retries1: setting("tcp_retries1"),
  tcp_retries2: setting("tcp_retries2"),
  tcp_orphan_retries: setting("tcp_orphan_retries"),
  tcp_tw_reuse: setting("tcp_tw_reuse"),
  tcp_fin_timeout: setting("tcp_fin_timeout"),
  tcp_tw_recycle: { always_null: "Linux 4.12 has removed the setting" },
  tcp_max_tw_buckets: setting("tcp_max_tw_buckets"),
  tcp_max_syn_backlog: setting("tcp_max_syn_backlog"),
  tcp_syn_retries: setting("tcp_syn_retries"),
  tcp_synack_retries: setting("tcp_synack_retries"),
  tcp_abort_on_overflow: setting("tcp_abort_on_overflow"),
  tcp_stdurg: setting("tcp_stdurg"),
  tcp_rfc1337: setting("tcp_rfc1337"),
};
