import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statfsSync,
} from "node:fs";
import type { TaskKeys } from "../../model/collection.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { CollectorContext } from "../core/collector.ts";
import { type ContentIdentity, isSettled } from "../files/content_cache.ts";
import { findExecutable, isFaithful } from "../hasher/executable_file.ts";
import { Failure, openProcFiles, type ProcFiles } from "../proc/files.ts";
import { parseStat } from "../proc/stat.ts";
import { expandGlob } from "./expand.ts";
import { attempt, type HostPaths, openHostPaths } from "./paths.ts";
import { createSource, Exhausted, type Source } from "./formats/source.ts";

/** An open file. It is read as it is now, whatever becomes of its name. */
export interface OpenFile {
  /** Length in bytes. */
  readonly size: number;
  /** When its contents last changed, ms since the epoch. */
  readonly modified: number;
  /** When it was created; absent where the filesystem does not say. */
  readonly created?: number;
  /** Which content of which file; absent where that may change and the times of the file stay. */
  readonly identity?: ContentIdentity;
  /** What it is open as in this process. */
  readonly descriptor: number;
  /** Number of the device that holds it. */
  readonly device: bigint;
  /** Inode number. */
  readonly inode: bigint;
  /** Whether it no longer has a name. */
  readonly deleted: boolean;
  /** Reads into a buffer from an offset; how many bytes it was. */
  readonly readInto: (buffer: Uint8Array, offset: number) => number;
  /** Throws when the file has had its time. */
  readonly checkTime: () => void;
  /** Its bytes for who reads formats, with a new allowance. */
  readonly source: () => Source;
  /** Whether its content is still what it was when it was opened. */
  readonly isUnchanged: () => boolean;
}

/** A file that was asked for, or why it could not be opened. */
export interface Target {
  /** The process, where it was asked for by process. */
  readonly pid?: number;
  /** Which process of that id it is. */
  readonly process_key?: string;
  /** Its path as it was asked for, or as the process has it; absent where that is not known. */
  readonly path?: string;
  /** The file. */
  readonly file: OpenFile | GapReason;
}

/**
 * Filesystems whose files are no files but questions to the kernel, which may wait for ever for an answer: by their magic
 * numbers (statfs(2)).
 */
const QUESTIONS: ReadonlySet<number> = new Set([
  0x0000_9fa0, // proc
  0x6265_6572, // sysfs
  0x6462_6720, // debugfs
  0x7472_6163, // tracefs
  0x0027_e0eb, // cgroup
  0x6367_7270, // cgroup2
  0x7363_6673, // securityfs
  0xf97c_ff8c, // selinuxfs
  0xcafe_4a11, // bpf
]);

/**
 * Opens the files that keys mean, one after the other; each is closed when the next one is asked for. What is no regular
 * file, or is not there, is none; what cannot be opened is told with its reason.
 */
export function* openTargets(
  keys: TaskKeys | undefined,
  { procRoot, filesRoot, deadline, partial }: CollectorContext,
): Iterable<Target> {
  if (keys?.column === "pid") {
    const processes = openProcFiles(procRoot);
    for (const [index, pid] of (keys.values ?? []).entries()) {
      yield* openProcess(processes, Number(pid), keys.processes?.[index] ?? null, deadline);
    }
    return;
  }
  const paths = openHostPaths(filesRoot ?? "/");
  const told = new Set<string>();
  const wanted = function* () {
    for (const path of keys?.values ?? []) yield String(path);
    for (const pattern of keys?.globs ?? []) {
      yield* expandGlob(paths, pattern, deadline, (reason) => partial?.(reason));
    }
  };
  for (const path of wanted()) {
    if (told.has(path)) continue;
    told.add(path);
    yield* openPath(paths, path, deadline);
  }
}

