import { own } from "../core/own.ts";
import type { network_interfaces } from "../../profiles/network_interfaces.ts";
import type { Row } from "../../schema/row.ts";
import type { Platform } from "../../schema/types.ts";
import type { Reading } from "../core/collector.ts";
import { defined, lackingIn } from "./processes.ts";
import { amountOf, listOf, textOf, type Told, wholeOf } from "./values.ts";

type InterfaceRow = Row<typeof network_interfaces, Platform>;

/** Columns of `network_interfaces` that can be had. */
export const INTERFACE_COLUMNS = [
  "interface_name",
  "interface_type",
  "status",
  "bytes_sent",
  "bytes_received",
  "errors_sent",
  "errors_received",
  "drops_sent",
  "drops_received",
  "mac_address",
  "ip_networks",
  "mtu",
  "speed",
  "duplex",
  "operstate",
  "address",
  "netmask",
] as const satisfies readonly (keyof InterfaceRow)[];

/** An address of an interface, as Deno tells it. */
export type HostAddress = Pick<Deno.NetworkInterfaceInfo, "name" | "address" | "cidr">;

/** Kinds by the beginnings of the names that systems give. */
const KINDS: readonly (readonly [NonNullable<InterfaceRow["interface_type"]>, RegExp])[] = [
  ["loopback", /^lo\d*$|^loopback /i],
  ["bridge", /^(bridge|br|docker|virbr)[\d-]/],
  ["bond", /^bond\d/],
  ["veth", /^veth/],
  ["tunnel", /^(utun|gif|stf|ipsec|tun|tap|wg|tailscale)\d/],
  ["ppp", /^ppp\d/],
  ["other", /^(awdl|llw|anpi|ap|p2p|vmenet|XHC)\d/],
];

const OPERSTATES: Readonly<Record<string, NonNullable<InterfaceRow["operstate"]>>> = {
  up: "up",
  down: "down",
  dormant: "dormant",
  lowerlayerdown: "lower_layer_down",
  notpresent: "not_present",
  testing: "testing",
  unknown: "unknown",
};

/**
 * Rows of `network_interfaces` of what the library's `networkInterfaces()` and `networkStats()` say, and of the addresses
 * that the host has: the library has only one of each family.
 */
export function interfaceReadings(
  told: unknown,
  stats: unknown,
  addresses: readonly HostAddress[],
  platform: Platform,
): readonly Reading[] {
  const counters = new Map(listOf(stats).map((one) => [textOf(one.iface), one]));
  const seen = new Set<string>();
  return listOf(told).flatMap((one): Reading[] => {
    const name = textOf(one.iface);
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    const own = addresses.filter((address) => address.name === name);
    const row = { ...rowOf(name, one, counters.get(name), own), ...duplexOf(one, platform) };
    return [{ row, gaps: lackingIn(row, INTERFACE_COLUMNS) }];
  });
}

function rowOf(
  name: string,
  one: Told,
  counters: Told | undefined,
  addresses: readonly HostAddress[],
): Partial<InterfaceRow> {
  const operstate = own(OPERSTATES, textOf(one.operstate) ?? "unknown") ?? "unknown";
  const [address, netmask] = textOf(one.ip4)
    ? [textOf(one.ip4), textOf(one.ip4subnet)]
    : [textOf(one.ip6), textOf(one.ip6subnet)];
  const mac = textOf(one.mac)?.toLowerCase();
  return defined({
    interface_name: name,
    interface_type: kindOf(name, one),
    // A loopback interface has no signal that could be told.
    status: one.internal === true && operstate !== "up" ? "unknown" : statusOf(operstate),
    bytes_sent: wholeOf(counters?.tx_bytes),
    bytes_received: wholeOf(counters?.rx_bytes),
    errors_sent: wholeOf(counters?.tx_errors),
    errors_received: wholeOf(counters?.rx_errors),
    drops_sent: wholeOf(counters?.tx_dropped),
    drops_received: wholeOf(counters?.rx_dropped),
    mac_address: mac !== undefined && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) ? mac : null,
    ip_networks: JSON.stringify(
      addresses.map(({ address, cidr }) => cidr || address).map((cidr) => cidr.toLowerCase()),
    ),
    mtu: wholeOf(one.mtu),
    speed: speedOf(one.speed),
    operstate,
    address: address ?? null,
    netmask: netmask ?? null,
  });
}

function kindOf(name: string, { internal, type, virtual }: Told): InterfaceRow["interface_type"] {
  const named = KINDS.find(([, pattern]) => pattern.test(name))?.[0];
  if (internal === true) return "loopback";
  if (named !== undefined) return named;
  if (type === "wireless") return "wifi";
  return type === "wired" && virtual !== true ? "ethernet" : "other";
}

function statusOf(operstate: InterfaceRow["operstate"]): "up" | "down" | "unknown" {
  return operstate === "up" ? "up" : operstate === "unknown" ? "unknown" : "down";
}

/** On macOS the library takes all that is not said to be half for full. */
function duplexOf({ duplex }: Told, platform: Platform): Pick<Partial<InterfaceRow>, "duplex"> {
  return duplex === "half" || (duplex === "full" && platform === "linux") ? { duplex } : {};
}

/** Mbit/s; NULL where the driver does not know it, which some write as 0. */
function speedOf(value: unknown): number | null {
  return wholeOf(Math.round(amountOf(value) ?? 0)) || null;
}
