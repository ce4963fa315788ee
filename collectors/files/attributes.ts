import type { BigIntStats } from "node:fs";
import { basename, dirname } from "../../dialect/path.ts";
import type { Cell } from "../../schema/batch.ts";
import type { Owners } from "./owners.ts";

/** What the kernel tells of a file, as statx(2) names it; times are in ns since the epoch. */
export interface FileStat {
  /** Kind and permissions. */
  readonly mode: number;
  /** User id of the owner. */
  readonly uid: number;
  /** Group id of the owner. */
  readonly gid: number;
  /** Names that it has. */
  readonly nlink: number;
  /** Bytes. */
  readonly size: bigint;
  /** Device that holds it, as `st_dev` of stat(2). */
  readonly dev: bigint;
  /** Inode number. */
  readonly ino: bigint;
  /** Device that a device file stands for. */
  readonly rdev: bigint;
  /** Preferred size of reads and writes. */
  readonly blksize: number;
  /** Blocks of 512 bytes. */
  readonly blocks: bigint;
  /** When it was last read. */
  readonly atime: bigint;
  /** When its content last changed. */
  readonly mtime: bigint;
  /** When its inode last changed. */
  readonly ctime: bigint;
  /** When it was created; `null` where its filesystem does not keep that. */
  readonly btime: bigint | null;
}

/** Kinds of files by their bits in the mode (inode(7)). */
const TYPES: Readonly<Record<number, string>> = {
  0o14: "socket",
  0o12: "symlink",
  0o10: "regular",
  0o06: "block_device",
  0o04: "directory",
  0o02: "character_device",
  0o01: "pipe",
};

/** The kind of a file, as `file_type` names it. */
export function typeOf({ mode }: Pick<FileStat, "mode">): string {
  return TYPES[mode >> 12 & 0o17] ?? "regular";
}

/** The columns that `file_metadata` and `file_events` have of what the kernel tells of a file. */
export function attributes(stat: FileStat, { users, groups }: Owners): Record<string, Cell> {
  return {
    file_size: integer(stat.size),
    file_type: typeOf(stat),
    permissions: (stat.mode & 0o7777).toString(8).padStart(4, "0"),
    owner_user: users.get(stat.uid) ?? null,
    owner_group: groups.get(stat.gid) ?? null,
    created_time: stat.btime === null ? null : milliseconds(stat.btime),
    modified_time: milliseconds(stat.mtime),
    accessed_time: milliseconds(stat.atime),
    file_change_time: milliseconds(stat.ctime),
    device_id: integer(stat.dev),
    inode: integer(stat.ino),
    hard_links: stat.nlink,
    block_size: stat.blksize,
    blocks_allocated: integer(stat.blocks),
    file_mode: stat.mode,
    file_uid: stat.uid,
    file_gid: stat.gid,
  };
}

/** The columns that its path says of a file. */
export function nameColumns(path: string): Record<string, Cell> {
  return { file_path: path, file_name: basename(path), directory: dirname(path) };
}

const BACKUP = /(?:~|\.(?:bak|orig))$/i;

/** What a look at the inode and the name tell of a file on every Unix. */
export function statColumns(path: string, stat: FileStat, owners: Owners): Record<string, Cell> {
  const kind = typeOf(stat);
  const name = basename(path)!;
  const isDevice = kind === "block_device" || kind === "character_device";
  const row = nameColumns(path);
  Object.assign(row, attributes(stat, owners));
  row.device = isDevice ? integer(stat.rdev) : null;
  row.file_extension = /^.+\.([^.]+)$/s.exec(name)?.[1]?.toLowerCase() ?? null;
  row.file_backup = BACKUP.test(name);
  row.file_hidden = name.startsWith(".");
  row.file_readonly = (stat.mode & 0o222) === 0;
  row.file_executable = kind === "regular" && (stat.mode & 0o111) !== 0;
  row.file_directory = kind === "directory";
  row.file_symlink = kind === "symlink";
  row.file_socket = kind === "socket";
  row.file_pipe = kind === "pipe";
  row.file_device = isDevice;
  row.file_special = !["regular", "directory", "symlink"].includes(kind);
  return row;
}

/** What `node:fs` tells of a file. It has no time of creation where that is 0. */
export function fromStats(stats: BigIntStats): FileStat {
  return {
    mode: Number(stats.mode),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    nlink: Number(stats.nlink),
    size: stats.size,
    dev: stats.dev,
    ino: stats.ino,
    rdev: stats.rdev,
    blksize: Number(stats.blksize),
    blocks: stats.blocks,
    atime: stats.atimeNs,
    mtime: stats.mtimeNs,
    ctime: stats.ctimeNs,
    btime: stats.birthtimeNs || null,
  };
}

/** An unsigned number of 64 bits as SQL has it: what does not fit becomes negative, as in C. */
export function integer(value: bigint): number | bigint {
  const signed = BigInt.asIntN(64, value);
  const small = Number(signed);
  return Number.isSafeInteger(small) ? small : signed;
}

/** Ms of a time in ns; before 1970, too, the earlier one. */
function milliseconds(time: bigint): number {
  return Math.floor(Number(time / 1000n) / 1000);
}
