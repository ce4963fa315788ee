import type { Statx } from "./statx.ts";

/** Reads the counters of disks from `/proc/diskstats` (https://docs.kernel.org/admin-guide/iostats.html), as JSON by device. */
export function parseDiskStats(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [major, minor, device, ...counters] = line.trim().split(/\s+/);
      if (counters.length < 10) return [];
      const [reads, , sectors_read, , writes, , sectors_written, , , io_time] = counters.map(
        Number,
      );
      const stats = { device, reads, sectors_read, writes, sectors_written, io_time };
      return [[`${major}:${minor}`, JSON.stringify(stats)]];
    }),
  );
}

/** A lock on a file. */
export interface FileLock {
  /** How it was taken: `flock`, `posix`, `ofdlck`, `lease`, `deleg`. */
  readonly kind: string;
  /** Whether others may have it, too. */
  readonly mode: "shared" | "exclusive";
  /** Who took it; `null` for locks of open files, which belong to nobody. */
  readonly pid: number | null;
  /** First byte. */
  readonly start: number;
  /** Last byte; `null` for the end of the file, wherever that is. */
  readonly end: number | null;
}

const LOCK =
  /^\d+: (\w+) +\S+ +(READ|WRITE|RW) +(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) (\d+) (\d+|EOF)$/;

/** Reads `/proc/locks` (proc_locks(5)), by {@linkcode lockKey}. Who waits for a lock has none. */
export function parseLocks(text: string): ReadonlyMap<string, readonly FileLock[]> {
  const locks = new Map<string, FileLock[]>();
  for (const line of text.split("\n")) {
    const [matched, kind, access, pid, major, minor, inode, start, end] = LOCK.exec(line) ?? [];
    if (matched === undefined) continue;
    const key = `${parseInt(major!, 16)}:${parseInt(minor!, 16)}:${inode}`;
    const known = locks.get(key) ?? [];
    known.push({
      kind: kind!.toLowerCase(),
      mode: access === "READ" ? "shared" : "exclusive",
      pid: Number(pid) > 0 ? Number(pid) : null,
      start: Number(start),
      end: end === "EOF" ? null : Number(end),
    });
    locks.set(key, known);
  }
  return locks;
}

/** What `/proc/locks` knows a file by. */
export function lockKey({ device, ino }: Pick<Statx, "device" | "ino">): string {
  return `${device}:${ino}`;
}
