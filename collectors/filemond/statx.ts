import type { FileStat } from "../files/attributes.ts";

/** What statx(2) tells of a file. */
export interface Statx extends FileStat {
  /** `STATX_ATTR_*` that are set. */
  readonly attributes: number;
  /** Numbers of its device, joined by a colon. */
  readonly device: string;
  /** Id of the mount that it is reached through; `null` before Linux 5.8. */
  readonly mount: number | null;
}

/** `STATX_BASIC_STATS`, `STATX_BTIME` and `STATX_MNT_ID` of linux/stat.h. */
export const STATX_MASK = 0x1fff;
/** Bytes of `struct statx`. */
export const STATX_SIZE = 256;

const BTIME = 0x800;
const MNT_ID = 0x1000;

/** Reads `struct statx`. */
export function parseStatx(view: DataView): Statx {
  const u32 = (at: number) => view.getUint32(at, true);
  const u64 = (at: number) => view.getBigUint64(at, true);
  const time = (at: number) => view.getBigInt64(at, true) * 1_000_000_000n + BigInt(u32(at + 8));
  const mask = u32(0);
  return {
    blksize: u32(4),
    attributes: u32(8),
    nlink: u32(16),
    uid: u32(20),
    gid: u32(24),
    mode: view.getUint16(28, true),
    ino: u64(32),
    size: u64(40),
    blocks: u64(48),
    atime: time(64),
    // Filesystems that were written without a kernel have 0.
    btime: mask & BTIME ? time(80) || null : null,
    ctime: time(96),
    mtime: time(112),
    rdev: deviceNumber(u32(128), u32(132)),
    dev: deviceNumber(u32(136), u32(140)),
    device: `${u32(136)}:${u32(140)}`,
    mount: mask & MNT_ID ? Number(u64(144)) : null,
  };
}

/** A device number as the C library makes it of its two parts (makedev(3)). */
export function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (high & 0xfff_f000n) << 32n | (high & 0xfffn) << 8n | (low & 0xffff_ff00n) << 12n |
    low & 0xffn;
}
