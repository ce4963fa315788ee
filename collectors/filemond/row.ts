import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Reading } from "../core/collector.ts";
import { nameColumns, statColumns, typeOf } from "../files/attributes.ts";
import type { ContentCache } from "../files/content_cache.ts";
import type { Owners } from "../files/owners.ts";
import { decode, Failure, MAX_FILE } from "../proc/files.ts";
import { CONTENT_COLUMNS, type Contents, readContents } from "./contents.ts";
import { lockKey, parseDiskStats, parseLocks } from "./devices.ts";
import { readAcl, readAttributes, readFileCapabilities } from "./extended_attributes.ts";
import type { HostFiles } from "./host_files.ts";
import { KERNEL_COLUMNS, readKernel } from "./kernel.ts";
import { hasContents, type HostMounts, isFaithful } from "./mounts.ts";
import type { Statx } from "./statx.ts";
import type { Found } from "./walk.ts";

/** What rows are made of besides the files themselves. */
export interface RowOptions {
  /** Columns wanted. */
  readonly project: readonly string[];
  /** As `performance.now()` counts. */
  readonly deadline: number;
  /** Names of owners. */
  readonly owners: Owners;
  /** The host's mounts. */
  readonly mounts: HostMounts;
  /** What is known of contents. */
  readonly cache: ContentCache<Contents>;
}

/** Makes a row of a file that was found; `undefined` where it has gone meanwhile. */
export type RowMaker = (found: Found) => Promise<Reading | undefined>;

type Row = Record<string, Cell>;
type Gaps = Record<string, GapReason>;

const FS_IOC_GETFLAGS = 0x8008_6601n;
const FS_IOC_GETVERSION = 0x8008_7601n;
const STATX_ATTR_ENCRYPTED = 0x800;

/** Columns that take an open file. */
const OPENED: readonly string[] = [
  ...["extended_attributes", "acl_entries", "capabilities", "symlink_target"],
  ...["file_flags", "file_generation"],
  ...CONTENT_COLUMNS,
];

