import { decode } from "../../proc/files.ts";

/** What a record of a trace tells, by the event that it is of. */
export type TraceEvent =
  /** A task began: a process, or a thread of one. */
  | {
    readonly event: "newtask";
    readonly child: number;
    readonly comm: string;
    /** `CLONE_*` of linux/sched.h. */
    readonly flags: number;
  }
  /** A process runs another program. */
  | { readonly event: "exec"; readonly filename: string; readonly old: number }
  /** A call to run another program has returned; it does so in the other program if it has succeeded. */
  | { readonly event: "execve"; readonly succeeded: boolean }
  /** A task ended; whether it was the last of its process, where the kernel says so. */
  | { readonly event: "exit"; readonly comm: string; readonly last: boolean | undefined }
  /** A process asks to end with a status. */
  | { readonly event: "exit_group"; readonly status: number }
  /** A signal arrives that the process has not provided for. */
  | { readonly event: "signal"; readonly signal: number }
  /** Nothing that can be read. */
  | { readonly event: "unknown" };

/** A record of a trace. */
export type TraceRecord = TraceEvent & {
  /** The task that did it; -1 where that cannot be read. */
  readonly tid: number;
  /** ms since the start of the host, with fractions; NaN where that cannot be read. */
  readonly at: number;
  /** Events that were lost before this one. */
  readonly lost: number;
};

/** The kernel writes a name of at most 15 bytes to the right of a field of 16. */
const HEADER = /^[^]{16}-(\d+) +(?:\([ \d-]+\) )?\[\d+\] \S+ +(\d+\.\d{6}): /;
const LOST = /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]\n/;

/**
 * Reads a record as `trace_pipe` hands it out. Names that processes choose may hold anything, so what follows them is
 * sought from the end: numbers, which no name can be mistaken for, since nothing follows them but the end of the record.
 */
export function parseTraceRecord(bytes: Uint8Array): TraceRecord {
  // One character for each byte, so that places in the text are places in the bytes.
  const whole = latin1.decode(bytes);
  const [losses = "", count] = LOST.exec(whole) ?? [];
  const lost = losses === "" ? 0 : Number(count ?? 1);
  const text = whole.slice(losses.length);
  const [header, tid, seconds] = HEADER.exec(text) ?? [];
  if (header === undefined) return { event: "unknown", tid: -1, at: NaN, lost };
  const start = losses.length + header.length;
  const name = (from: number, length: number) =>
    decode(bytes.subarray(start + from, start + from + length));
  const event = parseEvent(text.slice(header.length), name);
  return { ...event, tid: Number(tid), at: Number(seconds) * 1000, lost };
}

const NEWTASK =
  /^task_newtask: pid=(\d+) comm=([^]*) clone_flags=([0-9a-f]+) oom_score_adj=-?\d+\n$/;
const EXEC = /^sched_process_exec: filename=([^]*) pid=\d+ old_pid=(\d+)\n$/;
const EXIT = /^sched_process_exit: comm=([^]*) pid=\d+ prio=-?\d+(?: group_dead=(true|false))?\n$/;
const EXIT_GROUP = /^sys_exit_group\(error_code: (?:0x)?([0-9a-f]+)\)\n$/;
const EXECVE = /^sys_execve(?:at)? -> 0x([0-9a-f]+)\n$/;
const SIGNAL = /^signal_deliver: sig=(\d+) /;

/** Reads what follows the header. */
function parseEvent(text: string, name: (from: number, length: number) => string): TraceEvent {
  const match = (pattern: RegExp) => pattern.exec(text)?.slice(1) as string[] | undefined;
  switch (/^\w+/.exec(text)?.[0]) {
    case "task_newtask": {
      const [child, comm, flags] = match(NEWTASK) ?? [];
      if (child === undefined) break;
      const from = "task_newtask: pid= comm=".length + child.length;
      return {
        event: "newtask",
        child: Number(child),
        comm: name(from, comm!.length),
        flags: Number(`0x${flags}`),
      };
    }
    case "sched_process_exec": {
      const [filename, old] = match(EXEC) ?? [];
      if (filename === undefined) break;
      return {
        event: "exec",
        filename: name("sched_process_exec: filename=".length, filename.length),
        old: Number(old),
      };
    }
    case "sched_process_exit": {
      const [comm, last] = match(EXIT) ?? [];
      if (comm === undefined) break;
      return {
        event: "exit",
        comm: name("sched_process_exit: comm=".length, comm.length),
        last: last === undefined ? undefined : last === "true",
      };
    }
    case "sys_exit_group": {
      const [status] = match(EXIT_GROUP) ?? [];
      if (status === undefined) break;
      return { event: "exit_group", status: parseInt(status.slice(-2), 16) };
    }
    case "sys_execve":
    case "sys_execveat": {
      const [result] = match(EXECVE) ?? [];
      if (result === undefined) break;
      return { event: "execve", succeeded: result === "0" };
    }
    case "signal_deliver": {
      const [signal] = match(SIGNAL) ?? [];
      if (signal === undefined) break;
      return { event: "signal", signal: Number(signal) };
    }
  }
  return { event: "unknown" };
}

const latin1 = new TextDecoder("latin1");
