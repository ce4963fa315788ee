import { assertEquals, assertThrows } from "@std/assert";
import {
  createConnections,
  type ReadConnections,
} from "../../../collectors/netmond/connections.ts";
import type { Reading } from "../../../collectors/core/collector.ts";
import { network_connections } from "../../../profiles/network_connections.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import { isLinux, testWith } from "../support.ts";
import { fakeProc } from "./fake_proc.ts";

const needs = { Linux: isLinux };
const project = collectedColumns(network_connections, "linux").map(({ name }) => name);

const HEADING = "  sl  local_address rem_address   st\n";
const tcp = (local: string, remote: string, state: string, inode: number, uid = 0) =>
  `   0: ${local} ${remote} ${state} 00000001:00000002 00:00000000 00000000 ${uid} 0 ${inode} 1 0\n`;
const unix = (flags: string, state: string, inode: number, path = "") =>
  `0000000000000000: 00000002 00000000 ${flags} 0001 ${state} ${inode}${path && ` ${path}`}\n`;

const LISTENER = tcp("00000000:0016", "00000000:0000", "0A", 10, 7);
const INBOUND = tcp("0100007F:0016", "0200007F:1234", "01", 11, 7);
const TIME_WAIT = tcp("0100007F:8888", "0200007F:0050", "06", 0);

function collect(
  read: ReadConnections,
  { where, deadline = Infinity }: {
    readonly where?: Parameters<ReadConnections>[0]["where"];
    readonly deadline?: number;
  } = {},
): Reading[] {
  return [...read({ project, ...(where && { where }) }, { deadline })];
}

testWith(needs, "createConnections() makes a row for each holder of a socket", async () => {
  await using proc = await fakeProc();
  const tables = { tcp: HEADING + LISTENER + INBOUND + TIME_WAIT };
  proc.put(1, { net: 100, tables, comm: "init" });
  proc.put(2, { net: 100, fd: { 3: "socket:[10]" }, comm: "sshd" });
  proc.put(3, { net: 100, fd: { 0: "socket:[11]", 3: "socket:[10]" }, comm: "sshd-session" });
  const rows = collect(createConnections(proc.files.root));
  assertEquals(
    rows.map(({ row }) => [row.connection_id, row.pid, row.process_name, row.direction]),
    [
      ["tcp 0.0.0.0:22 10", 2, "sshd", null],
      ["tcp 0.0.0.0:22 10", 3, "sshd-session", null],
      ["tcp 127.0.0.1:22 127.0.0.2:4660 11", 3, "sshd-session", "inbound"],
      ["tcp 127.0.0.1:34952 127.0.0.2:80 net:[100]", null, null, "outbound"],
    ],
  );
  const [{ row, gaps }, { row: waiting, gaps: ofWaiting }] = [rows[2]!, rows[3]!];
  assertEquals([row.process_key, row.uid, row.gid], ["boot:3:37", 7, 1005]);
  assertEquals([row.receive_queue, row.send_queue], [2, 1]);
  assertEquals([row.namespace_id, row.container_id, row.created_time], [100, null, null]);
  assertEquals(gaps, { last_activity: "not_collected" }, "netlink tells it");
  assertEquals([waiting.inode, waiting.uid, ofWaiting], [null, null, {}]);
});

testWith(needs, "createConnections() reads every namespace, and each socket once", async () => {
  await using proc = await fakeProc();
  proc.put(1, { net: 100, tables: { tcp: LISTENER + LISTENER + TIME_WAIT } });
  const container = "0123456789abcdef".repeat(4);
  proc.put(5, { net: 200, tables: { tcp: TIME_WAIT, unix: unix("00010000", "01", 20, "/run/x") } });
  proc.put(6, { net: 200, fd: { 1: "socket:[20]" } });
  Deno.writeTextFileSync(`${proc.files.root}/5/cgroup`, `0::/docker/${container}\n`);
  const rows = collect(createConnections(proc.files.root)).map(({ row }) => row);
  assertEquals(
    rows.map((row) => [row.connection_id, row.namespace_id, row.container_id, row.pid]),
    [
      ["tcp 0.0.0.0:22 10", 100, null, null],
      ["tcp 127.0.0.1:34952 127.0.0.2:80 net:[100]", 100, null, null],
      ["tcp 127.0.0.1:34952 127.0.0.2:80 net:[200]", 200, container, null],
      ["unix /run/x 20", 200, container, 6],
    ],
  );
});

