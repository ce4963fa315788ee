import type { ColumnSpecs } from "../../schema/types.ts";

const OPTIONAL = { optional: true } as const;
const COSTLY = { costly: true } as const;
const SECONDS = { costly: true, unit: "s" } as const;
const CHANGING = { costly: true, volatile: true } as const;

const ARP_SHAPE =
  '[{"address": "192.0.2.1", "mac_address": "52:54:00:12:35:02", "interface": "eth0", "state": "reachable"}]';
const ROUTE_SHAPE =
  '[{"destination": "0.0.0.0/0", "gateway": "192.0.2.1", "interface": "eth0", "metric": 100}]';
const TCP_SHAPE =
  '[{"local_address": "192.0.2.10", "local_port": 22, "remote_address": "203.0.113.7", "remote_port": 51514, "state": "established"}]';
const UDP_SHAPE =
  '[{"local_address": "0.0.0.0", "local_port": 68, "remote_address": null, "remote_port": null}]';
const VPN_SHAPE =
  '[{"name": "Office", "type": "ikev2", "server": "vpn.example.com", "status": "connected"}]';
const BLUETOOTH_SHAPE =
  '[{"name": "Headset", "address": "a4:83:e7:01:02:03", "connected": true, "paired": true}]';

/**
 * What Linux has of a network interface besides the core columns: its namespace, and the settings and statistics of that
 * namespace's network stack, in which `tcp_*` are named as in `/proc/sys/net/ipv4`. A setting that the running kernel does
 * not have is NULL.
 */
export const linux = {
  namespace_id: ["integer", "Inode number of the network namespace", {
    key: true,
    optional: true,
    privileged: true,
  }],
  container_id: ["string", "Id of the container that owns the namespace", OPTIONAL],
  vlan_id: ["integer", "VLAN that its packets are tagged with", OPTIONAL],
  bond_master: ["string", "The bond that it is part of", OPTIONAL],
  promiscuous: [
    "boolean",
    "Whether it takes packets for others in, for a sniffer or for the bridge that it is part of",
    OPTIONAL,
  ],
  arp_table: ["json", "Neighbours by address", { ...CHANGING, shape: ARP_SHAPE }],
  route_table: ["json", "Routes", { ...COSTLY, shape: ROUTE_SHAPE }],
  tcp_connections: ["json", "TCP sockets", { ...CHANGING, shape: TCP_SHAPE }],
  udp_connections: ["json", "UDP sockets", { ...CHANGING, shape: UDP_SHAPE }],
  unix_sockets: ["json", "Unix sockets; an abstract name begins with `@`", {
    ...CHANGING,
    shape:
      '[{"path": "/run/systemd/notify", "type": "dgram", "state": "unconnected", "inode": 9120}]',
  }],
  snmp_stats: ["json", "IPv4 counters by protocol", {
    ...CHANGING,
    shape: '{"Tcp": {"ActiveOpens": 120, "CurrEstab": 4}, "Udp": {"InDatagrams": 5120}}',
  }],
  snmp6_stats: ["json", "IPv6 counters", {
    ...CHANGING,
    shape: '{"Ip6InReceives": 2048, "Icmp6InErrors": 0}',
  }],
  net_dev_stats: ["json", "Counters of the interface as the kernel lists them", {
    ...CHANGING,
    shape:
      '{"receive": {"bytes": 81920, "packets": 512, "multicast": 3}, "transmit": {"bytes": 4096, "packets": 40, "collisions": 0}}',
  }],
  tcp_mem: ["json", "Memory limits of TCP, in pages", {
    ...COSTLY,
    shape: '{"low": 94500, "pressure": 126000, "high": 189000}',
  }],
  tcp_congestion: ["string", "Congestion control in use, such as `cubic`", COSTLY],
  tcp_window_scaling: ["boolean", "Whether windows beyond 64 KiB are offered", COSTLY],
  tcp_timestamps: ["boolean", "Whether segments carry timestamps", COSTLY],
  tcp_sack: ["boolean", "Whether selective acknowledgements are offered", COSTLY],
  tcp_fack: ["boolean", "Whether forward acknowledgement is used; gone since Linux 4.15", COSTLY],
  tcp_dsack: ["boolean", "Whether duplicates are acknowledged selectively", COSTLY],
  tcp_ecn: ["boolean", "Whether congestion notification is accepted or asked for", COSTLY],
  tcp_abc: ["boolean", "Whether the window grows by bytes; gone since Linux 3.9", COSTLY],
  tcp_syncookies: ["boolean", "Whether a flood of SYN is answered with cookies", COSTLY],
  tcp_fastopen: ["boolean", "Whether data may travel in the SYN, on either side", COSTLY],
  tcp_autocorking: ["boolean", "Whether small writes are gathered", COSTLY],
  tcp_no_delay_ack: ["boolean", "Whether acknowledgements are sent at once", COSTLY],
  tcp_thin_linear_timeouts: ["boolean", "Whether thin streams retry without backing off", COSTLY],
  tcp_thin_dupack: ["boolean", "Whether thin streams resend on the first duplicate", COSTLY],
  tcp_early_retrans: ["boolean", "Whether loss is repaired early", COSTLY],
  tcp_reordering: ["integer", "Reordered segments that do not yet count as loss", COSTLY],
  tcp_retrans_collapse: ["boolean", "Whether resent segments may be joined", COSTLY],
  tcp_keepalive_time: ["integer", "Silence before the first probe", SECONDS],
  tcp_keepalive_probes: ["integer", "Probes without answer that end a connection", COSTLY],
  tcp_keepalive_intvl: ["integer", "Time between probes", SECONDS],
  tcp_retries1: ["integer", "Retries before the route is doubted", COSTLY],
  tcp_retries2: ["integer", "Retries before a connection is given up", COSTLY],
  tcp_orphan_retries: ["integer", "Retries for connections that no process holds", COSTLY],
  tcp_tw_reuse: ["boolean", "Whether ports in TIME_WAIT are reused", COSTLY],
  tcp_fin_timeout: ["integer", "How long an orphan waits for the peer's end", SECONDS],
  tcp_tw_recycle: ["boolean", "Whether TIME_WAIT is cut short; gone since Linux 4.12", COSTLY],
  tcp_max_tw_buckets: ["integer", "Most connections in TIME_WAIT", COSTLY],
  tcp_max_syn_backlog: ["integer", "Most half-open connections of a listener", COSTLY],
  tcp_syn_retries: ["integer", "Retries of the SYN", COSTLY],
  tcp_synack_retries: ["integer", "Retries of the answer to a SYN", COSTLY],
  tcp_abort_on_overflow: ["boolean", "Whether a full listener resets new connections", COSTLY],
  tcp_stdurg: ["boolean", "Whether the urgent pointer is read as RFC 793 says", COSTLY],
  tcp_rfc1337: ["boolean", "Whether TIME_WAIT ignores resets", COSTLY],
} as const satisfies ColumnSpecs;

