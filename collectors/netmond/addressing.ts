import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { readLinesOf } from "../proc/lines.ts";
import { ipv4, ipv4Mask, ipv4Number, parseNetworkAddress } from "./addresses.ts";
import { createFibTrieParser, isWithin, type LocalRoutes } from "./fib_trie.ts";
import { parseIpv4Routes, type Route } from "./routes.ts";

/** An address of an interface. */
export interface InterfaceAddress {
  /** Without prefix length. */
  readonly address: string;
  /** Length of the network's prefix. */
  readonly prefix: number;
  /** The address that reaches all of the network; NULL where there is none. */
  readonly broadcast: string | null;
}

/** The addresses of the interfaces of a namespace. */
export interface Addressing {
  /** By name of the interface, IPv4 first. */
  readonly of: ReadonlyMap<string, readonly InterfaceAddress[]>;
  /** Whether there are addresses of which it is not told to which interface they belong. */
  readonly vague: boolean;
}

/**
 * Reads the addresses of a namespace through a process that lives there. Below /proc the addresses of IPv4 stand without
 * their interfaces; of this process's own namespace the system's library tells them (`own`), elsewhere an address belongs where the route of its
 * network leads. Where there is none or several, nobody can tell.
 */
export function readAddressing(
  files: ProcFiles,
  pid: number,
  own?: readonly Deno.NetworkInterfaceInfo[],
): Addressing {
  const placed = own ? { of: placeOwn(own), vague: false } : placeOthers(files, pid);
  const bytes = files.readPieces(`${pid}/net/if_inet6`);
  const text = bytes instanceof Failure ? "" : decode(bytes);
  for (const [name, address] of parseIpv6Addresses(text)) add(placed.of, name, address);
  return placed;
}

type Places = Map<string, InterfaceAddress[]>;

function add(places: Places, name: string, address: InterfaceAddress): void {
  const known = places.get(name);
  if (known) known.push(address);
  else places.set(name, [address]);
}

function placeOwn(own: readonly Deno.NetworkInterfaceInfo[]): Places {
  const places: Places = new Map();
  for (const { family, name, address, cidr } of own) {
    if (family !== "IPv4") continue;
    const prefix = Number(cidr.split("/")[1]);
    // The kernel makes the last address of a network its broadcast address, where the network has room for one.
    const hasBroadcast = prefix < 31 && !isWithin(address, "127.0.0.0", 8);
    const broadcast = hasBroadcast ? lastOf(address, prefix) : null;
    // A label of an address begins with the name of its interface, which holds no colon.
    add(places, name.split(":", 1)[0]!, { address, prefix, broadcast });
  }
  return places;
}

function placeOthers(files: ProcFiles, pid: number): { of: Places; vague: boolean } {
  const parser = createFibTrieParser();
  const ended = readLinesOf(files, `${pid}/net/fib_trie`, parser.line);
  const routes = files.readPieces(`${pid}/net/route`);
  if (ended || routes instanceof Failure) return { of: new Map(), vague: true };
  return placeByRoute(parser.routes(), parseIpv4Routes(decode(routes)));
}

/** Places addresses by the routes to networks that are next to this host; what is within itself is on its loopback. */
export function placeByRoute(
  local: LocalRoutes,
  routes: readonly Route[],
): { of: Places; vague: boolean } {
  const near = [
    ...local.networks.map(({ network, prefix }) => ({ network, prefix, name: "lo" })),
    ...routes.filter(({ gateway }) => gateway === null).map((route) => {
      const [network, prefix] = route.destination.split("/") as [string, string];
      return { network, prefix: Number(prefix), name: route.interface };
    }),
  ].sort((one, other) => other.prefix - one.prefix);
  const of: Places = new Map();
  let vague = false;
  for (const address of local.addresses) {
    const fitting = near.filter(({ network, prefix }) => isWithin(address, network, prefix));
    const best = fitting.filter(({ prefix }) => prefix === fitting[0]!.prefix);
    if (new Set(best.map(({ name }) => name)).size === 1 && best[0]!.prefix > 0) {
      add(of, best[0]!.name, withBroadcast(address, best[0]!.prefix, local));
    } else vague = true;
  }
  return { of, vague };
}

function withBroadcast(
  address: string,
  prefix: number,
  { broadcasts, networks }: LocalRoutes,
): InterfaceAddress {
  const broadcast = lastOf(address, prefix);
  const within = networks.some((one) => isWithin(address, one.network, one.prefix));
  return { address, prefix, broadcast: !within && broadcasts.has(broadcast) ? broadcast : null };
}

function lastOf(address: string, prefix: number): string {
  return ipv4((ipv4Number(address) | ~ipv4Mask(prefix)) >>> 0);
}

/** Reads `/proc/<pid>/net/if_inet6` (proc_pid_net(5)). */
export function* parseIpv6Addresses(text: string): Iterable<[string, InterfaceAddress]> {
  const line = /^([0-9a-f]{32}) [0-9a-f]+ ([0-9a-f]{2}) [0-9a-f]{2} [0-9a-f]{2,} +(\S+)$/gm;
  for (const [, address, prefix, name] of text.matchAll(line)) {
    yield [name!, {
      address: parseNetworkAddress(address!),
      prefix: parseInt(prefix!, 16),
      broadcast: null,
    }];
  }
}
