import { type BigIntStats, lstatSync, statfsSync, statSync } from "node:fs";
import type { GapReason } from "../../schema/batch.ts";
import { DELETED_MARK, parseExecutableLink } from "../proc/executable.ts";
import { Failure, failure, type ProcFiles } from "../proc/files.ts";
import { livingFolder, parseStat } from "../proc/stat.ts";

/** The file that a process runs. */
export interface ExecutableFile {
  /** Path of the link that opens it. */
  readonly link: string;
  /** Its path, without the kernel's mark. */
  readonly path: string;
  /** Whether it no longer has a name. */
  readonly deleted: boolean;
  /** Whether a file stands at the path where the process lives; the reason where that cannot be told. */
  readonly exists: boolean | GapReason;
  /** What the file is; the reason where that cannot be told. */
  readonly stats: BigIntStats | GapReason;
}

/**
 * Files that stand where they were begun, by what tells one from another at little cost: for the many processes of a host
 * that run the same file, most of it need be read only once. Not to be kept beyond a task.
 */
export type StandingFiles = Map<
  string,
  Pick<ExecutableFile, "path" | "deleted" | "exists" | "stats">
>;

/**
 * Looks at the file that a process runs. The start time tells whether the process is still the one that is meant; it is
 * read last, because an id that has been given to another process does not come back.
 */
export function findExecutable(
  files: ProcFiles,
  pid: number,
  starttime: number,
  seen?: StandingFiles,
): ExecutableFile | Failure {
  let folder = String(pid);
  let text = files.link(`${folder}/exe`);
  if (text === Failure.GONE) {
    const stat = readStat(files, pid);
    if (!stat) return Failure.GONE;
    folder = livingFolder(files, pid, stat);
    text = files.link(`${folder}/exe`);
  }
  if (text instanceof Failure) return text;

  const link = `${files.root}/${folder}/exe`;
  const root = files.link(`${folder}/root`);
  const place = seen && placeOf(files, folder, link);
  const key = place && `${place} ${root} ${text}`;
  const known = key && seen?.get(key);
  if (known) {
    return readStat(files, pid)?.starttime === starttime ? { link, ...known } : Failure.GONE;
  }

  const stats = attempt(() => statSync(link, { bigint: true }));
  // The path counts from the root of the process's mounts, which lies above a changed root.
  const up = typeof root === "string" ? "/..".repeat(root.split("/").filter(Boolean).length) : "";
  const at = (path: string) =>
    attempt(() => lstatSync(`${files.root}/${folder}/root${up}${path}`, { bigint: true }));
  const isSame = (other: BigIntStats | Failure) =>
    !(other instanceof Failure) && !(stats instanceof Failure) && other.dev === stats.dev &&
    other.ino === stats.ino;

  let { path, deleted } = parseExecutableLink(text);
  let standing = at(path);
  if (deleted && isSame(standing)) deleted = false;
  else if (deleted) {
    const whole = at(path + DELETED_MARK);
    if (isSame(whole)) {
      path += DELETED_MARK;
      standing = whole;
      deleted = false;
    }
  }
  if (readStat(files, pid)?.starttime !== starttime) return Failure.GONE;
  const found: ReturnType<StandingFiles["get"]> = {
    path,
    deleted,
    exists: !(standing instanceof Failure) ? true : standing.reason !== "gone"
      ? standing.reason
      // A name that is not UTF-8 does not lead back to its file.
      : path.includes("\ufffd")
      ? "not_collected"
      : false,
    stats: !(stats instanceof Failure)
      ? stats
      : stats.reason === "gone"
      ? "not_collected"
      : stats.reason,
  };
  if (key && isSame(standing)) seen?.set(key, found);
  return { link, ...found };
}

/**
 * Tells a file and the mounts that it is seen through from others, at less cost than its exact times; `undefined` where that
 * cannot be told.
 */
function placeOf(files: ProcFiles, folder: string, link: string): string | undefined {
  const mounts = files.link(`${folder}/ns/mnt`);
  if (mounts instanceof Failure) return undefined;
  try {
    const { dev, ino, size, mtime, ctime } = Deno.statSync(link);
    // Beyond that it would be rounded.
    if (!Number.isSafeInteger(ino)) return undefined;
    return `${mounts} ${dev} ${ino} ${size} ${Number(mtime)} ${Number(ctime)}`;
  } catch {
    return undefined;
  }
}

function readStat(files: ProcFiles, pid: number) {
  const bytes = files.read(`${pid}/stat`);
  return bytes instanceof Failure ? undefined : parseStat(bytes);
}

function attempt<T>(read: () => T): T | Failure {
  try {
    return read();
  } catch (error) {
    // A folder that has become a file, and links that lead in circles, lead to nothing as well.
    return (error as { code?: string }).code === "ENOTDIR" ? Failure.GONE : failure(error);
  }
}

/** Which content of which file: it changes with every write that the filesystem notices. */
export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/**
 * Filesystems where content can change and the times stay, by their magic numbers (statfs(2)): memory that is written
 * through a mapping, and whatever a program of a user makes up.
 */
const FORGETFUL: ReadonlySet<number> = new Set([
  0x0102_1994, // tmpfs, and with it memfd
  0x8584_58f6, // ramfs
  0x9584_58f6, // hugetlbfs
  0x6573_5546, // fuse
]);

/** Whether the identity of a file vouches for its content. */
export function isFaithful(link: string): boolean {
  try {
    return !FORGETFUL.has(statfsSync(link).type);
  } catch {
    return false;
  }
}