/** What macOS has of a network interface besides the core columns. */
export const macos = {
  service_name: ["string", "Network service that uses it, such as `Wi-Fi`", OPTIONAL],
  bonjour_services: ["json", "Services announced on its network", {
    ...CHANGING,
    shape: '[{"name": "Printer", "type": "_ipp._tcp", "host": "printer.local", "port": 631}]',
  }],
  airport_info: ["json", "The wireless network that it is joined to", {
    ...CHANGING,
    shape:
      '{"ssid": "Office", "bssid": "00:11:22:33:44:55", "channel": 36, "rssi": -58, "security": "wpa3"}',
  }],
  energy_impact: ["float", "Relative use of energy; 0 is none", CHANGING],
  network_service_order: ["json", "Network services, the preferred one first", {
    ...COSTLY,
    shape: '["Ethernet", "Wi-Fi"]',
  }],
  dns_configuration: ["json", "Name servers and search domains", {
    ...COSTLY,
    shape: '{"servers": ["192.0.2.53"], "search": ["example.com"]}',
  }],
  proxy_settings: ["json", "Proxies that programs are told to use", {
    ...COSTLY,
    shape:
      '{"http": null, "https": "proxy.example.com:3128", "pac_url": null, "exceptions": ["*.local"]}',
  }],
  firewall_status: ["string", "Whether the application firewall is on", {
    ...COSTLY,
    values: ["on", "off", "unknown"],
  }],
  stealth_mode: ["boolean", "Whether the firewall leaves probes unanswered", COSTLY],
  block_all_incoming: ["boolean", "Whether the firewall refuses every connection", COSTLY],
  application_firewall: ["json", "Programs that the firewall knows", {
    ...COSTLY,
    shape: '[{"path": "/usr/sbin/sshd", "incoming": "allow"}]',
  }],
  network_location: ["string", "Set of network settings in use", COSTLY],
  vpn_connections: ["json", "Configured VPN connections", { ...CHANGING, shape: VPN_SHAPE }],
  wifi_networks: ["json", "Wireless networks in reach", {
    ...CHANGING,
    shape: '[{"ssid": "Guest", "bssid": "00:11:22:33:44:66", "rssi": -71, "security": "none"}]',
  }],
  bluetooth_devices: ["json", "Known Bluetooth devices", { ...CHANGING, shape: BLUETOOTH_SHAPE }],
  network_interfaces_detailed: ["json", "Flags, media and options of the interface", {
    ...COSTLY,
    shape:
      '{"flags": ["up", "broadcast", "running"], "media": "autoselect", "options": ["rxcsum", "txcsum"]}',
  }],
  routing_table: ["json", "Routes", { ...COSTLY, shape: ROUTE_SHAPE }],
  arp_cache: ["json", "Neighbours by address", { ...CHANGING, shape: ARP_SHAPE }],
  network_statistics: ["json", "Counters of the network stack", {
    ...CHANGING,
    shape: '{"mbufs": {"in_use": 2100, "denied": 0}}',
  }],
  socket_statistics: ["json", "Sockets by kind", {
    ...CHANGING,
    shape: '{"stream": 310, "dgram": 84, "raw": 1}',
  }],
  tcp_statistics: ["json", "Counters of TCP", {
    ...CHANGING,
    shape: '{"connections_opened": 120, "connections_accepted": 8, "retransmitted": 14}',
  }],
  udp_statistics: ["json", "Counters of UDP", {
    ...CHANGING,
    shape: '{"received": 5120, "sent": 4096, "bad_checksum": 0}',
  }],
  icmp_statistics: ["json", "Counters of ICMP", {
    ...CHANGING,
    shape: '{"echo_requests": 12, "unreachable": 3}',
  }],
  ip_statistics: ["json", "Counters of IP", {
    ...CHANGING,
    shape: '{"received": 81920, "forwarded": 0, "fragments": 2}',
  }],
  interface_statistics: ["json", "Counters of the interface", {
    ...CHANGING,
    shape: '{"in_packets": 512, "in_errors": 0, "out_packets": 40, "collisions": 0}',
  }],
  network_quality: ["json", "Measured capacity and responsiveness", {
    ...CHANGING,
    shape: '{"download_mbps": 240.5, "upload_mbps": 42.1, "round_trips_per_minute": 900}',
  }],
  bandwidth_usage: ["json", "Bytes by process since the previous reading", {
    ...CHANGING,
    shape: '[{"pid": 512, "name": "Safari", "received": 81920, "sent": 4096}]',
  }],
  connection_history: ["json", "Networks that it was joined to, the latest first", {
    ...COSTLY,
    shape: '[{"ssid": "Office", "last_joined": 1767225600000}]',
  }],
  network_diagnostics: ["json", "Findings of the system's reachability checks", {
    ...CHANGING,
    shape: '{"reachable": true, "captive_portal": false, "dns": "ok"}',
  }],
} as const satisfies ColumnSpecs;

