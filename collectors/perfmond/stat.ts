import { decode } from "../proc/files.ts";
import { parseStat, type Stat } from "../proc/stat.ts";

/** What `/proc/<pid>/stat` tells besides what everybody needs (proc_pid_stat(5)); times are in clock ticks. */
export interface Tally extends Stat {
  /** Page faults, with and without loading a page. */
  readonly faults: number;
  /** Number of the processor that it last ran on. */
  readonly processor: number;
  /** Time spent waiting for storage; 0 where the kernel does not count it. */
  readonly blkio: number;
  /** Time spent running a guest. */
  readonly guest: number;
}

const CLOSE = 0x29;

/** Fields as they are counted in the manual page, from the first one after the name. */
const FIRST = 3;
const [MINFLT, MAJFLT, PROCESSOR, BLKIO, GUEST] = [10, 12, 39, 42, 43] as const;

/** Reads `stat` for what a process has used; `undefined` where the bytes are none, or are cut off. */
export function parseTally(bytes: Uint8Array): Tally | undefined {
  const stat = parseStat(bytes);
  if (!stat) return undefined;
  const fields = decode(bytes.subarray(bytes.lastIndexOf(CLOSE) + 2)).trim().split(" ");
  const at = (field: number) => Number(fields[field - FIRST] || NaN);
  const [processor, blkio, guest] = [at(PROCESSOR), at(BLKIO), at(GUEST)];
  if (![processor, blkio, guest].every(Number.isFinite)) return undefined;
  return { ...stat, faults: at(MINFLT) + at(MAJFLT), processor, blkio, guest };
}
