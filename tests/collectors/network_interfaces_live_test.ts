import { assert, assertEquals } from "@std/assert";
import { collectTable, inOwnNetwork, openHere, output, succeeds } from "./netmond/live.ts";
import { has, isLinux, isRoot, type ReadRow, testWith, textOf } from "./support.ts";

const needs = { Linux: isLinux, ip: succeeds("ip", "-V") };
const asRoot = { ...needs, root: isRoot };

/** An interface as ip(8) shows it. */
interface IpLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly promiscuity: number;
  readonly master?: string;
  readonly operstate: string;
  readonly linkmode: string;
  readonly link_type: string;
  readonly address?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly stats64: Readonly<
    Record<"rx" | "tx", Readonly<Record<"bytes" | "packets" | "errors" | "dropped", number>>> & {
      readonly rx: { readonly missed?: number };
    }
  >;
  readonly addr_info?: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly broadcast?: string;
  }[];
}

/** What ip says, through a program that runs it elsewhere. */
function links(...within: string[]): IpLink[] {
  const say = (what: string): IpLink[] => {
    const [program, ...args] = [...within, "ip", "-j", "-s", "-d", what];
    return JSON.parse(output(program!, ...args));
  };
  const addresses = new Map(say("addr").map(({ ifname, addr_info }) => [ifname, addr_info]));
  return say("link").map((link) => ({ ...link, addr_info: addresses.get(link.ifname) ?? [] }));
}

const byName = (rows: readonly ReadRow[], id: number) =>
  new Map(
    rows.filter(({ values }) => values.namespace_id === id)
      .map((row) => [row.values.interface_name, row]),
  );

const own = () => Number(/\d+/.exec(Deno.readLinkSync("/proc/self/ns/net"))![0]);

const OPERSTATES: Readonly<Record<string, string>> = {
  LOWERLAYERDOWN: "lower_layer_down",
  NOTPRESENT: "not_present",
};

const KINDS: Readonly<Record<string, string>> = {
  veth: "veth",
  bridge: "bridge",
  vlan: "vlan",
  bond: "bond",
  tun: "tunnel",
  wireguard: "tunnel",
  vxlan: "tunnel",
  dummy: "other",
  ifb: "other",
};

/** Compares the addresses and counters of an interface that did nothing meanwhile. */
function assertSameNetwork(
  { values }: ReadRow,
  { addr_info = [], stats64: { rx, tx } }: IpLink,
): void {
  const name = values.interface_name as string;
  const networks = addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort();
  assertEquals(JSON.parse(values.ip_networks as string).sort(), networks, name);
  assertEquals([values.bytes_received, values.packets_received, values.errors_received], [
    rx.bytes,
    rx.packets,
    rx.errors,
  ]);
  assertEquals(values.drops_received, rx.dropped + (rx.missed ?? 0), name);
  assertEquals(
    [values.bytes_sent, values.packets_sent, values.errors_sent, values.drops_sent],
    [tx.bytes, tx.packets, tx.errors, tx.dropped],
    name,
  );
}

testWith(asRoot, "the same interfaces as ip has, with the same values", async () => {
  await using made = new AsyncDisposableStack();
  const name = `nm${Deno.pid % 100_000}`;
  const make = (kind: string, ...args: string[]) => {
    if (!succeeds("ip", ...args)) return console.log(`not compared: this host makes no ${kind}`);
    const device = args[args.indexOf("add") + 1 + (args[0] === "tuntap" ? 1 : 0)]!;
    made.defer(() => void succeeds("ip", "link", "del", device));
  };
  make("veth", "link", "add", `${name}v`, "type", "veth", "peer", "name", `${name}p`);
  make("bridge", "link", "add", `${name}b`, "type", "bridge");
  make("tun", "tuntap", "add", "dev", `${name}t`, "mode", "tun");
  make("tap", "tuntap", "add", "dev", `${name}a`, "mode", "tap");
  make("dummy", "link", "add", `${name}d`, "type", "dummy");
  make("VLAN", "link", "add", `${name}l`, "link", `${name}v`, "type", "vlan", "id", "7");
  make("bond", "link", "add", `${name}o`, "type", "bond");
  for (const end of ["v", "p"]) succeeds("ip", "link", "set", `${name}${end}`, "up");
  succeeds("ip", "link", "set", `${name}p`, "promisc", "on");
  succeeds("ip", "link", "set", `${name}v`, "master", `${name}b`);
  succeeds("ip", "addr", "add", "192.0.2.77/28", "brd", "+", "dev", `${name}v`);
  succeeds("ip", "addr", "add", "198.51.100.9/32", "dev", `${name}b`);

  await using collectors = await openHere();
  let compared = 0;
  for (let tries = 0; compared < 4 && tries < 20; tries++) {
    const before = links();
    const { rows, outcome } = await collectTable(collectors, "network_interfaces");
    const after = new Map(links().map((link) => [link.ifname, JSON.stringify(link)]));
    assertEquals(outcome, { status: "complete" });
    const ours = byName(rows, own());
    const names = before.map(({ ifname }) => ifname).sort();
    // Others may make an interface, or take one away, between two looks.
    if ([...after.keys()].sort().join() !== names.join()) continue;
    assertEquals([...ours.keys()].sort(), names);
    compared = 0;
    for (const link of before) {
      if (after.get(link.ifname) !== JSON.stringify(link)) continue;
      const row = ours.get(link.ifname)!;
      const { values, gaps } = row;
      assertEquals(gaps, {}, link.ifname);
      assertEquals([values.mtu, values.link_mode], [link.mtu, link.linkmode.toLowerCase()]);
      assertEquals(values.operstate, OPERSTATES[link.operstate] ?? link.operstate.toLowerCase());
      assertEquals(
        values.status === "down",
        !link.flags.includes("UP") || link.operstate === "DOWN",
      );
      assertEquals(values.promiscuous, link.promiscuity > 0, link.ifname);
      const { master = null } = JSON.parse((values.platform_data as string | null) ?? "{}");
      assertEquals(master, link.master ?? null, link.ifname);
      const mac = link.link_type === "ether" || link.link_type === "loopback" ? link.address : null;
      assertEquals(values.mac_address, mac, link.ifname);
      const kind = link.link_type === "loopback"
        ? "loopback"
        : KINDS[link.linkinfo?.info_kind ?? ""];
      if (kind) assertEquals(values.interface_type, kind, link.ifname);
      assertSameNetwork(row, link);
      const [first] = link.addr_info ?? [];
      assertEquals(values.address, first?.local ?? null);
      if (first?.broadcast) assertEquals(values.broadcast, first.broadcast);
      compared++;
    }
  }
  assert(compared >= 4, `${compared} compared`);
});

