import type { FileStat } from "../../files/attributes.ts";

/** What statx(2) tells of a file. */
export interface StatxStat extends FileStat {
  /** Inode flags as lsattr(1) knows them, those that statx(2) tells. */
  readonly flags: number;
}

/** Bytes of `struct statx`; what is wanted of it stands in the first ones. */
export const STATX_SIZE = 256;
/** Bytes that {@linkcode parseStatx} reads. */
export const STATX_READ = 144;
/** `STATX_BASIC_STATS | STATX_BTIME`. */
export const STATX_WANTED = 0xfff;

const STATX_BTIME = 0x800;
/** Attributes whose bits are those of `FS_IOC_GETFLAGS`: compressed, immutable, append, nodump, encrypted, verity. */
const FLAGS = 0x10_0874n;

/** Reads a `struct statx`, of which at least {@linkcode STATX_READ} bytes are there. */
export function parseStatx(bytes: Uint8Array): StatxStat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number) => view.getUint32(at, true);
  const u64 = (at: number) => view.getBigUint64(at, true);
  const time = (at: number) => view.getBigInt64(at, true) * 1_000_000_000n + BigInt(u32(at + 8));
  return {
    mode: view.getUint16(28, true),
    uid: u32(20),
    gid: u32(24),
    nlink: u32(16),
    size: u64(40),
    dev: makeDevice(u32(136), u32(140)),
    ino: u64(32),
    rdev: makeDevice(u32(128), u32(132)),
    blksize: u32(4),
    blocks: u64(48),
    atime: time(64),
    mtime: time(112),
    ctime: time(96),
    btime: u32(0) & STATX_BTIME ? time(80) : null,
    flags: Number(u64(8) & u64(56) & FLAGS),
  };
}

/** A device number out of its parts, as makedev(3) makes it. */
function makeDevice(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return low & 0xffn | (high & 0xfffn) << 8n | (low & ~0xffn) << 12n | (high & ~0xfffn) << 32n;
}
