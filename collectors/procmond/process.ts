import type { linux } from "../../profiles/extensions/processes.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Reading } from "../core/collector.ts";
import type { ExecutableLink } from "../proc/executable.ts";
import { decode, Failure } from "../proc/files.ts";
import { hasProgram, KERNEL_THREAD, livingFolder, type Stat, stateOf, TICK } from "../proc/stat.ts";
import type { OwnParts, Portrait, Recalled } from "./memory.ts";
import { readArguments, readExecutable, readStat } from "./program.ts";
import type { ProcessRow, Scan } from "./scan.ts";
import { parseStatus, type Status } from "./status.ts";

/** What is read of every process; the hasher supplies what is known of the executable's file. */
type CoreRow = Omit<
  ProcessRow,
  | "executable_hash"
  | "hash_algorithm"
  | "file_exists"
  | "platform_data"
  | Exclude<keyof typeof linux, "cgroup">
>;

/**
 * Reads a process; `undefined` where it has ended. One that ends while it is read is read once more: as a zombie it is
 * still a row. What a running program lacks even then could not be collected.
 */
export function readProcess(scan: Scan, pid: number): Reading | undefined {
  const first = readOnce(scan, pid);
  if (!first?.changed) return first;
  return readOnce(scan, pid);
}

/** A reading, and whether the process changed so much meanwhile that parts of it were gone. */
interface Attempt extends Reading {
  readonly changed: boolean;
}

function readOnce(scan: Scan, pid: number): Attempt | undefined {
  const { files, memory, schedules } = scan;
  const schedule = memory.knows(pid) ? schedules.of(files, pid) : undefined;
  const resting = schedule === undefined ? undefined : memory.recall(pid, schedule);
  // Children of a parent that has ended have another.
  const parent = resting && scan.parents.of(resting.stat);
  if (resting && (parent || resting.stat.ppid === 0)) {
    return finish(scan, pid, resting, resting, schedule);
  }
  const stat = readStat(files, pid);
  if (stat instanceof Failure) return unreadable(scan, pid, stat);
  const statusBytes = files.read(`${pid}/status`);
  if (statusBytes instanceof Failure) return unreadable(scan, pid, statusBytes);
  const status = parseStatus(decode(statusBytes));
  return finish(scan, pid, { stat, status }, memory.recognize(pid, stat, status), schedule);
}

/** Reads what is not yet known of a process, and remembers it. */
function finish(
  scan: Scan,
  pid: number,
  { stat, status }: Pick<Portrait, "stat" | "status">,
  known: Recalled | undefined,
  schedule: string | undefined,
): Attempt {
  const { files, memory } = scan;
  const folder = livingFolder(files, pid, stat);
  const parts = readParts(scan, folder, stat, known?.parts);
  // A file may lose its name at any time.
  const look = () => readExecutable(files, folder, stat);
  const executable = !scan.reads.executable
    ? undefined
    : known
    ? scan.executables.again(known, look)
    : look();
  const attempt = attemptOf(scan, { pid, folder, stat, status, parts, executable });
  if (!attempt.changed) {
    memory.remember(pid, { stat, status, parts, executable }, schedule, known !== undefined);
  }
  scan.parents.add(pid, {
    stat,
    executable: executable ?? null,
    arguments: parts.arguments ?? null,
  });
  return attempt;
}

/** Reads what is wanted and not yet known. */
function readParts(scan: Scan, folder: string, stat: Stat, known: OwnParts | undefined): OwnParts {
  const { files, reads, groups, environment } = scan;
  const read = <T>(file: string, parse: (bytes: Uint8Array) => T): T | Failure => {
    const bytes = files.read(`${folder}/${file}`);
    return bytes instanceof Failure ? bytes : parse(bytes);
  };
  const parts: { -readonly [part in keyof OwnParts]: OwnParts[part] } = { ...known };
  if (reads.arguments) parts.arguments ??= readArguments(files, folder, stat);
  if (reads.environ) parts.environ ??= hasProgram(stat) ? read("environ", environment) : null;
  if (reads.cwd) parts.cwd ??= files.link(`${folder}/cwd`);
  if (reads.root) parts.root ??= files.link(`${folder}/root`);
  if (reads.groups) parts.groups ??= read("cgroup", groups);
  if (reads.io) parts.io ??= read("io", diskUsage);
  return parts;
}

/** All that was read of a process. */
interface Parts {
  readonly pid: number;
  readonly folder: string;
  readonly stat: Stat;
  readonly status: Status;
  readonly parts: OwnParts;
  readonly executable: ExecutableLink | Failure | null | undefined;
}

