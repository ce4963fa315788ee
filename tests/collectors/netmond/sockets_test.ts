import { assertEquals } from "@std/assert";
import { readSockets } from "../../../collectors/netmond/sockets.ts";
import { Failure } from "../../../collectors/proc/files.ts";
import { isLinux, testWith } from "../support.ts";
import { fakeProc } from "./fake_proc.ts";
import { recorded } from "./recorded.ts";

const needs = { Linux: isLinux };
const TABLES = ["tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "icmp", "packet", "unix"];
const tables = () => Object.fromEntries(TABLES.map((name) => [name, recorded(name)]));

testWith(needs, "readSockets() reads every table that there is", async () => {
  await using proc = await fakeProc();
  proc.put(1, { tables: tables() });
  const counts: Record<string, number> = {};
  const failure = readSockets(proc.files, 1, ({ protocol, family }) => {
    counts[`${protocol} ${family}`] = (counts[`${protocol} ${family}`] ?? 0) + 1;
  });
  assertEquals([failure, counts], [undefined, {
    "tcp inet": 9,
    "tcp inet6": 6,
    "udp inet": 2,
    "udp inet6": 1,
    "udplite inet": 1,
    "icmp inet": 1,
    "raw inet": 1,
    "raw inet6": 1,
    "packet packet": 2,
    "unix unix": 12,
  }]);
});

testWith(
  needs,
  "readSockets() goes through no table of TCP that the kernel counts as empty",
  async () => {
    await using proc = await fakeProc();
    const read = (sockstat: string, sockstat6 = "") => {
      proc.put(1, { tables: { ...tables(), sockstat, sockstat6 } });
      const families = new Set<string>();
      readSockets(proc.files, 1, ({ family }) => families.add(family), new Set(["tcp"]));
      return [...families];
    };
    const counted = (inuse: number, tw: number) =>
      `sockets: used 9\nTCP: inuse ${inuse} orphan 0 tw ${tw} alloc 6 mem 22\nUDP: inuse 0 mem 0\n`;
    const counted6 = (inuse: number) => `TCP6: inuse ${inuse}\nUDP6: inuse 0\n`;
    assertEquals(read(counted(0, 0), counted6(0)), []);
    assertEquals(read(counted(2, 0), counted6(0)), ["inet"]);
    assertEquals(read(counted(0, 0), counted6(1)), ["inet6"]);
    assertEquals(read(counted(0, 1), counted6(0)), ["inet", "inet6"], "they wait for either");
    assertEquals(read(counted(0, 0)), ["inet6"], "nobody has counted");
    assertEquals(read("TCP: changed\n", "TCP6: changed\n"), ["inet", "inet6"]);
  },
);

testWith(needs, "readSockets() tells of a table that it may not read", async () => {
  await using proc = await fakeProc();
  proc.put(1, { tables: tables() });
  Deno.removeSync(`${proc.files.root}/1/net/udp`);
  Deno.mkdirSync(`${proc.files.root}/1/net/udp`);
  let count = 0;
  assertEquals(readSockets(proc.files, 1, () => void count++), Failure.OTHER);
  assertEquals(count, 34);
});
