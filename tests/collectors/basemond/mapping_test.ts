import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  CONNECTION_COLUMNS,
  connectionReadings,
} from "../../../collectors/basemond/connections.ts";
import { identifyByTime } from "../../../collectors/basemond/identity.ts";
import { baseSources, UNTOLD } from "../../../collectors/basemond/sources.ts";
import { INTERFACE_COLUMNS, interfaceReadings } from "../../../collectors/basemond/interfaces.ts";
import {
  performanceReadings,
  PROCESS_COLUMNS,
  processReadings,
} from "../../../collectors/basemond/processes.ts";
import type { Reading } from "../../../collectors/core/collector.ts";
import { network_connections } from "../../../profiles/network_connections.ts";
import { network_interfaces } from "../../../profiles/network_interfaces.ts";
import { process_performance } from "../../../profiles/process_performance.ts";
import { processes } from "../../../profiles/processes.ts";
import { checkBatch } from "../../../schema/batch.ts";
import { type Platform, PLATFORMS, type TableSpec } from "../../../schema/types.ts";
import {
  MACOS_CONNECTIONS,
  MACOS_INTERFACES,
  MACOS_MONGOD,
  MACOS_STATS,
  MACOS_WINDOW_SERVER,
  UBUNTU_CONNECTIONS,
  WINDOWS_INTERFACES,
  WINDOWS_PROCESSES,
  WINDOWS_UDP,
} from "./recorded.ts";

const local = (text: string) => new Date(text).getTime();
const contextOf = (platform: Platform, boot: string, now: string) => ({
  platform,
  identify: identifyByTime(local(boot))(),
  now: local(now),
});
const MACOS = contextOf("macos", "2019-06-24T14:00:00", "2019-06-24T15:09:26");

/** Whether rows fit their table, as the agent checks them. */
function fit(readings: readonly Reading[], spec: TableSpec, platform: Platform): void {
  for (const { row, gaps = {} } of readings) {
    const columns = Object.keys(row);
    const batch = {
      table: spec.name,
      columns,
      values: columns.map((column) => [row[column] ?? null]),
      rows: 1,
      gaps: Object.entries(gaps).map(([column, reason]) => ({ column, reason, rows: "all" })),
    };
    checkBatch(batch, spec, platform);
    for (const column of Object.keys(gaps)) assert(!(column in row), column);
  }
}

Deno.test("processReadings() reads a process of macOS", () => {
  const told = {
    list: [
      { ...MACOS_MONGOD, memRss: 1024, memVsz: 2048, cpu: 1.5, state: "sleeping", user: "ann" },
      { pid: 424, parentPid: 1, name: "launcher", started: "2019-06-24 14:00:05", command: "x" },
    ],
  };
  const readings = processReadings(told, MACOS);
  fit(readings, processes, "macos");
  const [{ row, gaps }] = readings as [Reading];
  const boot = local("2019-06-24T14:00:00") / 1000;
  assertEquals(row, {
    pid: 432,
    ppid: 424,
    process_key: `${boot}:432:566`,
    parent_key: `${boot}:424:5`,
    name: "mongod",
    command_line: "/dataService/mongodb/mongod --config /Applications/mongodb/config.cfg",
    state: "sleeping",
    kernel_thread: false,
    cpu_usage: 1.5,
    memory_rss: 2 ** 20,
    memory_vms: 2 ** 21,
    start_time: local("2019-06-24T14:09:26"),
    run_time: 3600,
    user_name: "ann",
    parent_process: "launcher",
    accessible: false,
  });
  // Of what runs the library knows only what the arguments say; of the parent not even all of those.
  assertEquals(gaps, {
    executable_path: "not_collected",
    priority: "not_collected",
    nice_value: "not_collected",
    parent_executable_path: "not_collected",
    parent_command_line: "not_collected",
  });
});

Deno.test("processReadings() keeps a process that the library has misread, and believes little of it", () => {
  const readings = processReadings({ list: [MACOS_WINDOW_SERVER] }, MACOS);
  fit(readings, processes, "macos");
  const [{ row, gaps }] = readings as [Reading];
  assertEquals([row.pid, row.ppid, row.cpu_usage, row.priority], [371, 1, 16.3, 79]);
  for (const column of ["state", "start_time", "process_key", "parent_key", "run_time"]) {
    assertEquals([row[column], gaps![column]], [undefined, "not_collected"], column);
  }
});

