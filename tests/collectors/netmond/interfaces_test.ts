import { assertEquals } from "@std/assert";
import type { Reading } from "../../../collectors/core/collector.ts";
import { createInterfaces } from "../../../collectors/netmond/interfaces.ts";
import { SETTINGS } from "../../../collectors/netmond/settings.ts";
import { isLinux, testWith } from "../support.ts";
import { fakeProc } from "./fake_proc.ts";
import { recorded } from "./recorded.ts";

const needs = { Linux: isLinux };
const TABLES = [
  "route",
  "ipv6_route",
  "fib_trie",
  "if_inet6",
  "arp",
  "snmp",
  "snmp6",
  "tcp",
  "unix",
];
const recordedTables = () => Object.fromEntries(TABLES.map((name) => [name, recorded(name)]));
const COLUMNS = ["arp_table", "route_table", "tcp_connections", "udp_connections", "unix_sockets"];
const project = [...COLUMNS, "snmp_stats", "snmp6_stats", ...SETTINGS];

testWith(needs, "createInterfaces() reads another namespace through a process there", async () => {
  await using proc = await fakeProc();
  proc.put(7, { net: 200, tables: { ...recordedTables(), dev: recorded("dev") } });
  const read = createInterfaces({ procRoot: proc.files.root });
  const rows = [...read({ project }, { deadline: Infinity })] as Required<Reading>[];
  assertEquals(rows.map(({ row }) => row.interface_name), ["lo", "nmv1", "nmv0"]);
  const { row, gaps } = rows[2]!;
  assertEquals([row.namespace_id, row.bytes_received, row.bytes_sent], [200, 516, 670]);
  assertEquals([row.address, row.netmask, row.broadcast], [
    "192.0.2.10",
    "255.255.255.0",
    "192.0.2.255",
  ]);
  // One address of the namespace may be any interface's.
  assertEquals([row.ip_networks, gaps.ip_networks], [null, "not_collected"]);
  assertEquals([row.status, gaps.status], ["unknown", "not_collected"]);
  assertEquals([row.promiscuous, gaps.promiscuous], [null, "not_collected"]);
  assertEquals(gaps.tcp_sack, "not_collected", "the kernel shows settings to its residents alone");
  const json = (column: string) => JSON.parse(row[column] as string);
  assertEquals(json("route_table").length, 7);
  assertEquals(json("arp_table")[0].state, "permanent");
  assertEquals(json("tcp_connections")[0], {
    local_address: "127.0.0.1",
    local_port: 8080,
    remote_address: null,
    remote_port: null,
    state: "listening",
  });
  assertEquals(json("udp_connections"), []);
  assertEquals(json("unix_sockets")[3], {
    path: "/tmp/nmx/dgram",
    type: "dgram",
    state: "unconnected",
    inode: json("unix_sockets")[3].inode,
  });
  assertEquals(json("snmp_stats").Ip.DefaultTTL, 64);
  assertEquals(Object.keys(json("snmp6_stats")).includes("Ip6InReceives"), true);
  assertEquals(json("net_dev_stats").receive.packets, 6);
  for (const column of [...project, "net_dev_stats", "vlan_id"]) assertEquals(column in row, true);
});

testWith(needs, "createInterfaces() counts since its previous reading", async () => {
  await using proc = await fakeProc();
  const dev = (bytes: number) =>
    recorded("dev").replace(/^( *nmv0: *)516( +)6/m, (_, name, gap) => `${name}${bytes}${gap}9`);
  const read = createInterfaces({ procRoot: proc.files.root });
  const received = (bytes: number) => {
    proc.put(7, { net: 200, tables: { ...recordedTables(), dev: dev(bytes) } });
    const rows = [...read({ project: [] }, { deadline: Infinity })];
    const { row } = rows.find(({ row }) => row.interface_name === "nmv0")!;
    return [row.bytes_received, row.rx_bytes, row.rx_packets];
  };
  assertEquals(received(1000), [1000, null, null]);
  assertEquals(received(1500), [1500, 500, 0]);
  assertEquals(received(700), [700, null, 0], "it has begun anew");
});

testWith(
  needs,
  "createInterfaces() leaves out namespaces in which nothing was ever used",
  async () => {
    await using proc = await fakeProc();
    const unused = "    lo:    0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    const files = { route: "", fib_trie: "Main:\nLocal:\n", if_inet6: "" };
    proc.put(7, { net: 200, tables: { ...files, dev: unused } });
    proc.put(8, { net: 300, tables: { ...files, dev: unused.replace(" 0", " 1") } });
    const address = `${"0".repeat(31)}1 01 80 10 80       lo\n`;
    proc.put(9, { net: 400, tables: { ...files, if_inet6: address, dev: unused } });
    const read = createInterfaces({ procRoot: proc.files.root });
    const rows = [...read({ project: [] }, { deadline: Infinity })];
    assertEquals(rows.map(({ row }) => row.namespace_id), [300, 400]);
  },
);

testWith(needs, "createInterfaces() shows memberships", async () => {
  await using proc = await fakeProc();
  proc.put(7, { net: 200, tables: { ...recordedTables(), dev: recorded("dev") } });
  const folder = `${proc.files.root}/7/net`;
  Deno.mkdirSync(`${folder}/bonding`);
  Deno.writeTextFileSync(`${folder}/bonding/bond0`, "Slave Interface: nmv1\n");
  Deno.mkdirSync(`${folder}/vlan`);
  Deno.writeTextFileSync(`${folder}/vlan/config`, "nmv0           | 5  | nmv1\n");
  const read = createInterfaces({ procRoot: proc.files.root });
  const rows = [...read({ project: [] }, { deadline: Infinity })].map(({ row }) => row);
  assertEquals(rows.map((row) => [row.interface_name, row.bond_master, row.vlan_id]), [
    ["lo", null, null],
    ["nmv1", "bond0", null],
    ["nmv0", null, 5],
  ]);
});