testWith(
  { ...asRoot, unshare: has("unshare") },
  "the same interfaces as ip has in another namespace, as far as they show from outside",
  async () => {
    await using other = await inOwnNetwork(
      "ip link set lo up; ip link add nm-a type veth peer name nm-b; ip link set nm-a up; ip link set nm-b up; " +
        "ip addr add 192.0.2.9/24 brd + dev nm-a; ip addr add 198.51.100.1/25 dev nm-b; sleep 3",
    );
    const inside = () => links("nsenter", "-t", `${other.pid}`, "-n");
    await using collectors = await openHere();
    let compared = 0;
    for (let tries = 0; compared < 3 && tries < 20; tries++) {
      const before = inside();
      const { rows } = await collectTable(collectors, "network_interfaces");
      const after = JSON.stringify(inside());
      const ours = byName(rows, other.id);
      assertEquals([...ours.keys()].sort(), ["lo", "nm-a", "nm-b"]);
      if (JSON.stringify(before) !== after) continue;
      for (const link of before) {
        const row = ours.get(link.ifname)!;
        assertSameNetwork(row, link);
        assertEquals([row.values.status, row.gaps.mac_address], ["unknown", "not_collected"]);
        compared++;
      }
    }
    assertEquals(compared, 3);
  },
);

testWith(needs, "tables and settings are those of the host", async () => {
  await using collectors = await openHere();
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { rows } = await collectTable(collectors, "network_interfaces");
  const { values } = byName(rows, own()).get("lo")!;
  const json = (column: string) => JSON.parse(values[column] as string);
  const { port } = server.addr as Deno.NetAddr;
  assert(
    json("tcp_connections").some((one: Record<string, unknown>) =>
      one.local_port === port && one.state === "listening"
    ),
  );
  const routes: { dst: string; dev?: string }[] = JSON.parse(output("ip", "-j", "route"));
  const ours = json("route_table").map((one: Record<string, unknown>) =>
    `${one.destination} ${one.interface}`
  );
  for (const { dst, dev } of routes) {
    const destination = dst === "default" ? "0.0.0.0/0" : dst.includes("/") ? dst : `${dst}/32`;
    if (dev) assert(ours.includes(`${destination} ${dev}`), destination);
  }
  const setting = (name: string) => textOf(`/proc/sys/net/ipv4/${name}`).trim();
  assertEquals(values.tcp_congestion, setting("tcp_congestion_control"));
  assertEquals(values.tcp_fin_timeout, Number(setting("tcp_fin_timeout")));
  assertEquals(values.tcp_sack, setting("tcp_sack") !== "0");
  assertEquals(json("snmp_stats").Ip.DefaultTTL, Number(setting("../ipv4/ip_default_ttl")));
});

testWith(asRoot, "counters since the previous reading are what passed meanwhile", async () => {
  await using collectors = await openHere();
  const loopback = async () => {
    const { rows } = await collectTable(collectors, "network_interfaces");
    return byName(rows, own()).get("lo")!.values;
  };
  const first = await loopback();
  assertEquals([first.rx_bytes, first.tx_packets], [null, null]);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({
    hostname: "127.0.0.1",
    port: (listener.addr as Deno.NetAddr).port,
  });
  using _server = await listener.accept();
  await client.write(new Uint8Array(10_000));
  const second = await loopback();
  assertEquals(second.rx_bytes, Number(second.bytes_received) - Number(first.bytes_received));
  assertEquals(second.tx_packets, Number(second.packets_sent) - Number(first.packets_sent));
  assert(Number(second.rx_bytes) >= 10_000);
});