Deno.test("processReadings() reads processes of Windows, where the library fills some in with zero", () => {
  const context = contextOf("windows", "2019-04-11T20:43:05", "2019-04-12T20:43:05");
  const shell = {
    pid: 812,
    parentPid: 4,
    name: "powershell.exe",
    memRss: 8,
    nice: 0,
    priority: 8,
    started: "2019-04-11 20:43:05",
    command: '"C:\\Windows\\powershell.exe" -NoProfile',
    path: "C:\\Windows\\powershell.exe",
  };
  const readings = processReadings({ list: [...WINDOWS_PROCESSES, shell] }, context);
  fit(readings, processes, "windows");
  const rows = readings.map(({ row }) => row);
  assertEquals(rows.map(({ pid, kernel_thread }) => [pid, kernel_thread]), [
    [0, true],
    [4, true],
    [812, false],
  ]);
  const [idle, system, third] = rows as [Reading["row"], Reading["row"], Reading["row"]];
  assertEquals([idle.memory_rss, idle.run_time, idle.parent_process], [8192, 86_400, null]);
  assertEquals([system.name, system.process_key], ["System", undefined]);
  assertEquals([third.executable_path, third.command_line, third.priority, third.parent_process], [
    "C:\\Windows\\powershell.exe",
    '"C:\\Windows\\powershell.exe" -NoProfile',
    8,
    "System",
  ]);
  for (const column of ["nice_value", "cpu_usage", "memory_vms", "state", "user_name"]) {
    assertEquals(readings[2]!.gaps![column], "not_collected", column);
  }
});

Deno.test("processReadings() takes only a parent that is older than its child", () => {
  const list = [
    { pid: 7, parentPid: 5, name: "child", started: "2019-06-24 14:09:26" },
    { pid: 5, parentPid: 1, name: "younger", started: "2019-06-24 14:10:26" },
  ];
  const [{ row }] = processReadings({ list }, MACOS) as [Reading];
  assertEquals([row.ppid, row.parent_key, row.parent_process], [5, null, null]);
});

Deno.test("performanceReadings() reads what the library knows of processes", () => {
  const [{ row, gaps }] = performanceReadings({ list: [MACOS_WINDOW_SERVER] }, MACOS) as [Reading];
  fit([{ row, ...(gaps && { gaps }) }], process_performance, "macos");
  assertEquals(row, {
    timestamp: MACOS.now,
    pid: 371,
    process_name: "indowServer",
    cpu_usage_percent: 16.3,
    memory_rss: 125504 * 1024,
    memory_vms: 412601104 * 1024,
    memory_usage_percent: 0.7,
    priority: 79,
    nice_value: 0,
    working_set: 125504 * 1024,
  });
  assertEquals(gaps, { process_key: "not_collected" });
});

Deno.test("connectionReadings() reads connections of macOS, Windows and Linux", () => {
  const told = [
    ...MACOS_CONNECTIONS,
    WINDOWS_UDP,
    ...UBUNTU_CONNECTIONS,
    { ...MACOS_CONNECTIONS[0], localPort: "5355", protocol: "tcp46", state: "UNKNOWN" },
    { protocol: "udp6", localAddress: "fe80::1%lo0", localPort: "123", peerAddress: "*" },
    { protocol: "tcp", localAddress: "0.0.0.0", localPort: "1", state: "TIME_WAIT", pid: 0 },
    { protocol: "unix", localAddress: "/x" },
  ];
  const readings = connectionReadings(told);
  for (const platform of PLATFORMS) fit(readings, network_connections, platform);
  assertEquals(
    readings.map(({ row }) => [
      row.connection_id,
      row.family,
      row.state,
      row.direction,
      row.pid,
    ]),
    [
      ["tcp 192.168.0.27:55788 192.0.2.17:443", "inet", "close_wait", "outbound", 702],
      ["tcp 192.168.0.27:55761 198.51.100.4:22", "inet", "established", "outbound", 7267],
      ["udp 192.168.56.1:137 *", "inet", null, null, 4124],
      ["tcp 127.0.0.1:38119 127.0.0.1:41058", "inet", "established", "outbound", undefined],
      ["tcp [::]:5355 *", "inet6", "listening", null, undefined],
      ["tcp 192.168.0.27:5355 192.0.2.17:443", "inet", undefined, "inbound", 702],
      ["udp [fe80::1]:123 *", "inet6", null, null, undefined],
      ["tcp 0.0.0.0:1 *", "inet", "time_wait", null, null],
    ],
  );
  assertEquals(readings[3]!.gaps, { pid: "not_collected" });
  assertEquals(readings[5]!.gaps, { state: "not_collected", process_name: "not_collected" });
});

Deno.test("interfaceReadings() reads interfaces of macOS", () => {
  const addresses = [
    { name: "en0", address: "192.168.0.27", cidr: "192.168.0.27/24" },
    { name: "en0", address: "fe80::134a:1e43:abc5:d413", cidr: "fe80::134a:1e43:abc5:d413/64" },
    { name: "lo0", address: "127.0.0.1", cidr: "127.0.0.1/8" },
  ];
  const readings = interfaceReadings(MACOS_INTERFACES, MACOS_STATS, addresses, "macos");
  fit(readings, network_interfaces, "macos");
  const [loopback, wired] = readings as [Reading, Reading];
  assertEquals(
    [loopback.row.interface_type, loopback.row.status, loopback.row.address],
    ["loopback", "unknown", "127.0.0.1"],
  );
  assertEquals(wired.row, {
    interface_name: "en0",
    interface_type: "ethernet",
    status: "up",
    bytes_sent: 180934681,
    bytes_received: 1752866207,
    errors_sent: 0,
    errors_received: 0,
    drops_sent: 0,
    drops_received: 0,
    // The report does not tell it.
    mac_address: null,
    ip_networks: '["192.168.0.27/24","fe80::134a:1e43:abc5:d413/64"]',
    mtu: 1500,
    speed: 1000,
    operstate: "up",
    address: "192.168.0.27",
    netmask: "255.255.255.0",
  });
  assertEquals(wired.gaps, { duplex: "not_collected" });
});

