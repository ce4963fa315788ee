import { type ExecutableLink, parseExecutableLink } from "../proc/executable.ts";
import { Failure, type ProcFiles } from "../proc/files.ts";
import { hasProgram, livingFolder, parseStat, type Stat } from "../proc/stat.ts";
import { type Arguments, parseArguments } from "./strings.ts";

/** What a process runs, as far as it was asked for; NULL where there is no such thing. */
export interface Program {
  /** What the kernel counts. */
  readonly stat: Stat;
  /** The file that it runs. */
  readonly executable: ExecutableLink | Failure | null;
  /** What it was started with. */
  readonly arguments: Arguments | Failure | null;
}

/** Which parts of a {@linkcode Program} to read. */
export interface ProgramParts {
  /** The file that it runs. */
  readonly executable: boolean;
  /** What it was started with. */
  readonly arguments: boolean;
}

/** Reads what the kernel counts of a process. */
export function readStat(files: ProcFiles, pid: number): Stat | Failure {
  const bytes = files.read(`${pid}/stat`);
  return bytes instanceof Failure ? bytes : parseStat(bytes) ?? Failure.OTHER;
}

/** `PF_EXITING` of linux/sched.h: the thread has ended or is about to. */
const EXITING = 0x4;

/**
 * Whether no thread of a process is left that runs. One that is left alone because it runs another program, which ends all
 * others, goes on.
 */
export function hasEnded(files: ProcFiles, pid: number): boolean {
  const stat = readStat(files, pid);
  return stat instanceof Failure || stat.num_threads <= 1 && (stat.flags & EXITING) !== 0;
}

/** Reads which file a process runs. What has no program has none. */
export function readExecutable(
  files: ProcFiles,
  folder: string,
  stat: Stat,
): ExecutableLink | Failure | null {
  if (!hasProgram(stat)) return null;
  const link = files.link(`${folder}/exe`);
  return typeof link === "string" ? parseExecutableLink(link) : link;
}

/** Reads what a process was started with. What has no program was started with nothing. */
export function readArguments(
  files: ProcFiles,
  folder: string,
  stat: Stat,
): Arguments | Failure | null {
  if (!hasProgram(stat)) return null;
  const bytes = files.read(`${folder}/cmdline`);
  return bytes instanceof Failure ? bytes : parseArguments(bytes);
}

/** Looks up which files processes run that have not run since an earlier scan. */
export interface Executables {
  /**
   * The file of a process, by what it was in an earlier scan. A file that has lost its name has lost it for all who run it
   * under that name, so one of them is read for all that were read in the same scan. Only where namespaces give one name
   * to several files others are read no earlier than everything else is.
   */
  again(
    last: { readonly executable?: Program["executable"] | undefined; readonly seen: number },
    read: () => Program["executable"],
  ): Program["executable"];
}

/** Makes an {@linkcode Executables} for one scan. */
export function createExecutables(): Executables {
  const confirmed = new Set<string>();
  return {
    again({ executable, seen }, read) {
      if (!executable || executable instanceof Failure || executable.deleted) return read();
      const name = `${seen} ${executable.path}`;
      if (confirmed.has(name)) return executable;
      const now = read();
      const same = now && !(now instanceof Failure) && !now.deleted && now.path === executable.path;
      if (same) confirmed.add(name);
      return now;
    },
  };
}

/** Looks up the programs of parents, mostly without reading them again. */
export interface Parents {
  /** Remembers a process that may be somebody's parent. */
  add(pid: number, program: Program): void;
  /** The parent of a process; `undefined` where it has ended and its id may belong to another. */
  of(stat: Stat): Program | undefined;
}

/** Command lines longer than this are not remembered for all processes but read again, the last one excepted. */
const LONG = 4096;

/** Makes a {@linkcode Parents} for one scan. */
export function createParents(files: ProcFiles, parts: ProgramParts): Parents {
  const known = new Map<number, Program>();
  let last: { readonly pid: number; readonly program: Program } | undefined;

  const read = (pid: number): Program | undefined => {
    if (last?.pid === pid) return last.program;
    const stat = readStat(files, pid);
    if (stat instanceof Failure) return undefined;
    const folder = livingFolder(files, pid, stat);
    const program = {
      stat,
      executable: parts.executable ? readExecutable(files, folder, stat) : null,
      arguments: parts.arguments ? readArguments(files, folder, stat) : null,
    };
    last = { pid, program };
    remember(pid, program);
    return program;
  };
  const remember = (pid: number, program: Program) => {
    const { arguments: args } = program;
    const long = args !== null && !(args instanceof Failure) && args.command_line.length > LONG;
    if (!long) known.set(pid, program);
  };

  return {
    add: remember,
    of({ ppid, starttime }) {
      if (ppid <= 0) return undefined;
      const parent = known.get(ppid) ?? read(ppid);
      return parent && parent.stat.starttime <= starttime ? parent : undefined;
    },
  };
}
