import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import type { GapReason } from "../../schema/batch.ts";
import { Failure, failure } from "../proc/files.ts";
import { MAX_PAGEMAP } from "./limits.ts";
import { readRegions } from "./memory_regions.ts";
import { fileOf, isDeleted, programsIn, type RegionType, typeOf } from "./region_type.ts";
import { PAGE, type Region } from "./smaps.ts";
import { gapOf, type Target } from "./targets.ts";

/** Addresses that hold something, without a break. */
export interface Run {
  readonly start: number;
  /** Not part of it. */
  readonly end: number;
}

/** The memory of a process, held open: it is that of this process whatever becomes of its id. */
export interface Memory extends Disposable {
  /** Its regions. */
  readonly regions: readonly Region[];
  /** What each is for. */
  readonly typeOf: (region: Region) => RegionType;
  /** The region that an address lies in. */
  readonly regionAt: (address: number) => Region | undefined;
  /** Reads from an address; 0 where nothing can be read there, also once the process has ended. */
  readonly read: (buffer: Buffer, address: number) => number;
  /** What is in memory and no mere copy of a file, private memory first, then what is shared. */
  readonly runs: () => Iterable<Run>;
  /** Why something is left out of what was read so far. */
  readonly gaps: ReadonlySet<GapReason>;
  /** Notes that something is left out. */
  readonly lack: (reason: GapReason) => void;
  /** Whether a page is in memory at present. */
  readonly isPresent: (address: number) => boolean;
  /** Whether it is still the memory of the process, which may have ended, or run another program. */
  readonly isAlive: () => boolean;
}

/** Regions that are devices or pages of the kernel: to read these may do something. */
const UNTOUCHED: readonly string[] = ["io", "pf"];

/** Bits of an entry in `pagemap` (Documentation/admin-guide/mm/pagemap.rst), of its upper 32. */
const PRESENT = 2 ** 31;
const SWAPPED = 2 ** 30;
const OF_FILE = 2 ** 29;

/**
 * Opens the memory of a process. It is only ever read, page by page, which does not stop the process. Pages that are not in
 * memory are not touched: to read them would take memory, or bring them back from swap.
 *
 * @returns why it cannot be opened where that is so
 */
export function openMemory(target: Target): Memory | Failure {
  const { files, folder } = target;
  if (folder instanceof Failure) return folder;
  const open = (name: string) => {
    try {
      return openSync(`${files.root}/${folder}/${name}`, "r");
    } catch (error) {
      return failure(error);
    }
  };
  const memory = open("mem");
  if (memory instanceof Failure) return memory;
  const pagemap = open("pagemap");
  const close = () => {
    closeSync(memory);
    if (!(pagemap instanceof Failure)) closeSync(pagemap);
  };
  const { regions, failure: broken } = readRegions(target, true);
  const problem = pagemap instanceof Failure
    ? pagemap
    : regions.length === 0
    ? broken ?? Failure.GONE
    // What was opened may be of another process that has the id now.
    : target.isSame()
    ? undefined
    : Failure.GONE;
  if (problem || pagemap instanceof Failure) {
    close();
    return problem ?? Failure.OTHER;
  }
  const gaps = new Set<GapReason>(broken ? [gapOf(broken)] : []);
  const lack = (reason: GapReason) => void gaps.add(reason);
  const programs = programsIn(regions);

  const read = (buffer: Buffer, address: number) => readAt(memory, buffer, address);
  return {
    regions,
    typeOf: (region) => typeOf(region, programs),
    regionAt: (address) => findRegion(regions, address),
    read,
    runs: () => runsOf(regions, programs, pagemap, lack),
    gaps,
    lack,
    isPresent(address) {
      const entry = Buffer.alloc(8);
      return readAt(pagemap, entry, Math.floor(address / PAGE) * 8) === 8 &&
        entry.readUInt32LE(4) >= PRESENT;
    },
    isAlive: () => readAt(pagemap, Buffer.alloc(8), 0) === 8,
    [Symbol.dispose]: close,
  };
}

function readAt(file: number, buffer: Buffer, position: number): number {
  try {
    return readSync(file, buffer, 0, buffer.length, position);
  } catch {
    return 0;
  }
}

function findRegion(regions: readonly Region[], address: number): Region | undefined {
  let [low, high] = [0, regions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle]!.end <= address) low = middle + 1;
    else high = middle;
  }
  const found = regions[low];
  return found && found.start <= address ? found : undefined;
}

/** Which pages of a region are searched. */
type Share = "all" | "changed" | "none";

/**
 * Pages that are the same as in a file that others can open are left to those who read files; not so where they may be
 * written, and where the file is gone or never had a name.
 */
function shareOf(region: Region, type: RegionType): Share {
  const { use, permissions } = region;
  if (type === "kernel" || use?.flags.some((flag) => UNTOUCHED.includes(flag))) return "none";
  if (use && use.resident + use.swapped === 0) return "none";
  const path = fileOf(region);
  if (path === null || isDeleted(region) || path.startsWith("/dev/shm/")) return "all";
  return permissions[1] === "w" && permissions[3] === "p" ? "all" : "changed";
}

function* runsOf(
  regions: readonly Region[],
  programs: ReadonlySet<string>,
  pagemap: number,
  lack: (reason: GapReason) => void,
): Iterable<Run> {
  for (const shared of [false, true]) {
    let last: Run | undefined;
    for (const region of regions) {
      if ((region.permissions[3] === "s") !== shared) continue;
      const share = shareOf(region, typeOf(region, programs));
      if (share === "none") continue;
      for (const run of presentRuns(region, share, pagemap, lack)) {
        // A text may lie across the border of two regions.
        if (last && last.end === run.start) last = { start: last.start, end: run.end };
        else {
          if (last) yield last;
          last = run;
        }
      }
    }
    if (last) yield last;
  }
}

/** Entries of `pagemap`, and what those are of which nothing is in memory: nothing at all, or only "soft-dirty". */
const entries = Buffer.alloc(65_536);
const ABSENT = [Buffer.alloc(entries.length), Buffer.alloc(entries.length)] as const;
for (let at = 6; at < entries.length; at += 8) ABSENT[1][at] = 0x80;

/** The pages of a region that are in memory. */
function* presentRuns(
  { start, end }: Region,
  share: Share,
  pagemap: number,
  lack: (reason: GapReason) => void,
): Iterable<Run> {
  let from: number | undefined;
  let looked = 0;
  for (let at = start; at < end;) {
    const wanted = Math.min(entries.length, Math.ceil((end - at) / PAGE) * 8);
    const length = looked > MAX_PAGEMAP
      ? 0
      : readAt(pagemap, entries.subarray(0, wanted), at / PAGE * 8);
    if (length < 8) {
      if (from !== undefined) yield { start: from, end: at };
      return lack(looked > MAX_PAGEMAP ? "budget" : "not_collected");
    }
    looked += length;
    const isAbsent = ABSENT.some((one) => one.compare(entries, 0, length, 0, length) === 0);
    for (let entry = 0; entry + 8 <= length; entry += 8, at += PAGE) {
      const bits = isAbsent ? 0 : entries.readUInt32LE(entry + 4);
      const isPresent = bits >= PRESENT;
      if (!isPresent && (bits & SWAPPED) !== 0) lack("not_collected");
      if (isPresent && (share === "all" || (bits & OF_FILE) === 0)) from ??= at;
      else if (from !== undefined) {
        yield { start: from, end: at };
        from = undefined;
      }
      if (isAbsent) {
        at += length / 8 * PAGE;
        break;
      }
    }
  }
  if (from !== undefined) yield { start: from, end };
}