Deno.test("interfaceReadings() reads interfaces of Windows", () => {
  const readings = interfaceReadings(WINDOWS_INTERFACES, undefined, [], "windows");
  fit(readings, network_interfaces, "windows");
  assertEquals(
    readings.map(({ row }) => [
      row.interface_name,
      row.interface_type,
      row.speed,
      row.mac_address,
      row.address,
    ]),
    [
      ["Wi-Fi", "wifi", 758, null, "142.128.1.81"],
      ["Ethernet 2", "other", null, "70:85:c2:66:f8:7b", "192.168.1.50"],
      ["Loopback Pseudo-Interface 1", "loopback", null, "00:00:00:00:00:00", "127.0.0.1"],
    ],
  );
});

Deno.test("whatever the library says, rows fit their tables and columns are those that were promised", () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(null, undefined, NaN, -1, "", "*", "tcp", "tcp6", "running", {}, []),
    fc.constantFrom<unknown>(
      "LISTEN",
      "2024-02-30 10:00:00",
      "2024-02-03 10:00:00",
      "65536",
      1e300,
    ),
    fc.string(),
    fc.double(),
    fc.nat(),
  );
  const names = [
    ...["pid", "parentPid", "name", "cpu", "mem", "priority", "memVsz", "memRss", "nice"],
    ...["started", "state", "user", "command", "params", "path", "protocol", "localAddress"],
    ...["localPort", "peerAddress", "peerPort", "process", "iface", "mac", "internal", "virtual"],
    ...["operstate", "type", "duplex", "mtu", "speed", "ip4", "ip4subnet", "rx_bytes", "tx_bytes"],
  ];
  const one = fc.record(Object.fromEntries(names.map((name) => [name, value])), {
    requiredKeys: [],
  });
  const things = fc.oneof(fc.array(fc.oneof(one, value), { maxLength: 5 }), value);
  fc.assert(fc.property(things, things, fc.constantFrom(...PLATFORMS), (told, more, platform) => {
    const context = { ...MACOS, platform };
    for (
      const [readings, spec, promised] of [
        [processReadings({ list: told }, context), processes, PROCESS_COLUMNS],
        [processReadings(told, context), processes, PROCESS_COLUMNS],
        [performanceReadings({ list: told }, context), process_performance, undefined],
        [connectionReadings(told), network_connections, CONNECTION_COLUMNS],
        [interfaceReadings(told, more, [], platform), network_interfaces, INTERFACE_COLUMNS],
      ] as const
    ) {
      fit(readings, spec, platform);
      for (const { row } of readings) {
        const columns: readonly string[] = promised ?? Object.keys(row);
        assert(Object.keys(row).every((column) => columns.includes(column)));
      }
    }
  }));
});

Deno.test("baseSources() tells what is told: all of it where the library tells all that it can", () => {
  const process = { ...MACOS_MONGOD, pid: 2, parentPid: 1, cpu: 1, mem: 1, priority: 1, nice: 0 };
  const whole = { ...process, memRss: 1, memVsz: 1, state: "running", user: "ann" };
  const list = [whole, { ...whole, pid: 1 }];
  const [socket] = MACOS_CONNECTIONS;
  for (const platform of ["macos", "windows"] as const) {
    // What Windows has none of is filled in by the library.
    const filled = platform === "windows"
      ? { list: list.map((one) => ({ ...one, user: "", state: "unknown" })) }
      : { list };
    const context = contextOf(platform, "2019-06-24T14:00:00", "2019-06-24T15:09:26");
    const net = { ...MACOS_INTERFACES[1], mtu: platform === "windows" ? "" : 1500 };
    const process = platform === "windows" ? "" : "x";
    const told: readonly (readonly [TableSpec, readonly Reading[]])[] = [
      [processes, processReadings(filled, context)],
      [process_performance, performanceReadings(filled, context)],
      [network_connections, connectionReadings([{ ...socket, process }])],
      [network_interfaces, interfaceReadings([net], MACOS_STATS, [], platform)],
    ];
    for (const [spec, [reading]] of told) {
      const sources = Object.entries(baseSources(spec, platform));
      const collected = sources.filter(([, source]) => !String(source).startsWith("not collected"))
        .map(([column]) => column);
      const missing = Object.keys(reading!.gaps ?? {});
      assertEquals(Object.keys(reading!.row).sort(), collected.sort(), `${spec.name} ${platform}`);
      assertEquals(missing.sort(), [...UNTOLD[platform][spec.name] ?? []].sort());
    }
  }
});
