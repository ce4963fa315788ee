import { closeSync, openSync, readSync } from "node:fs";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { parseLimits } from "./counters.ts";

/** Reads the `schedstat` of processes, which tells whether they have run, again and again. */
export interface Schedules {
  /** What it says; nothing where the kernel does not count, or the process has ended. */
  of(files: ProcFiles, pid: number): string | undefined;
  /** Begins a scan of these processes; all others have ended. */
  keep(files: ProcFiles, pids: readonly number[]): void;
}

/** Reads the `schedstat` of a process once. */
export function readSchedule(files: ProcFiles, pid: number): string | undefined {
  const bytes = files.read(`${pid}/schedstat`);
  return bytes instanceof Failure ? undefined : scheduleOf(bytes);
}

/** Where the kernel does not count it says 0. */
function scheduleOf(bytes: Uint8Array): string | undefined {
  const [first = 0] = bytes;
  return 0x31 <= first && first <= 0x39 ? decode(bytes) : undefined;
}

/** Files that are held open at most: the kernel keeps some 5 KB for each. */
const MAX_HELD = 16_384;

/** Without a word of how many files may be open. */
const FEW_HELD = 256;

/**
 * Makes a {@linkcode Schedules} that holds the files open: opening one takes three times as long as reading it. Such a file
 * belongs to the process and not to its id: once that has ended nothing is read from it any more.
 */
export function createSchedules(): Schedules {
  const held = new Map<number, number>();
  const buffer = new Uint8Array(256);
  let most: number | undefined;

  const read = (file: number) =>
    scheduleOf(buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0)));
  const release = (pid: number, file: number) => {
    held.delete(pid);
    closeSync(file);
  };

  return {
    of({ root }, pid) {
      const file = held.get(pid);
      if (file !== undefined) {
        try {
          return read(file);
        } catch {
          // Its process has ended; another may have its id.
          release(pid, file);
        }
      }
      try {
        const file = openSync(`${root}/${pid}/schedstat`, "r");
        held.set(pid, file);
        try {
          return read(file);
        } finally {
          if (held.size > (most ?? FEW_HELD)) release(pid, file);
        }
      } catch {
        return undefined;
      }
    },
    keep(files, pids) {
      most ??= Math.min(MAX_HELD, openFiles(files) / 2);
      if (held.size === 0) return;
      const alive = new Set(pids);
      for (const [pid, file] of held) if (!alive.has(pid)) release(pid, file);
    },
  };
}

/** How many files this process may have open. */
function openFiles(files: ProcFiles): number {
  const self = files.link("self");
  const bytes = self instanceof Failure ? self : files.read(`${self}/limits`);
  if (bytes instanceof Failure) return FEW_HELD;
  return parseLimits(decode(bytes)).open_files?.soft ?? FEW_HELD;
}
