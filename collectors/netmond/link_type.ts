import type { network_interfaces } from "../../profiles/network_interfaces.ts";
import type { Row } from "../../schema/row.ts";

/** The kinds of interfaces. */
export type LinkType = Row<typeof network_interfaces, "linux">["interface_type"];

/** What /sys/class/net shows that tells kinds of interfaces apart. */
export interface LinkMarks {
  /** `ARPHRD_*` of linux/if_arp.h. */
  readonly type: number;
  /** `DEVTYPE` of its `uevent`. */
  readonly devtype: string | undefined;
  /** Whether hardware stands behind it: there is a link `device`. */
  readonly hardware: boolean;
  /** Whether it is one of the TUN/TAP driver: there is a file `tun_flags`. */
  readonly tun: boolean;
  /** Whether it answers no ARP: `IFF_NOARP` of its `flags`. */
  readonly noarp: boolean;
  /** Whether its `iflink` names another interface. */
  readonly linked: boolean;
}

/** `DEVTYPE`s of the kernel (`SET_NETDEV_DEVTYPE`); those of other drivers are `other`. */
const DEVTYPES: Readonly<Record<string, LinkType>> = {
  bridge: "bridge",
  bond: "bond",
  vlan: "vlan",
  wlan: "wifi",
  ppp: "ppp",
  vxlan: "tunnel",
  geneve: "tunnel",
  gre: "tunnel",
  wireguard: "tunnel",
  bareudp: "tunnel",
  gtp: "tunnel",
  // Ports of a switch chip are sockets in the wall like others.
  dsa: "ethernet",
};

/** `ARPHRD_*` that say it all. */
const TYPES: Readonly<Record<number, LinkType>> = {
  512: "ppp",
  768: "tunnel", // ARPHRD_TUNNEL
  769: "tunnel", // ARPHRD_TUNNEL6
  772: "loopback",
  776: "tunnel", // ARPHRD_SIT
  778: "tunnel", // ARPHRD_IPGRE
  801: "wifi",
  802: "wifi",
  803: "wifi",
  823: "tunnel", // ARPHRD_IP6GRE
  65534: "tunnel", // ARPHRD_NONE: layer 3 only, as TUN and WireGuard
};

const ETHERNET = 1;

/**
 * The kind of an interface. A pair of virtual cards carries no mark of its own: it is Ethernet without hardware that has a
 * link to another interface and does ARP. Where the other end, in another namespace, happens to have the same number, it
 * looks like any virtual card.
 */
export function linkType({ type, devtype, hardware, tun, noarp, linked }: LinkMarks): LinkType {
  if (tun) return "tunnel";
  if (devtype !== undefined) return DEVTYPES[devtype] ?? "other";
  if (type !== ETHERNET) return TYPES[type] ?? "other";
  if (hardware) return "ethernet";
  return linked && !noarp ? "veth" : "other";
}
