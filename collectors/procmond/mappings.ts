import { decode } from "../proc/files.ts";

/** A mapping of an address space. */
export interface Mapping {
  /** Hexadecimal, with `0x`. */
  readonly start: string;
  /** Hexadecimal, with `0x`; not part of it. */
  readonly end: string;
  /** Four letters, such as `r-xp`. */
  readonly permissions: string;
  /** Bytes within the file. */
  readonly offset: number;
  /** Numbers of the device that the file lies on, hexadecimal, joined by a colon. */
  readonly device: string;
  /** 0 where there is no file. */
  readonly inode: number;
  /** As the kernel writes it, which escapes line breaks; `null` for memory that has no name. */
  readonly path: string | null;
}

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+) *(.*)$/;

/** Reads a line of `maps`, `start-end permissions offset device inode path`; `undefined` where it is none. */
function parseMapping(line: string): Mapping | undefined {
  const [, start, end, permissions, offset, device, inode, path] = MAPPING.exec(line) ?? [];
  if (start === undefined) return undefined;
  return {
    start: `0x${start}`,
    end: `0x${end}`,
    permissions: permissions!,
    offset: parseInt(offset!, 16),
    device: device!,
    inode: Number(inode),
    path: path || null,
  };
}

/** Reads `maps` (proc_pid_maps(5)). */
export function parseMaps(bytes: Uint8Array): Mapping[] {
  return decode(bytes).split("\n").flatMap((line) => parseMapping(line) ?? []);
}

/** What is counted of a mapping, or of all of them; bytes. */
const COUNTED = {
  Size: "size",
  Rss: "rss",
  Pss: "pss",
  Private_Dirty: "private_dirty",
  Anonymous: "anonymous",
  Swap: "swap",
} as const;

/** The use that is made of a mapping. */
export type MappingUse =
  & Pick<Mapping, "start" | "end" | "permissions" | "path">
  & { [name in (typeof COUNTED)[keyof typeof COUNTED]]?: number };

/** Reads `smaps` (proc_pid_smaps(5)): a line as in `maps` for each mapping, then lines that count it. */
export function parseSmaps(bytes: Uint8Array): MappingUse[] {
  const mappings: MappingUse[] = [];
  for (const line of decode(bytes).split("\n")) {
    const mapping = parseMapping(line);
    if (mapping) {
      const { start, end, permissions, path } = mapping;
      mappings.push({ start, end, permissions, path });
      continue;
    }
    const [name, size] = parseSize(line) ?? [];
    const last = mappings.at(-1);
    if (last && isCounted(name)) last[COUNTED[name]] = size!;
  }
  return mappings;
}

/** Reads `smaps_rollup`, which has the lines of `smaps` for all mappings together; `undefined` where there is no memory. */
export function parseRollup(text: string): Record<string, number> | undefined {
  const sizes: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [name, size] = parseSize(line) ?? [];
    if (isCounted(name)) sizes[COUNTED[name]] = size!;
  }
  return Object.keys(sizes).length > 0 ? sizes : undefined;
}

/** Reads in `smaps_rollup` how much memory was referenced since `clear_refs` was written to, which cannot be read itself. */
export function parseReferenced(text: string): { referenced: number } | undefined {
  for (const line of text.split("\n")) {
    const [name, referenced] = parseSize(line) ?? [];
    if (name === "Referenced") return { referenced: referenced! };
  }
  return undefined;
}

function parseSize(line: string): [name: string, bytes: number] | undefined {
  const [, name, size] = /^(\w+): +(\d+) kB$/.exec(line) ?? [];
  return name === undefined ? undefined : [name, 1024 * Number(size)];
}

function isCounted(name: string | undefined): name is keyof typeof COUNTED {
  return name !== undefined && Object.hasOwn(COUNTED, name);
}