testWith(
  needs,
  "createConnections() tells when a socket was opened that it has seen appear",
  async () => {
    await using proc = await fakeProc();
    proc.put(1, { net: 100, tables: { tcp: LISTENER }, fd: { 3: "socket:[10]" } });
    const read = createConnections(proc.files.root);
    const created = () => collect(read).map(({ row }) => [row.connection_id, row.created_time]);
    assertEquals(created(), [["tcp 0.0.0.0:22 10", null]]);
    const before = Date.now();
    proc.put(1, {
      net: 100,
      tables: { tcp: LISTENER + INBOUND },
      fd: { 3: "socket:[10]", 4: "socket:[11]" },
    });
    const [[, old], [, young]] = created() as [[string, null], [string, number]];
    assertEquals([old, young >= before && young <= Date.now()], [null, true]);
    assertEquals(created()[1], ["tcp 127.0.0.1:22 127.0.0.2:4660 11", young]);
  },
);

testWith(
  needs,
  "createConnections() keeps the direction when the listening socket has closed",
  async () => {
    await using proc = await fakeProc();
    proc.put(1, { net: 100, tables: { tcp: LISTENER + INBOUND } });
    const read = createConnections(proc.files.root);
    collect(read);
    proc.put(1, { net: 100, tables: { tcp: INBOUND } });
    assertEquals(collect(read).map(({ row }) => row.direction), ["inbound"]);
  },
);

testWith(needs, "createConnections() says what it could not find out", async () => {
  await using proc = await fakeProc();
  const tables = { tcp: LISTENER, unix: unix("00000000", "03", 20) };
  proc.put(1, { net: 100, tables });
  proc.put(2, { net: 100, fd: { 3: "socket:[10]" } });
  const late = collect(createConnections(proc.files.root), { deadline: performance.now() + 3000 });
  assertEquals(late.map(({ gaps }) => gaps), [{ backlog: "not_collected" }, {
    receive_queue: "not_collected",
    send_queue: "not_collected",
    unix_peer: "not_collected",
  }]);
  // A process that ends after its files were read.
  Deno.removeSync(`${proc.files.root}/2/stat`);
  const [{ row, gaps }] = collect(createConnections(proc.files.root)) as [Required<Reading>];
  assertEquals([row.pid, gaps.pid, gaps.process_name, gaps.process_key, gaps.gid], [
    null,
    ...Array(4).fill("not_collected"),
  ]);
  assertThrows(
    () => collect(createConnections(proc.files.root), { deadline: performance.now() - 1 }),
    Error,
    "not all network namespaces were read in time",
  );
});

testWith(
  needs,
  "createConnections() reads no table that a predicate leaves no row of",
  async () => {
    await using proc = await fakeProc();
    const tables = { tcp: LISTENER, unix: unix("00010000", "01", 20, "/run/x") };
    proc.put(1, { net: 100, tables });
    const read = createConnections(proc.files.root);
    const where = { op: "=", column: "protocol", value: "tcp" } as const;
    assertEquals(collect(read, { where }).map(({ row }) => row.protocol), ["tcp"]);
    proc.put(2, { net: 200, tables });
    const elsewhere = { op: "=", column: "namespace_id", value: 200 } as const;
    assertEquals(collect(read, { where: elsewhere }).map(({ row }) => row.namespace_id), [
      200,
      200,
    ]);
    proc.end(2);
    // What was not looked at is not new when it is.
    assertEquals(collect(read).map(({ row }) => row.created_time), [null, null]);
  },
);

testWith(
  needs,
  "createConnections() reads only what is asked for",
  async () => {
    await using proc = await fakeProc();
    proc.put(1, { net: 100, tables: { tcp: LISTENER }, fd: { 3: "socket:[10]" } });
    Deno.removeSync(`${proc.files.root}/1/status`);
    const read = createConnections(proc.files.root);
    const [reading] = read({ project: ["pid", "local_port"] }, { deadline: Infinity });
    assertEquals([reading!.row.pid, reading!.row.gid, reading!.row.uid], [1, undefined, undefined]);
  },
);
