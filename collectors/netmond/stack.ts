import type { Cell } from "../../schema/batch.ts";
import { Failure, type ProcFiles } from "../proc/files.ts";
import { readLinesOf } from "../proc/lines.ts";
import { type Addressing, readAddressing } from "./addressing.ts";
import { type Device, parseDeviceLine } from "./devices.ts";
import { type Link, readLinks } from "./links.ts";
import { type Membership, readMembership } from "./membership.ts";
import type { Namespace } from "./namespaces.ts";
import { containerOf } from "./neighbourhood.ts";
import { readSettings, SETTINGS } from "./settings.ts";
import { TABLES } from "./tables.ts";

/** The network stack of a namespace. */
export interface Stack {
  /** The namespace. */
  readonly namespace: Namespace;
  /** Id of the container that it belongs to. */
  readonly container_id: string | null;
  /** Its interfaces with their counters. */
  readonly devices: readonly Device[];
  /** What /sys says of them; absent where it is mounted for another namespace. */
  readonly links?: ReadonlyMap<string, Link>;
  /** Their addresses. */
  readonly addressing: Addressing;
  /** What they are part of. */
  readonly membership: { readonly [K in keyof Membership]: Membership[K] | Failure };
  /** Columns that are the same for all of them. */
  readonly shared: Readonly<Record<string, Cell | Failure>>;
}

/** What to read of a {@linkcode Stack}. */
export interface StackOptions {
  /** The namespace. */
  readonly namespace: Namespace;
  /** Columns that the task asks for. */
  readonly wanted: ReadonlySet<string>;
  /** Whether this process lives in it. */
  readonly own: boolean;
  /** Where /sys stands. */
  readonly sysRoot: string | undefined;
}

/** Reads the stack of a namespace through a process that lives there. */
export function readStack(
  files: ProcFiles,
  pid: number,
  { namespace, wanted, own, sysRoot }: StackOptions,
): Stack {
  const devices = readDevices(files, pid);
  const links = own && sysRoot !== undefined ? readLinks(sysRoot) : undefined;
  const shared: Record<string, Cell | Failure> = {};
  for (const [column, read] of Object.entries(TABLES)) {
    if (wanted.has(column)) shared[column] = read(files, pid);
  }
  const settings = SETTINGS.filter((column) => wanted.has(column));
  const values = own ? readSettings(files, settings) : {};
  for (const column of settings) shared[column] = values[column] ?? (own ? null : Failure.OTHER);
  return {
    namespace,
    container_id: containerOf(files, pid),
    devices,
    ...(links && describes(links, devices) && { links }),
    addressing: readAddressing(files, pid, own ? ownAddresses() : undefined),
    membership: readMembership(files, pid),
    shared,
  };
}

/** Whether no interface has an address or ever carried a packet. */
export function isUnused({ devices, addressing }: Stack): boolean {
  return addressing.of.size === 0 && !addressing.vague &&
    devices.every(({ receive, transmit }) => [...receive, ...transmit].every((one) => one === "0"));
}

function readDevices(files: ProcFiles, pid: number): Device[] {
  const devices: Device[] = [];
  readLinesOf(files, `${pid}/net/dev`, (line) => {
    const device = parseDeviceLine(line);
    if (device) devices.push(device);
  });
  return devices;
}

/** Who enters another namespace without mounting /sys anew sees the interfaces of the one that he came from. */
function describes(links: ReadonlyMap<string, Link>, devices: readonly Device[]): boolean {
  const known = devices.filter(({ name }) => links.has(name)).length;
  return 2 * known > Math.max(devices.length, links.size);
}

function ownAddresses(): readonly Deno.NetworkInterfaceInfo[] | undefined {
  try {
    return Deno.networkInterfaces();
  } catch {
    return undefined;
  }
}
