import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import {
  parseKernelAddress,
  parseKernelNumber,
  parseNetworkAddress,
  prefixOf,
} from "./addresses.ts";

/** A route, in the shape of `network_interfaces.route_table`. */
export interface Route {
  /** Network with its prefix length. */
  readonly destination: string;
  /** The next router; `null` where the network is next to this host. */
  readonly gateway: string | null;
  /** Where it leads out. */
  readonly interface: string;
  /** The lower, the better. */
  readonly metric: number;
}

/** The routes of a namespace, read through a process that lives there: those of IPv4's main table, then those of IPv6. */
export function readRoutes(files: ProcFiles, pid: number): Route[] | Failure {
  const old = files.readPieces(`${pid}/net/route`);
  if (old instanceof Failure) return old;
  const routes = parseIpv4Routes(decode(old));
  const other = files.readPieces(`${pid}/net/ipv6_route`);
  if (other instanceof Failure) return other === Failure.GONE ? routes : other;
  return [...routes, ...parseIpv6Routes(decode(other))];
}

const IPV4 =
  /^(\S+)\t([0-9A-F]{8})\t([0-9A-F]{8})\t[0-9A-F]+\t-?\d+\t-?\d+\t(\d+)\t([0-9A-F]{8})\t/;

/** Reads `/proc/<pid>/net/route` (proc_pid_net(5)). */
export function parseIpv4Routes(text: string): Route[] {
  return text.split("\n").flatMap((line) => {
    const [, name, destination, gateway, metric, mask] = IPV4.exec(line) ?? [];
    if (mask === undefined) return [];
    return [{
      destination: `${parseKernelAddress(destination!)}/${prefixOf(parseKernelNumber(mask))}`,
      gateway: gateway === "00000000" ? null : parseKernelAddress(gateway!),
      interface: name!,
      metric: Number(metric),
    }];
  });
}

const ADDRESS = "([0-9a-f]{32})";
const IPV6 = new RegExp(
  `^${ADDRESS} ([0-9a-f]{2}) ${ADDRESS} [0-9a-f]{2} ${ADDRESS} ([0-9a-f]{8}) [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8}) +(\\S+)$`,
);

/** `RTF_REJECT`, `RTF_CACHE` and `RTF_LOCAL` of linux/ipv6_route.h: what leads nowhere or to this host itself. */
const NO_ROUTE = 0x0000_0200 | 0x0100_0000 | 0x8000_0000;

/** Reads `/proc/<pid>/net/ipv6_route`, but for what are no ways to others: this host itself, and groups. */
export function parseIpv6Routes(text: string): Route[] {
  return text.split("\n").flatMap((line) => {
    const [, destination, prefix, , gateway, metric, flags, name] = IPV6.exec(line) ?? [];
    if (name === undefined || (parseInt(flags!, 16) & NO_ROUTE) !== 0) return [];
    if (destination!.startsWith("ff")) return [];
    return [{
      destination: `${parseNetworkAddress(destination!)}/${parseInt(prefix!, 16)}`,
      gateway: /^0+$/.test(gateway!) ? null : parseNetworkAddress(gateway!),
      interface: name,
      metric: parseInt(metric!, 16),
    }];
  });
}
