import type { processes } from "../../profiles/processes.ts";
import type { Row } from "../../schema/row.ts";
import type { Wanted } from "../proc/ahead.ts";
import { decode, type ProcFiles } from "../proc/files.ts";
import { createSocketTables, type SocketTables } from "./connections.ts";
import { type ControlGroups, parseControlGroups } from "./control_groups.ts";
import { type Extension, EXTENSIONS } from "./extensions.ts";
import type { Host } from "./host.ts";
import type { Memory } from "./memory.ts";
import { createExecutables, createParents, type Executables, type Parents } from "./program.ts";
import { readSchedule, type Schedules } from "./schedules.ts";
import { parseEnvironment } from "./strings.ts";

/** A row of `processes` on Linux. */
export type ProcessRow = Row<typeof processes, "linux">;

/** Columns by what they are read from. Where none of them is wanted it is not read, and their values are `undefined`. */
const READ_FROM = {
  executable: [
    "executable_path",
    "executable_deleted",
    "parent_executable_path",
    "executable_hash",
    "hash_algorithm",
    "file_exists",
  ],
  arguments: ["command_line", "arguments", "parent_command_line"],
  environ: ["environment_variables"],
  io: ["disk_usage"],
  cwd: ["working_directory"],
  root: ["root_directory"],
  groups: ["cgroup", "container_id"],
} as const satisfies Record<string, readonly (keyof ProcessRow)[]>;

/** What is read of processes besides `stat` and `status`. */
export type Reads = Readonly<Record<keyof typeof READ_FROM, boolean>>;

/** A scan in the making. */
export interface Scan {
  /** Columns that the task asks for. */
  readonly wanted: ReadonlySet<string>;
  /** The process tree. */
  readonly files: ProcFiles;
  /** What all processes share. */
  readonly host: Host;
  /** What to read. */
  readonly reads: Reads;
  /** Columns of Linux alone that are wanted. */
  readonly extensions: readonly (readonly [column: string, read: Extension])[];
  /** What is known from earlier scans. */
  readonly memory: Memory;
  /** Tells which processes have run. */
  readonly schedules: Pick<Schedules, "of">;
  /** The files that processes still run. */
  readonly executables: Executables;
  /** Processes that have been read, as parents. */
  readonly parents: Parents;
  /** The sockets of the host, read when the first process needs them. */
  readonly sockets: SocketTables;
  /** Reads `cgroup`. */
  readonly groups: (bytes: Uint8Array) => ControlGroups;
  /** Reads `environ`. */
  readonly environment: (bytes: Uint8Array) => string;
}

/** Files and links in the folder of a process, by what is read of them. */
const FILES: Partial<Record<keyof Reads, string>> = {
  arguments: "cmdline",
  environ: "environ",
  groups: "cgroup",
  io: "io",
};
const LINKS: Partial<Record<keyof Reads, string>> = { executable: "exe", cwd: "cwd", root: "root" };

/** What is read of a process that is not yet known, for the columns that a task wants. */
export function wantedFiles(project: readonly string[]): Wanted {
  const reads = readsOf(new Set(project));
  const named = (names: Partial<Record<keyof Reads, string>>) =>
    Object.entries(names).filter(([part]) => reads[part as keyof Reads]).map(([, name]) => name);
  return { files: ["stat", "status", ...named(FILES)], links: named(LINKS) };
}

function readsOf(wanted: ReadonlySet<string>): Reads {
  const entries = Object.entries(READ_FROM).map(([part, columns]) =>
    [part, columns.some((column) => wanted.has(column))] as const
  );
  return Object.fromEntries(entries) as Reads;
}

/** Begins a scan for the columns that a task wants. */
export function createScan(
  project: readonly string[],
  files: ProcFiles,
  host: Host,
  memory: Memory,
  schedules: Scan["schedules"] = { of: readSchedule },
): Scan {
  const wanted = new Set(project);
  const reads = readsOf(wanted);
  return {
    wanted,
    files,
    host,
    reads,
    extensions: Object.entries(EXTENSIONS).filter(([name]) => wanted.has(name)),
    memory,
    schedules,
    executables: createExecutables(),
    parents: createParents(files, reads),
    sockets: createSocketTables(files),
    groups: remembering(parseControlGroups),
    environment: remembering(parseEnvironment),
  };
}

/** Remembered texts are few, unless somebody makes them to fill our memory. */
const MAX_TEXTS = 1000;
const MAX_LENGTH = 4096;

/** Many processes have the same control groups and the same environment: reads each text once. */
function remembering<T>(parse: (text: string) => T): (bytes: Uint8Array) => T {
  const known = new Map<string, T>();
  return (bytes) => {
    const text = decode(bytes);
    let value = known.get(text);
    if (value === undefined) {
      value = parse(text);
      if (text.length <= MAX_LENGTH && known.size < MAX_TEXTS) known.set(text, value);
    }
    return value;
  };
}