function attemptOf(scan: Scan, { pid, folder, stat, status, parts, ...read }: Parts): Attempt {
  const { host, reads, files, sockets } = scan;
  const runs = hasProgram(stat);
  const gaps: Record<string, GapReason> = {};
  let accessible = true;
  let changed = false;
  /** The value, or NULL, with the reason where the host has one and keeps it back. */
  const given = <T>(value: T | Failure, ...columns: string[]): T | null => {
    if (!(value instanceof Failure)) return value;
    const { reason } = value;
    if (reason === "gone" && !runs) return null;
    changed ||= reason === "gone";
    accessible &&= reason !== "denied";
    for (const column of columns) gaps[column] = reason === "gone" ? "not_collected" : reason;
    return null;
  };

  const executable = given(read.executable, "executable_path", "executable_deleted");
  const words = given(parts.arguments, "command_line", "arguments");
  // A program without arguments is rare; the memory of one that is just ending reads the same.
  if (words?.command_line === "") changed = true;
  const groups = given(parts.groups, "cgroup", "container_id");
  const age = Math.max(0, host.uptime() - stat.starttime * TICK);
  const used = (stat.utime + stat.stime) * TICK;

  const parent = scan.parents.of(stat);
  const parentGiven = <T>(value: T | Failure | null | undefined, column: string) => {
    if (value instanceof Failure && value.reason !== "gone") gaps[column] = value.reason;
    return value instanceof Failure ? null : value ?? null;
  };
  const parentExecutable = parentGiven(parent?.executable, "parent_executable_path");
  const parentWords = parentGiven(parent?.arguments, "parent_command_line");

  const row: { -readonly [C in keyof CoreRow]: CoreRow[C] | undefined } = {
    pid,
    ppid: stat.ppid,
    process_key: `${host.bootId}:${pid}:${stat.starttime}`,
    parent_key: parent ? `${host.bootId}:${stat.ppid}:${parent.stat.starttime}` : null,
    name: stat.comm,
    executable_path: reads.executable ? executable?.path ?? null : undefined,
    executable_deleted: reads.executable ? executable?.deleted ?? null : undefined,
    command_line: reads.arguments ? words?.command_line ?? null : undefined,
    arguments: reads.arguments ? words?.json ?? null : undefined,
    state: stateOf(stat),
    kernel_thread: (stat.flags & KERNEL_THREAD) !== 0,
    cpu_usage: scan.memory.usage(pid, stat, used) ?? (age > 0 ? 100 * used / age : null),
    accumulated_cpu_time: used,
    memory_rss: status.rss,
    memory_vms: stat.vsize,
    start_time: host.bootTime + stat.starttime * TICK,
    run_time: Math.floor(age / 1000),
    user_id: status.uid,
    effective_user_id: status.effectiveUid,
    user_name: status.uid === null ? null : host.users.get(status.uid) ?? null,
    group_id: status.gid,
    effective_group_id: status.effectiveGid,
    working_directory: reads.cwd ? given(parts.cwd!, "working_directory") : undefined,
    root_directory: reads.root ? given(parts.root!, "root_directory") : undefined,
    environment_variables: reads.environ
      ? given(parts.environ!, "environment_variables")
      : undefined,
    disk_usage: reads.io ? given(parts.io!, "disk_usage") : undefined,
    thread_count: stat.num_threads,
    priority: stat.priority,
    nice_value: stat.nice,
    session_id: stat.session,
    parent_process: parent?.stat.comm ?? null,
    parent_executable_path: reads.executable ? parentExecutable?.path ?? null : undefined,
    parent_command_line: reads.arguments ? parentWords?.command_line ?? null : undefined,
    container_id: reads.groups ? groups?.container_id ?? null : undefined,
    cgroup: reads.groups ? groups?.json ?? null : undefined,
    accessible: true,
  };
  const cells: Record<string, Cell | undefined> = row;
  for (const [column, readColumn] of scan.extensions) {
    cells[column] = given(readColumn({ files, pid, folder, sockets }), column);
  }
  row.accessible = accessible;
  return { row: cells, gaps, changed };
}

/** A process that the kernel lists and tells nothing of, as `hidepid` does; `undefined` where it has ended. */
function unreadable({ wanted }: Scan, pid: number, { reason }: Failure): Attempt | undefined {
  if (reason === "gone") return undefined;
  const row = { pid, accessible: false };
  const gaps = [...wanted].filter((column) => !(column in row)).map((column) => [column, reason]);
  return { row, gaps: Object.fromEntries(gaps), changed: false };
}

/** Reads `io` for what reached storage. */
export function diskUsage(bytes: Uint8Array): string | null {
  const text = decode(bytes);
  const [, read] = /^read_bytes: (\d+)$/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)$/m.exec(text) ?? [];
  return read === undefined || written === undefined
    ? null
    : `{"read_bytes":${read},"write_bytes":${written}}`;
}
