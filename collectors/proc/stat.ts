import { readdirSync } from "node:fs";
import { decode, type ProcFiles } from "./files.ts";

/** The fields of `/proc/<pid>/stat` that are used here, by their names in proc_pid_stat(5); times are in clock ticks. */
export interface Stat {
  /** Name, at most 15 bytes for programs. */
  readonly comm: string;
  /** One letter. */
  readonly state: string;
  /** Id of the parent; 0 for none. */
  readonly ppid: number;
  /** Id of the session. */
  readonly session: number;
  /** `PF_*` of linux/sched.h. */
  readonly flags: number;
  /** Time spent in the program. */
  readonly utime: number;
  /** Time spent in the kernel. */
  readonly stime: number;
  /** Priority as the kernel counts it. */
  readonly priority: number;
  /** -20 to 19. */
  readonly nice: number;
  /** Threads, the first one included while it is not forgotten. */
  readonly num_threads: number;
  /** When it started, since the start of the host. */
  readonly starttime: number;
  /** Bytes. */
  readonly vsize: number;
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

/** What a process or thread is doing, in a word. */
export function stateOf({ state }: Pick<Stat, "state">): string {
  return STATES[state] ?? "sleeping";
}

/** Milliseconds in a clock tick: the kernel counts 100 a second for user space, whatever it counts for itself. */
export const TICK = 10;

/** `PF_KTHREAD` of linux/sched.h: a thread of the kernel. */
export const KERNEL_THREAD = 0x0020_0000;

const SPACE = 0x20;
const MINUS = 0x2d;
const OPEN = 0x28;
const CLOSE = 0x29;
const ZERO = 0x30;
const NINE = 0x39;

/** Fields that come after the name, counted from the state as 0. */
const FIELDS = 21;
const numbers = new Float64Array(FIELDS);

/**
 * Reads `/proc/<pid>/stat`; `undefined` where the bytes are none. A process chooses its name and may put parentheses,
 * spaces and line breaks there, so the fields are counted from the last parenthesis.
 */
export function parseStat(bytes: Uint8Array): Stat | undefined {
  const open = bytes.indexOf(OPEN);
  const close = bytes.lastIndexOf(CLOSE);
  if (open < 0 || close < open || close + 2 >= bytes.length) return undefined;
  let at = close + 4;
  for (let field = 1; field < FIELDS; field++) {
    let value = 0;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const start = at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    if (at === start || bytes[at] !== SPACE) return undefined;
    at++;
    numbers[field] = negative ? -value : value;
  }
  return {
    comm: decode(bytes.subarray(open + 1, close)),
    state: String.fromCharCode(bytes[close + 2]!),
    ppid: numbers[1]!,
    session: numbers[3]!,
    flags: numbers[6]!,
    utime: numbers[11]!,
    stime: numbers[12]!,
    priority: numbers[15]!,
    nice: numbers[16]!,
    num_threads: numbers[17]!,
    starttime: numbers[19]!,
    vsize: numbers[20]!,
  };
}

/**
 * Whether a process has a program in memory. Kernel threads never have one, processes that are ending and zombies no
 * longer, unless other threads of theirs still run.
 */
export function hasProgram({ flags, vsize, num_threads }: Stat): boolean {
  return (flags & KERNEL_THREAD) === 0 && (vsize > 0 || num_threads > 1);
}

/**
 * The folder from which to read what threads share. A process whose first thread has ended while others run looks like a
 * zombie, a way to hide: then it is the folder of a thread that lives.
 */
export function livingFolder(files: ProcFiles, pid: number, stat: Stat): string {
  if (stat.state === "Z" && stat.num_threads > 1) {
    try {
      const other = readdirSync(`${files.root}/${pid}/task`).find((tid) => tid !== String(pid));
      if (other !== undefined) return `${pid}/task/${other}`;
    } catch {
      // The last thread has ended, too.
    }
  }
  return String(pid);
}
