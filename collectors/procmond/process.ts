import type { processes } from "../../profiles/processes.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { hasProgram, KERNEL_THREAD, TICK } from "../proc/stat.ts";
import { type ControlGroups, parseControlGroups } from "./control_groups.ts";
import type { Extension } from "./extensions.ts";
import type { Host } from "./host.ts";
import { type Parents, type ProgramParts, readProgram } from "./program.ts";
import { parseStatus } from "./status.ts";
import { parseEnvironment } from "./strings.ts";

type ProcessRow = Row<typeof processes, "linux">;

/** What is read of every process; the hasher supplies what is known of the executable's file. */
type CoreRow = Omit<
  ProcessRow,
  | "executable_hash"
  | "hash_algorithm"
  | "file_exists"
  | "platform_data"
  | Exclude<keyof typeof processes.extensions.linux, "cgroup">
>;

/** Columns by where they are read. Where none of them is wanted nothing is read, and their values are `undefined`. */
export const SOURCES = {
  exe: [
    "executable_path",
    "executable_deleted",
    "parent_executable_path",
    "executable_hash",
    "hash_algorithm",
    "file_exists",
  ],
  cmdline: ["command_line", "arguments", "parent_command_line"],
  environ: ["environment_variables"],
  io: ["disk_usage"],
  cwd: ["working_directory"],
  root: ["root_directory"],
  cgroup: ["cgroup", "container_id"],
} as const satisfies Record<string, readonly (keyof ProcessRow)[]>;

/** A scan in the making. */
export interface Scan {
  /** Columns that the task asks for. */
  readonly wanted: ReadonlySet<string>;
  /** The process tree. */
  readonly files: ProcFiles;
  /** What all processes share. */
  readonly host: Host;
  /** What to read of programs. */
  readonly parts: ProgramParts;
  /** Which of the {@linkcode SOURCES} to read. */
  readonly reads:
    & ProgramParts
    & Readonly<Record<"environ" | "io" | "cwd" | "root" | "cgroup", boolean>>;
  /** Columns of Linux alone that are wanted. */
  readonly extensions: readonly (readonly [column: string, read: Extension])[];
  /** Processes that have been read, as parents. */
  readonly parents: Parents;
  /** Many processes share their control groups: what was read of them, by the text. */
  readonly controlGroups: Map<string, ControlGroups>;
}

/** The words for the kernel's letters (fs/proc/array.c); W and K are of old kernels. */
const STATES: Readonly<Record<string, string>> = {
  R: "running",
  W: "running",
  S: "sleeping",
  D: "disk_sleep",
  K: "disk_sleep",
  T: "stopped",
  t: "tracing_stop",
  Z: "zombie",
  X: "dead",
  x: "dead",
  I: "idle",
  P: "parked",
};

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
  const { files, host, reads } = scan;
  const program = readProgram(files, pid, scan.parts);
  if (program instanceof Failure) return unreadable(scan, pid, program);
  const statusBytes = files.read(`${pid}/status`);
  if (statusBytes instanceof Failure) return unreadable(scan, pid, statusBytes);
  const status = parseStatus(decode(statusBytes));
  const { stat, folder } = program;
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
  /** The text of one of the process's files, parsed at once, since the next one takes its place. */
  const parsed = <T>(file: string, parse: (bytes: Uint8Array) => T, ...columns: string[]) => {
    const bytes = given(files.read(`${folder}/${file}`), ...columns);
    return bytes && parse(bytes);
  };

  const executable = given(program.executable, "executable_path", "executable_deleted");
  const words = given(program.arguments, "command_line", "arguments");
  // A program without arguments is rare; the memory of one that is just ending reads the same.
  if (words?.command_line === "") changed = true;
  const groups = reads.cgroup
    ? parsed("cgroup", (bytes) => controlGroups(scan, decode(bytes)), "cgroup", "container_id")
    : undefined;
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
    state: STATES[stat.state] ?? "sleeping",
    kernel_thread: (stat.flags & KERNEL_THREAD) !== 0,
    cpu_usage: age > 0 ? 100 * used / age : null,
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
    working_directory: reads.cwd
      ? given(files.link(`${folder}/cwd`), "working_directory")
      : undefined,
    root_directory: reads.root ? given(files.link(`${folder}/root`), "root_directory") : undefined,
    environment_variables: reads.environ
      ? runs ? parsed("environ", parseEnvironment, "environment_variables") : null
      : undefined,
    disk_usage: reads.io ? parsed("io", diskUsage, "disk_usage") : undefined,
    thread_count: stat.num_threads,
    priority: stat.priority,
    nice_value: stat.nice,
    session_id: stat.session,
    parent_process: parent?.stat.comm ?? null,
    parent_executable_path: reads.executable ? parentExecutable?.path ?? null : undefined,
    parent_command_line: reads.arguments ? parentWords?.command_line ?? null : undefined,
    container_id: reads.cgroup ? groups?.container_id ?? null : undefined,
    cgroup: reads.cgroup ? groups?.json ?? null : undefined,
    accessible: true,
  };
  const cells: Record<string, Cell | undefined> = row;
  for (const [column, read] of scan.extensions) cells[column] = given(read(files, folder), column);
  row.accessible = accessible;
  scan.parents.add(pid, program);
  return { row: cells, gaps, changed };
}

/** A process that the kernel lists and tells nothing of, as `hidepid` does; `undefined` where it has ended. */
function unreadable({ wanted }: Scan, pid: number, { reason }: Failure): Attempt | undefined {
  if (reason === "gone") return undefined;
  const row = { pid, accessible: false };
  const gaps = [...wanted].filter((column) => !(column in row)).map((column) => [column, reason]);
  return { row, gaps: Object.fromEntries(gaps), changed: false };
}

/** Remembered texts are few, unless somebody makes control groups to fill our memory. */
const MAX_CONTROL_GROUPS = 10_000;

function controlGroups({ controlGroups }: Scan, text: string): ControlGroups {
  let groups = controlGroups.get(text);
  if (!groups) {
    groups = parseControlGroups(text);
    if (controlGroups.size < MAX_CONTROL_GROUPS) controlGroups.set(text, groups);
  }
  return groups;
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
