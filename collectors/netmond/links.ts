import type { network_interfaces } from "../../profiles/network_interfaces.ts";
import type { Row } from "../../schema/row.ts";
import { decode, Failure, openProcFiles } from "../proc/files.ts";
import { namesIn } from "../proc/list.ts";
import { linkType } from "./link_type.ts";

/** Columns of `network_interfaces` that /sys supplies. */
export const LINK_COLUMNS = [
  "interface_type",
  "status",
  "mac_address",
  "mtu",
  "speed",
  "duplex",
  "carrier",
  "operstate",
  "link_mode",
  "promiscuous",
  "platform_data",
] as const;

/** What /sys says of an interface. */
export type Link = Pick<Row<typeof network_interfaces, "linux">, (typeof LINK_COLUMNS)[number]>;

/** Reads a file of an interface; `undefined` where it cannot be read, which is so for many while an interface is down. */
type ReadText = (file: string) => string | undefined;

/**
 * Reads all interfaces of the network namespace for which /sys was mounted (Documentation/ABI/testing/sysfs-class-net of
 * the kernel), by name.
 */
export function readLinks(sysRoot: string): ReadonlyMap<string, Link> {
  const files = openProcFiles(sysRoot);
  const names = namesIn(files, "class/net");
  const links = new Map<string, Link>();
  if (names instanceof Failure) return links;
  for (const name of names) {
    const folder = `class/net/${name}`;
    if (!isDevice(files.link(folder))) continue;
    const text: ReadText = (file) => {
      const bytes = files.read(`${folder}/${file}`);
      return bytes instanceof Failure ? undefined : decode(bytes).replace(/\n$/, "");
    };
    const hardware = typeof files.link(`${folder}/device`) === "string";
    const link = linkOf(text, hardware, masterOf(files.link(`${folder}/master`)));
    if (link) links.set(name, link);
  }
  return links;
}

/** The kernel's links lead two folders up and down again into `devices`. */
function isDevice(target: string | Failure): boolean {
  return !(target instanceof Failure) && target.startsWith("../../devices/") &&
    !target.slice(6).split("/").includes("..");
}

/** The interface that another one is a part of, by the link to it. */
function masterOf(target: string | Failure): string | undefined {
  return target instanceof Failure ? undefined : target.slice(target.lastIndexOf("/") + 1);
}

/** `IFF_UP`, `IFF_NOARP` and `IFF_PROMISC` of linux/if.h. */
const UP = 0x1;
const NOARP = 0x80;
const PROMISCUOUS = 0x100;

function linkOf(
  text: ReadText,
  hardware: boolean,
  master: string | undefined,
): Link | undefined {
  const flags = Number(text("flags") ?? NaN);
  if (!Number.isSafeInteger(flags)) return undefined;
  const carrier = text("carrier");
  const operstate = text("operstate");
  const duplex = text("duplex");
  return {
    interface_type: linkType({
      type: Number(text("type")),
      devtype: /^DEVTYPE=(.+)$/m.exec(text("uevent") ?? "")?.[1],
      hardware,
      tun: text("tun_flags") !== undefined,
      noarp: (flags & NOARP) !== 0,
      linked: text("iflink") !== text("ifindex"),
    }),
    status: statusOf(flags, operstate, carrier),
    mac_address: /^(?:[0-9a-f]{2}:){5}(?:[0-9a-f]{2}(?::|$))+$/.exec(text("address") ?? "")?.[0] ??
      null,
    mtu: positive(text("mtu")),
    // Where nobody knows it is -1.
    speed: positive(text("speed")),
    duplex: duplex !== undefined && DUPLEX.has(duplex) ? duplex : null,
    carrier: carrier === undefined ? null : carrier === "1",
    operstate: (operstate !== undefined && OPERSTATES[operstate]) || null,
    link_mode: LINK_MODES[Number(text("link_mode"))] ?? null,
    promiscuous: (flags & PROMISCUOUS) !== 0,
    platform_data: master === undefined ? null : JSON.stringify({ master }),
  };
}

const DUPLEX: ReadonlySet<string> = new Set(["full", "half", "unknown"]);

/** By the numbers of linux/if.h. */
const LINK_MODES = ["default", "dormant", "testing"];

/** What the kernel writes, in the words of the table. */
const OPERSTATES: Readonly<Record<string, Link["operstate"]>> = {
  up: "up",
  down: "down",
  dormant: "dormant",
  lowerlayerdown: "lower_layer_down",
  notpresent: "not_present",
  testing: "testing",
  unknown: "unknown",
};

/** Drivers without a notion of it, that of the loopback interface included, leave the operational state unknown. */
function statusOf(
  flags: number,
  operstate: string | undefined,
  carrier: string | undefined,
): Link["status"] {
  if ((flags & UP) === 0) return "down";
  if (operstate !== "unknown") return operstate === "up" ? "up" : "down";
  return carrier === "1" ? "up" : carrier === "0" ? "down" : "unknown";
}

function positive(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}
