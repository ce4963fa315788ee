import { assert, assertEquals } from "@std/assert";
import { connectionSources, interfaceSources } from "../../collectors/netmond/sources.ts";
import type { SourcesByColumn } from "../../collectors/sources.ts";
import {
  collectTable,
  COLUMNS,
  inOwnNetwork,
  openHere,
  pretendContainer,
  succeeds,
} from "./netmond/live.ts";
import { canConfine, has, isLinux, type ReadRow, run, testWith, until } from "./support.ts";

const needs = {
  Linux: isLinux,
  "root that can make namespaces": canConfine(),
  ip: succeeds("ip", "-V"),
  perl: has("perl"),
};

/** Columns that are NULL in all rows although the list of sources promises a value; `excused` cannot be made here. */
function broken(
  rows: readonly ReadRow[],
  sources: SourcesByColumn,
  excused: Readonly<Record<string, string>>,
): string[] {
  for (const [column, why] of Object.entries(excused)) {
    console.log(`not checked: ${column}: ${why}`);
  }
  return Object.entries(sources).filter(([column, source]) => {
    const filled = rows.some(({ values }) => (values[column] ?? null) !== null);
    return typeof source === "string" ? !filled && !(column in excused) : filled;
  }).map(([column]) => column);
}

testWith(
  needs,
  "every column of network_connections has a value somewhere, or is said to have none",
  async () => {
    const folder = await Deno.makeTempDir();
    using listener = Deno.listen({ transport: "unix", path: `${folder}/socket` });
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using raw = run("perl", [
      "-MSocket",
      "-e",
      "socket(S,AF_INET,SOCK_RAW,1) or die; sleep 60",
    ]);
    await until("the raw socket is open", () => {
      try {
        return [...Deno.readDirSync(`/proc/${raw.pid}/fd`)].length > 3;
      } catch {
        return false;
      }
    });
    await using other = await inOwnNetwork(
      `ip link set lo up; perl -MIO::Socket::INET -e '$l=IO::Socket::INET->new(Listen=>3,LocalAddr=>"127.0.0.1:7777") or die; sleep 600' & sleep 1`,
    );
    using container = pretendContainer(other.pid);
    await using collectors = await openHere("required");
    await collectTable(collectors, "network_connections");
    using unix = await Deno.connect({ transport: "unix", path: `${folder}/socket` });
    using accepted = await listener.accept();
    using client = await Deno.connect({
      hostname: "127.0.0.1",
      port: (server.addr as Deno.NetAddr).port,
    });
    using peer = await server.accept();
    assert([unix, accepted, client, peer].every((one) => one.remoteAddr));

    const { rows, outcome } = await collectTable(collectors, "network_connections");
    assertEquals(outcome, { status: "complete" });
    const excused = container ? {} : { container_id: "control groups cannot be made here" };
    const { platform_data: _, ...sources } = { platform_data: "", ...connectionSources };
    assertEquals(broken(rows, sources, excused), []);
    assert(rows.some(({ values }) => values.platform_data === '{"ip_protocol":1}'));
    for (const { name, confinement } of collectors.reports()) {
      assertEquals([name, confinement], [name, "namespaces"]);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

/** Makes interfaces in a namespace, as far as the kernel can; they end with it. What it cannot make is told. */
const INTERFACES = `
ip link set lo up
ip link add nm-v0 type veth peer name nm-v1 && ip link set nm-v0 up && ip link set nm-v1 up
ip addr add 192.0.2.10/24 brd + dev nm-v0
ip neigh add 192.0.2.1 lladdr 52:54:00:12:35:02 dev nm-v0
ip link add link nm-v0 name nm-v0.5 type vlan id 5
ip link add nm-bond type bond && ip link set nm-v1 down && ip link set nm-v1 master nm-bond
`;

testWith(
  needs,
  "every column of network_interfaces has a value somewhere, or is said to have none",
  async () => {
    await using other = await inOwnNetwork(`{ ${INTERFACES} } 2>/dev/null`);
    using container = pretendContainer(other.pid);
    using _server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using veth = new AsyncDisposableStack();
    const name = `nm${Deno.pid % 100_000}`;
    assert(succeeds("ip", "link", "add", name, "type", "veth", "peer", "name", `${name}p`));
    for (const end of [name, `${name}p`]) assert(succeeds("ip", "link", "set", end, "up"));
    veth.defer(() => void succeeds("ip", "link", "del", name));
    await using collectors = await openHere("required");
    await collectTable(collectors, "network_interfaces");
    const { rows, outcome } = await collectTable(collectors, "network_interfaces");
    assertEquals(outcome, { status: "complete" });
    const made = (file: string) => succeeds("grep", "-q", ".", `/proc/${other.pid}/net/${file}`);
    const excused = {
      ...container ? {} : { container_id: "control groups cannot be made here" },
      ...made("vlan/nm-v0.5") ? {} : { vlan_id: "this kernel makes no VLAN" },
      ...made("bonding/nm-bond") ? {} : { bond_master: "this kernel makes no bond" },
    };
    assertEquals(broken(rows, interfaceSources, excused), []);
    assertEquals(
      Object.keys(rows[0]!.values).filter((column) => !COLUMNS.network_interfaces.includes(column)),
      [],
    );
  },
);
