import type { linux } from "../../profiles/extensions/processes.ts";
import type { Cell } from "../../schema/batch.ts";
import { decode, Failure, listFolder, type ProcFiles } from "../proc/files.ts";
import { parseMountInfo, parseMountStatistics } from "../proc/mounts.ts";
import { parseCapabilities } from "./capabilities.ts";
import { heldSockets, type SocketTables } from "./connections.ts";
import { parseAutogroup, parseCoredumpFilter, parseCounters, parseLimits } from "./counters.ts";
import { parseMaps, parseReferenced, parseRollup, parseSmaps } from "./mappings.ts";
import { readThreads, threadChildren, threadIo, threadStat, threadStatus } from "./threads.ts";

/** A process whose columns are to be read. */
export interface Subject {
  /** The process tree. */
  readonly files: ProcFiles;
  /** Its id. */
  readonly pid: number;
  /** The folder from which to read what its threads share. */
  readonly folder: string;
  /** The sockets of the host. */
  readonly sockets: SocketTables;
}

/** Reads one column of a process; NULL where the process has no such thing. */
export type Extension = (subject: Subject) => Cell | Failure;

/**
 * The columns that only Linux has and that are read only for detections that ask for them (proc(5)); `cgroup` is read with
 * the others.
 */
export const EXTENSIONS: Readonly<Record<Exclude<keyof typeof linux, "cgroup">, Extension>> = {
  memory_maps: ({ files, folder }) => json(files.readPieces(`${folder}/maps`), parseMaps),
  file_descriptors: (subject) => json(descriptors(subject), itself),
  network_connections: (subject) => {
    const open = descriptors(subject);
    if (open instanceof Failure) return gone(open);
    const targets = open.map(({ target }) => target);
    // Most processes hold none, and then no table need be read.
    if (!targets.some((target) => target.startsWith("socket:"))) return "[]";
    return json(subject.sockets.of(subject.pid), (sockets) => heldSockets(targets, sockets));
  },
  namespaces: ({ files, folder }) => {
    const namespaces: Record<string, number> = {};
    for (const kind of NAMESPACES) {
      const target = files.link(`${folder}/ns/${kind}`);
      if (target === Failure.DENIED) return target;
      const inode = target instanceof Failure ? undefined : /\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) namespaces[kind] = Number(inode);
    }
    // What has ended has left them.
    return Object.keys(namespaces).length > 0 ? JSON.stringify(namespaces) : null;
  },
  capabilities: (subject) => json(text(subject, "status"), parseCapabilities),
  security_context: (subject) => {
    const context = text(subject, "attr/current");
    // Without a security module the kernel refuses to read the file, or knows none.
    if (context instanceof Failure) return context === Failure.DENIED ? context : null;
    return context.replace(/[\0\n]+$/, "") || null;
  },
  io_statistics: (subject) => json(text(subject, "io"), parseCounters),
  limits: (subject) => json(text(subject, "limits"), parseLimits),
  oom_score: (subject) => integer(text(subject, "oom_score")),
  oom_score_adj: (subject) => integer(text(subject, "oom_score_adj")),
  autogroup: (subject) => json(text(subject, "autogroup"), parseAutogroup),
  clear_refs: (subject) => json(text(subject, "smaps_rollup"), parseReferenced),
  coredump_filter: (subject) => json(text(subject, "coredump_filter"), parseCoredumpFilter),
  mountinfo: ({ files, folder }) =>
    json(files.readPieces(`${folder}/mountinfo`), (bytes) => parseMountInfo(decode(bytes))),
  mountstats: ({ files, folder }) =>
    json(files.readPieces(`${folder}/mountstats`), (bytes) => parseMountStatistics(decode(bytes))),
  smaps: ({ files, folder }) => json(files.readPieces(`${folder}/smaps`), parseSmaps),
  smaps_rollup: (subject) => json(text(subject, "smaps_rollup"), parseRollup),
  wchan: (subject) => {
    const name = text(subject, "wchan");
    return name instanceof Failure || !/^\w*[a-z]/i.test(name) ? gone(name) : name.trim();
  },
  task_stat: ({ files, pid }) => json(readThreads(files, pid, "stat", threadStat), itself),
  task_status: ({ files, pid }) => json(readThreads(files, pid, "status", threadStatus), itself),
  task_io: ({ files, pid }) => json(readThreads(files, pid, "io", threadIo), itself),
  task_children: ({ files, pid }) =>
    json(readThreads(files, pid, "children", threadChildren), itself),
};

const NAMESPACES = [
  "cgroup",
  "ipc",
  "mnt",
  "net",
  "pid",
  "pid_for_children",
  "time",
  "user",
  "uts",
];

function descriptors(
  { files, folder }: Subject,
): readonly { readonly fd: number; readonly target: string }[] | Failure {
  const fds = listFolder(files, `${folder}/fd`);
  if (fds instanceof Failure) return fds;
  return fds.flatMap((fd) => {
    const target = files.link(`${folder}/fd/${fd}`);
    return target instanceof Failure ? [] : [{ fd: Number(fd), target }];
  });
}

function text({ files, folder }: Subject, file: string): string | Failure {
  const bytes = files.read(`${folder}/${file}`);
  return bytes instanceof Failure ? bytes : decode(bytes);
}

/** NULL for what is not there, the failure itself for what could not be read. */
function gone(value: unknown): null | Failure {
  return value instanceof Failure && value !== Failure.GONE ? value : null;
}

function json<T>(
  content: T | Failure,
  parse: (content: T) => unknown,
): Cell | Failure {
  if (content instanceof Failure) return gone(content);
  const value = parse(content);
  return value === undefined ? null : JSON.stringify(value);
}

function integer(content: string | Failure): Cell | Failure {
  if (content instanceof Failure) return gone(content);
  return /^-?\d+\s*$/.test(content) ? Number(content) : null;
}

function itself<T>(value: T): T {
  return value;
}