function* openPath(paths: HostPaths, path: string, deadline: number): Iterable<Target> {
  // No file is called so; a slash at the end asks for a folder.
  if (!path.startsWith("/") || path.endsWith("/") || path.includes("\0")) return;
  const resolved = paths.resolve(path);
  const stats = resolved instanceof Failure ? resolved : paths.stats(resolved);
  if (stats === Failure.GONE) return;
  if (resolved instanceof Failure) return void (yield { path, file: reasonOf(resolved) });
  if (stats instanceof Failure) return void (yield { path, file: reasonOf(stats) });
  if (!stats.isFile()) return;
  const kind = attempt(() => statfsSync(resolved).type);
  if (kind instanceof Failure || QUESTIONS.has(kind)) {
    return void (yield { path, file: "not_collected" });
  }
  yield* withFile(resolved, stats, { path }, deadline);
}

function* openProcess(
  files: ProcFiles,
  pid: number,
  wanted: string | null,
  deadline: number,
): Iterable<Target> {
  const bytes = files.read(`${pid}/stat`);
  if (bytes === Failure.GONE) return;
  if (bytes instanceof Failure) return void (yield { pid, file: reasonOf(bytes) });
  const stat = parseStat(bytes);
  if (!stat) return;
  const process_key = `${bootId(files)}:${pid}:${stat.starttime}`;
  if (wanted !== null && wanted !== process_key) return;
  const executable = findExecutable(files, pid, stat.starttime);
  if (executable === Failure.GONE) return;
  const process = { pid, process_key };
  if (executable instanceof Failure) return void (yield { ...process, file: reasonOf(executable) });
  const { link, path, stats } = executable;
  if (typeof stats === "string") yield { ...process, path, file: stats };
  else if (stats.isFile()) yield* withFile(link, stats, { ...process, path }, deadline);
}

function bootId(files: ProcFiles): string {
  const bytes = files.read("sys/kernel/random/boot_id");
  return bytes instanceof Failure ? "" : new TextDecoder().decode(bytes).trim();
}

/**
 * Opens a file that was found, and closes it afterwards. It may have become another one meanwhile, even a pipe, which must
 * not be waited for.
 */
function* withFile(
  path: string,
  found: BigIntStats,
  target: Omit<Target, "file">,
  deadline: number,
): Iterable<Target> {
  const file = attempt(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (file === Failure.GONE) return;
  if (file instanceof Failure) return void (yield { ...target, file: reasonOf(file) });
  try {
    const stats = attempt(() => fstatSync(file, { bigint: true }));
    const same = !(stats instanceof Failure) && stats.dev === found.dev && stats.ino === found.ino;
    const opened = same ? describe(file, stats, isFaithful(path), deadline) : "not_collected";
    yield { ...target, file: opened };
  } finally {
    closeSync(file);
  }
}

function describe(
  file: number,
  stats: BigIntStats,
  faithful: boolean,
  deadline: number,
): OpenFile {
  const size = Number(stats.size);
  const identity = {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    mtime: stats.mtimeNs,
    ctime: stats.ctimeNs,
  };
  const readInto = (buffer: Uint8Array, offset: number) =>
    readSync(file, buffer, 0, buffer.length, offset);
  // One that takes long leaves time for the others.
  const started = performance.now();
  const checkTime = timer(started + Math.max(0, deadline - started) / 2);
  return {
    size,
    modified: Number(stats.mtimeMs),
    ...(stats.birthtimeMs > 0n && { created: Number(stats.birthtimeMs) }),
    descriptor: file,
    device: stats.dev,
    inode: stats.ino,
    deleted: stats.nlink === 0n,
    ...(faithful && isSettled(identity, Date.now()) && { identity }),
    readInto,
    checkTime,
    source: () => createSource({ size, readInto, checkTime }),
    isUnchanged() {
      const now = attempt(() => fstatSync(file, { bigint: true }));
      return !(now instanceof Failure) && now.size === stats.size && now.mtimeNs === stats.mtimeNs;
    },
  };
}

/** Throws when it is too late. */
function timer(until: number): () => void {
  return () => {
    if (performance.now() > until) throw new Exhausted("deadline");
  };
}

function reasonOf({ reason }: Failure): GapReason {
  return reason === "gone" ? "not_collected" : reason;
}