/** What Windows has of a network interface besides the core columns. */
export const windows = {
  adapter_guid: ["string", "GUID of the adapter", OPTIONAL],
  dhcp_enabled: ["boolean", "Whether its address comes from DHCP", OPTIONAL],
  dns_servers: ["json", "Name servers, the preferred one first", {
    optional: true,
    shape: '["192.0.2.53", "192.0.2.54"]',
  }],
  firewall_status: ["string", "Whether the firewall is on for the network's profile", {
    ...COSTLY,
    values: ["on", "off", "unknown"],
  }],
  hyper_v_vswitch: ["string", "Virtual switch of Hyper-V that it belongs to", OPTIONAL],
  network_adapter_info: ["json", "Driver and hardware of the adapter", {
    ...COSTLY,
    shape:
      '{"manufacturer": "Intel", "driver": "e1i68x64.sys", "driver_version": "12.19.2.45", "pnp_id": "PCI\\\\VEN_8086&DEV_15F3"}',
  }],
  ip_configuration: ["json", "Addresses, gateways and lease", {
    ...COSTLY,
    shape:
      '{"addresses": ["192.0.2.10/24"], "gateways": ["192.0.2.1"], "dhcp_server": "192.0.2.1", "lease_expires": 1767312000000}',
  }],
  routing_table: ["json", "Routes", { ...COSTLY, shape: ROUTE_SHAPE }],
  arp_table: ["json", "Neighbours by address", { ...CHANGING, shape: ARP_SHAPE }],
  netstat_connections: ["json", "Sockets with their processes, as `netstat -ano` lists them", {
    ...CHANGING,
    shape:
      '[{"protocol": "tcp", "local": "192.0.2.10:49703", "remote": "203.0.113.7:443", "state": "established", "pid": 4120}]',
  }],
  tcp_connections: ["json", "TCP sockets", { ...CHANGING, shape: TCP_SHAPE }],
  udp_connections: ["json", "UDP sockets", { ...CHANGING, shape: UDP_SHAPE }],
  network_interfaces: ["json", "Hidden and filter interfaces layered on the adapter", {
    ...COSTLY,
    shape:
      '[{"name": "Ethernet-WFP Native MAC Layer LightWeight Filter-0000", "index": 12, "hidden": true}]',
  }],
  network_profiles: ["json", "Networks that it is connected to, with their category", {
    ...COSTLY,
    shape: '[{"name": "corp.example.com", "category": "domain", "connectivity": "internet"}]',
  }],
  wifi_profiles: ["json", "Stored wireless networks", {
    ...COSTLY,
    shape: '[{"ssid": "Office", "authentication": "WPA3", "connects_automatically": true}]',
  }],
  bluetooth_devices: ["json", "Known Bluetooth devices", { ...CHANGING, shape: BLUETOOTH_SHAPE }],
  vpn_connections: ["json", "Configured VPN connections", { ...CHANGING, shape: VPN_SHAPE }],
  network_bridge: ["json", "The bridge that it is part of", {
    ...COSTLY,
    shape: '{"name": "Network Bridge", "members": ["Ethernet", "Ethernet 2"]}',
  }],
  network_team: ["json", "The switch-embedded team that it is part of", {
    ...COSTLY,
    shape: '{"name": "SETswitch", "members": ["NIC1", "NIC2"], "mode": "switch_independent"}',
  }],
  network_lbfo: ["json", "The load-balancing team that it is part of", {
    ...COSTLY,
    shape: '{"name": "Team1", "members": ["NIC1", "NIC2"], "algorithm": "dynamic", "status": "up"}',
  }],
  network_qos: ["json", "Quality-of-service policies", {
    ...COSTLY,
    shape: '[{"name": "Backup", "throttle_bits_per_second": 100000000, "dscp": 8}]',
  }],
  network_security: ["json", "Protocols and rules that protect its traffic", {
    ...COSTLY,
    shape:
      '{"smb_signing_required": true, "llmnr_enabled": false, "netbios_enabled": false, "ipsec_rules": 2}',
  }],
  network_monitoring: ["json", "Filters and drivers that watch its traffic", {
    ...COSTLY,
    shape: '[{"name": "npcap", "driver": "npcap.sys", "running": true}]',
  }],
  network_diagnostics: ["json", "Findings of the connectivity indicator", {
    ...CHANGING,
    shape: '{"ipv4": "internet", "ipv6": "local", "captive_portal": false}',
  }],
  network_performance: ["json", "Performance counters of the adapter", {
    ...CHANGING,
    shape: '{"output_queue_length": 0, "offloaded_connections": 0, "rsc_coalesced": 81920}',
  }],
  network_usage: ["json", "Bytes by program, from the resource usage monitor", {
    ...CHANGING,
    shape: '[{"program": "msedge.exe", "received": 819200, "sent": 40960}]',
  }],
  network_events: ["json", "Latest connections and disconnections", {
    ...CHANGING,
    shape: '[{"time": 1767225600000, "event_id": 10000, "network": "corp.example.com"}]',
  }],
  network_logs: ["json", "Where the firewall logs, and what", {
    ...COSTLY,
    shape:
      '{"path": "%systemroot%\\\\system32\\\\LogFiles\\\\Firewall\\\\pfirewall.log", "dropped": true, "allowed": false}',
  }],
  network_traces: ["json", "Trace sessions that record network events", {
    ...CHANGING,
    shape:
      '[{"name": "NetTrace", "provider": "Microsoft-Windows-NDIS-PacketCapture", "running": true}]',
  }],
  network_captures: ["json", "Packet captures in progress", {
    ...CHANGING,
    shape: '[{"tool": "pktmon", "file": "C:\\\\PktMon.etl", "started": 1767225600000}]',
  }],
  network_analysis: ["json", "Traffic by remote address since the previous reading", {
    ...CHANGING,
    shape: '[{"remote_address": "203.0.113.7", "connections": 4, "received": 81920, "sent": 4096}]',
  }],
  network_forensics: ["json", "Networks that it was ever connected to", {
    ...COSTLY,
    shape:
      '[{"name": "Hotel", "gateway_mac": "00:11:22:33:44:55", "first_connected": 1760000000000, "last_connected": 1760086400000}]',
  }],
  network_compliance: ["json", "Settings that differ from the applied policy", {
    ...COSTLY,
    shape: '[{"setting": "firewall.domain.enabled", "expected": true, "actual": false}]',
  }],
  network_audit: ["json", "Audit policy for network access", {
    ...COSTLY,
    shape:
      '{"filtering_platform_connection": ["success", "failure"], "filtering_platform_packet_drop": []}',
  }],
} as const satisfies ColumnSpecs;
