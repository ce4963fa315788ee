import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { namesIn } from "../proc/list.ts";

/** What interfaces of a namespace are part of, by name of the interface. */
export interface Membership {
  /** The VLAN that an interface's packets are tagged with. */
  readonly vlans: ReadonlyMap<string, number>;
  /** The bond that an interface is part of. */
  readonly bonds: ReadonlyMap<string, string>;
}

/** Reads it through a process that lives in the namespace; what cannot be read is a failure. */
export function readMembership(
  files: ProcFiles,
  pid: number,
): { readonly [K in keyof Membership]: Membership[K] | Failure } {
  return { vlans: readVlans(files, pid), bonds: readBonds(files, pid) };
}

function readVlans(files: ProcFiles, pid: number): Membership["vlans"] | Failure {
  const config = files.readPieces(`${pid}/net/vlan/config`);
  if (config instanceof Failure) return config === Failure.GONE ? new Map() : config;
  return parseVlans(decode(config));
}

function readBonds(files: ProcFiles, pid: number): Membership["bonds"] | Failure {
  const folder = `${pid}/net/bonding`;
  const names = namesIn(files, folder);
  if (names instanceof Failure) return names === Failure.GONE ? new Map() : names;
  return new Map(names.flatMap((bond) => {
    const content = files.readPieces(`${folder}/${bond}`);
    if (content instanceof Failure) return [];
    return parseBondMembers(decode(content)).map((member) => [member, bond] as const);
  }));
}

/** Reads `/proc/<pid>/net/vlan/config`: after two lines of headings, an interface, its VLAN and what it stands on. */
export function parseVlans(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.matchAll(/^(\S+) *\| (\d+) *\| \S+$/gm).map(([, name, id]) => [name!, Number(id)]),
  );
}

/** Reads the members in a file below `/proc/<pid>/net/bonding` (bonding.rst of the kernel). */
export function parseBondMembers(text: string): string[] {
  return [...text.matchAll(/^Slave Interface: (\S+)$/gm)].map(([, name]) => name!);
}