/** Makes a {@linkcode RowMaker}; what is the same for all rows is read once, if it is wanted. */
export function createRowMaker(files: HostFiles, options: RowOptions): RowMaker {
  const { project, deadline, owners, mounts, cache } = options;
  const wanted = new Set(project);
  const opens = OPENED.some((column) => wanted.has(column));
  const contents = CONTENT_COLUMNS.filter((column) => wanted.has(column));
  const kernel = KERNEL_COLUMNS.filter((column) => wanted.has(column))
    .map((column) => [column, readKernel(files, column)] as const);
  const table = <T>(column: string, path: string, parse: (text: string) => T) => {
    const bytes = wanted.has(column) ? files.content(path, MAX_FILE) : Failure.GONE;
    return bytes instanceof Failure ? bytes : parse(decode(bytes));
  };
  const disks = table("disk_stats", "/proc/diskstats", parseDiskStats);
  const locks = table("file_locks", "/proc/locks", parseLocks);

  const put = (row: Row, gaps: Gaps, column: string, read: () => Cell | Failure) => {
    if (!wanted.has(column)) return;
    const value = read();
    if (value instanceof Failure) gaps[column] = reasonOf(value);
    else row[column] = value;
  };

  /** The columns that take an open file. */
  const look = async (row: Row, gaps: Gaps, file: number, stat: Statx) => {
    const mount = mounts.find(stat.mount);
    const readable = mount !== undefined && hasContents(mount);
    const kind = typeOf(stat);
    put(row, gaps, "symlink_target", () => kind === "symlink" ? files.target(file) : null);
    const columns = [
      ["extended_attributes", () => readAttributes(files, file)],
      ["acl_entries", () => readAcl(files, file, owners)],
      ["capabilities", () => readFileCapabilities(files, file)],
    ] as const;
    for (const [column, read] of columns) {
      if (!wanted.has(column)) continue;
      const value = read();
      if (value !== null && isGap(value)) gaps[column] = value;
      else row[column] = value;
    }
    const asks = [["file_flags", FS_IOC_GETFLAGS], ["file_generation", FS_IOC_GETVERSION]] as const;
    for (const [column, request] of asks) {
      put(row, gaps, column, () => {
        const isFolder = kind === "directory";
        if (!readable || !isFolder && kind !== "regular") return null;
        const open = files.open(file, isFolder);
        if (open instanceof Failure) return open;
        const answer = files.ask(open, request);
        files.close(open);
        return answer === Failure.GONE ? null : answer;
      });
    }
    if (contents.length === 0) return;
    const reading = await readContents(files, file, stat, contents, {
      deadline,
      readable,
      ...(mount && isFaithful(mount) && { cache }),
    });
    for (const column of contents) row[column] = reading.values[column] ?? null;
    Object.assign(gaps, reading.gaps);
    if ((stat.attributes & STATX_ATTR_ENCRYPTED) !== 0 && wanted.has("file_encryption")) {
      row.file_encryption = "fscrypt";
      delete gaps.file_encryption;
    }
  };

  return async ({ path, folder, name, file: given }) => {
    const file = given ?? (opens && folder !== undefined ? files.enter(folder, name!) : undefined);
    try {
      const stat = file instanceof Failure
        ? file
        : file !== undefined
        ? files.stat(file)
        : folder === undefined
        ? Failure.DENIED
        : files.stat(folder, name);
      if (stat === Failure.GONE) return undefined;
      if (stat instanceof Failure) {
        const row: Row = nameColumns(path);
        const missing = project.filter((column) => !(column in row));
        const reason = reasonOf(stat);
        return { row, gaps: Object.fromEntries(missing.map((column) => [column, reason])) };
      }
      const row = statColumns(path, stat, owners);
      for (const column of ABSENT) row[column] = null;
      const gaps: Gaps = {};
      const mount = mounts.find(stat.mount);
      row.mount_point = mount?.mount_point ?? null;
      row.filesystem_type = mount?.filesystem ?? null;
      put(row, gaps, "mount_info", () => {
        if (!mount) return Failure.OTHER;
        const { source, mount_point, filesystem, options } = mount;
        return JSON.stringify({ source, mount_point, filesystem, options });
      });
      if (wanted.has("mount_stats")) {
        const value = mount ? mounts.statistics(mount) : "not_collected";
        if (value !== null && isGap(value)) gaps.mount_stats = value;
        else row.mount_stats = value;
      }
      put(
        row,
        gaps,
        "disk_stats",
        () => disks instanceof Failure ? disks : disks.get(stat.device) ?? null,
      );
      put(row, gaps, "file_locks", () => {
        if (locks instanceof Failure) return locks;
        const held = locks.get(lockKey(stat));
        return held ? JSON.stringify(held) : null;
      });
      for (const [column, value] of kernel) {
        if ("missing" in value) gaps[column] = value.missing;
        else row[column] = value.value;
      }
      if (opens && typeof file === "number") await look(row, gaps, file, stat);
      const told: Record<string, Cell | undefined> = {};
      for (const column of project) told[column] = row[column];
      return { row: told, gaps };
    } finally {
      if (given === undefined && typeof file === "number") files.close(file);
    }
  };
}

/** What Linux has no such thing as. */
const ABSENT: readonly string[] = [
  ...["file_attributes", "file_creation_time", "file_last_write_time", "file_last_access_time"],
  ...["file_archive", "file_system", "inode_max", "super_max", "super_nr", "dquot_max"],
];

const GAPS: readonly string[] = ["denied", "deadline", "budget", "not_collected"];

/** JSON text begins with a bracket, so it is none of these words. */
function isGap(value: string): value is GapReason {
  return GAPS.includes(value);
}

function reasonOf({ reason }: Failure): GapReason {
  return reason === "gone" ? "not_collected" : reason;
}
