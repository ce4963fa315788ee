/**
 * What systeminformation has said on macOS and Windows hosts, as people have reported it. Values are theirs; where the
 * library called them otherwise then, they have the names that it uses now, and what a report left out is left out.
 *
 * @module
 */

/**
 * macOS 12.4, https://github.com/sebhildebrandt/systeminformation/issues/702: the library cut the lines of ps(1) at the
 * wrong places, so that what belongs to one column stands in others.
 */
export const MACOS_WINDOW_SERVER = {
  pid: 371,
  parentPid: 1,
  name: "indowServer",
  cpu: 16.3,
  cpuu: 0,
  cpus: 0,
  mem: 0.7,
  priority: 79,
  memVsz: 412601104,
  memRss: 125504,
  nice: 0,
  started: "Ss-67-14 2022",
  state: "unknown",
  tty: "_windowserver",
  user: "/System/Library/PrivateFrameworks/SkyLight.framework/Resources/",
  command: "indowServer",
  params: "-daemon",
  path: "",
};

/** macOS, https://github.com/sebhildebrandt/systeminformation/issues/254. */
export const MACOS_MONGOD = {
  pid: 432,
  parentPid: 424,
  name: "mongod",
  started: "2019-06-24 14:09:26",
  command: "mongod",
  params: "--config /Applications/mongodb/config.cfg",
  path: "/dataService/mongodb",
};

/** Windows 10 Pro 17763, https://github.com/sebhildebrandt/systeminformation/issues/216: the first two processes. */
export const WINDOWS_PROCESSES = [
  {
    pid: 0,
    parentPid: 0,
    name: "System Idle Process",
    cpu: 92.28259902427254,
    cpuu: 0,
    cpus: 92.28259902427254,
    mem: 0.00002388689174568152,
    priority: 0,
    memVsz: 56,
    memRss: 8,
    nice: 0,
    started: "2019-04-11 20:43:05",
    state: "unknown",
    tty: "",
    user: "",
    command: "System Idle Process",
  },
  { pid: 4, parentPid: 0, name: "System", cpu: 0.6611224635987302, cpuu: 0 },
];

/**
 * macOS, the documentation of the library: docs/network.html at commit dd573fb of
 * https://github.com/sebhildebrandt/systeminformation, with addresses of RFC 5737 where it has `xxx`.
 */
export const MACOS_CONNECTIONS = [
  {
    protocol: "tcp4",
    localAddress: "192.168.0.27",
    localPort: "55788",
    peerAddress: "192.0.2.17",
    peerPort: "443",
    state: "CLOSE_WAIT",
    pid: 702,
    process: "",
  },
  {
    protocol: "tcp4",
    localAddress: "192.168.0.27",
    localPort: "55761",
    peerAddress: "198.51.100.4",
    peerPort: "22",
    state: "ESTABLISHED",
    pid: 7267,
    process: "",
  },
];

/** Windows, https://github.com/sebhildebrandt/systeminformation/issues/724, as the reporter expects it, and it is now. */
export const WINDOWS_UDP = {
  protocol: "udp",
  localAddress: "192.168.56.1",
  localPort: "137",
  peerAddress: "*",
  peerPort: "*",
  state: "",
  pid: 4124,
  process: "",
};

/** Ubuntu 25.04, https://github.com/sebhildebrandt/systeminformation/issues/1014. */
export const UBUNTU_CONNECTIONS = [
  {
    protocol: "tcp",
    localAddress: "127.0.0.1",
    localPort: "38119",
    peerAddress: "127.0.0.1",
    peerPort: "41058",
    state: "ESTABLISHED",
    pid: NaN,
    process: "opencode",
  },
  {
    protocol: "tcp",
    localAddress: "[::]",
    localPort: "5355",
    peerAddress: "[::]",
    peerPort: "*",
    state: "LISTEN",
    pid: null,
    process: "",
  },
];

/** macOS, docs/network.html as above. */
export const MACOS_INTERFACES = [
  {
    iface: "lo0",
    ifaceName: "lo0",
    default: false,
    ip4: "127.0.0.1",
    ip4subnet: "255.0.0.0",
    ip6: "::1",
    ip6subnet: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    mac: "",
    internal: true,
    virtual: false,
    operstate: "down",
    type: "wired",
    duplex: "full",
    mtu: 16384,
    speed: null,
    dhcp: false,
  },
  {
    iface: "en0",
    ifaceName: "en0",
    default: true,
    ip4: "192.168.0.27",
    ip4subnet: "255.255.255.0",
    ip6: "fe80::134a:1e43:abc5:d413",
    ip6subnet: "ffff:ffff:ffff:ffff::",
    mac: "xx:xx:xx:xx:xx:xx",
    internal: false,
    virtual: false,
    operstate: "up",
    type: "wired",
    duplex: "full",
    mtu: 1500,
    speed: 1000,
    dhcp: true,
  },
];

/** The same host's `networkStats()`, docs/network.html as above. */
export const MACOS_STATS = [{
  iface: "en0",
  operstate: "up",
  rx_bytes: 1752866207,
  rx_dropped: 0,
  rx_errors: 0,
  tx_bytes: 180934681,
  tx_dropped: 0,
  tx_errors: 0,
  rx_sec: null,
  tx_sec: null,
  ms: 0,
}];

/** Windows 10, https://github.com/sebhildebrandt/systeminformation/issues/588 and, of the loopback, /issues/159. */
export const WINDOWS_INTERFACES = [
  {
    iface: "Wi-Fi",
    ifaceName: "Intel(R) Wi-Fi 6",
    ip4: "142.128.1.81",
    type: "wireless",
    speed: 758.35,
    dhcp: true,
    carrierChanges: 0,
  },
  {
    iface: "Ethernet 2",
    ip4: "192.168.1.50",
    ip6: "",
    mac: "70:85:c2:66:f8:7b",
    internal: false,
  },
  {
    iface: "Loopback Pseudo-Interface 1",
    ip4: "127.0.0.1",
    ip6: "::1",
    mac: "00:00:00:00:00:00",
    internal: true,
  },
];
