import { own } from "../core/own.ts";

/** A region of an address space, as `maps` and `smaps` tell of it (proc_pid_maps(5), proc_pid_smaps(5)). */
export interface Region {
  /** Where it begins. Regions above 2^53 are not told exactly; only the kernel has one there. */
  readonly start: number;
  /** Where it ends; not part of it. */
  readonly end: number;
  /** The same beginning, exactly, in hexadecimal with `0x`. */
  readonly address: string;
  /** Four letters, such as `r-xp`. */
  readonly permissions: string;
  /** Bytes within the file. */
  readonly offset: number;
  /** The file by device and inode; `undefined` where there is none. */
  readonly file: string | undefined;
  /** What the kernel calls it, which escapes line breaks; empty for memory that has no name. */
  readonly name: string;
  /** What is counted of it; absent where only `maps` was read. */
  readonly use?: RegionUse;
}

/** What is counted of a region. */
export interface RegionUse {
  /** Pages in memory, those of huge pages as well, bytes. */
  readonly resident: number;
  /** Pages in swap, bytes. */
  readonly swapped: number;
  /** Pages that were accessed since the marks were cleared, bytes. */
  readonly referenced: number;
  /** Pages that were written and not yet saved, bytes. */
  readonly dirty: number;
  /** Size of a page, bytes. */
  readonly page: number;
  /** Two-letter codes of the kernel. */
  readonly flags: readonly string[];
}

/** Which counters make up which number. */
const COUNTERS: Readonly<Record<string, "resident" | "swapped" | "referenced" | "dirty" | "page">> =
  {
    Rss: "resident",
    Private_Hugetlb: "resident",
    Shared_Hugetlb: "resident",
    Swap: "swapped",
    Referenced: "referenced",
    Shared_Dirty: "dirty",
    Private_Dirty: "dirty",
    KernelPageSize: "page",
  };

/** Bytes of a page where the kernel does not say. */
export const PAGE = 4096;

const MAPPING =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) ([0-9a-f]+:[0-9a-f]+) (\d+)(?: +(.*))?$/;

/** Takes the lines of `maps` or `smaps` one by one. */
export interface RegionReader {
  /** Takes a line; what is neither a region nor one of its counters is left out. */
  line(text: string): void;
  /** The regions, by address; those of which no line has told yet are missing. */
  regions(): readonly Region[];
}

type Counters = { -readonly [K in keyof RegionUse]: RegionUse[K] };

/** Makes a {@linkcode RegionReader}. */
export function createRegionReader(): RegionReader {
  const regions: Region[] = [];
  let use: Counters | undefined;
  return {
    line(text) {
      const region = parseRegion(text);
      if (region) {
        use = undefined;
        regions.push(region);
        return;
      }
      const last = regions.at(-1);
      const [, name, kilobytes, flags] = /^(\w+):(?: +(\d+) kB$| (.*))/.exec(text) ?? [];
      if (!last || name === undefined) return;
      if (!use) {
        use = { resident: 0, swapped: 0, referenced: 0, dirty: 0, page: PAGE, flags: [] };
        regions[regions.length - 1] = { ...last, use };
      }
      if (name === "VmFlags" && flags !== undefined) use.flags = flags.trim().split(/\s+/);
      const counter = own(COUNTERS, name);
      if (!counter || kilobytes === undefined) return;
      const bytes = 1024 * Number(kilobytes);
      if (counter !== "page") use[counter] += bytes;
      else if (bytes > 0) use.page = bytes;
    },
    regions: () => regions,
  };
}

function parseRegion(line: string): Region | undefined {
  const [, start, end, permissions, offset, device, inode, name] = MAPPING.exec(line) ?? [];
  if (start === undefined) return undefined;
  const from = parseInt(start, 16);
  const to = parseInt(end!, 16);
  if (to <= from) return undefined;
  return {
    start: from,
    end: to,
    address: `0x${start.replace(/^0+(?=.)/, "")}`,
    permissions: permissions!,
    offset: parseInt(offset!, 16),
    file: inode === "0" ? undefined : `${device}:${inode}`,
    name: name ?? "",
  };
}
