import type { Told } from "./happening.ts";
import type { TraceRecord } from "./trace_record.ts";

/** `CLONE_*` of linux/sched.h. */
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x1_0000;

/** Signals that stop a process, or that it does not notice, unless it provides for them (signal(7)). */
const NOT_DEADLY: ReadonlySet<number> = new Set([17, 18, 19, 20, 21, 22, 23, 28]);

/** Makes out of what tasks do what happens to processes. */
export interface Tasks {
  /** Takes a record; what it means for a process, if anything. */
  take(record: TraceRecord): Told | undefined;
}

/**
 * Makes a {@linkcode Tasks}; `threads` are those that live already, with their processes, and `hasEnded` tells whether no
 * thread of a process is left that runs.
 *
 * The kernel's events are of tasks. A thread's beginning and end are nobody's, but what a thread does its process does,
 * so all threads are known by their process.
 */
export function createTasks(
  hasEnded: (pid: number) => boolean,
  threads: Map<number, number> = new Map(),
): Tasks {
  /** How processes are about to end. */
  const codes = new Map<number, number>();
  /** Processes whose last exec has been told by its own event. */
  const told = new Set<number>();
  /** Processes whose first thread has ended while others run, where the kernel does not say which is the last. */
  const headless = new Set<number>();
  /** Whether ends of threads may be among what was lost, so that some are known that no longer run. */
  let isUnsure = false;
  const processOf = (tid: number) => threads.get(tid) ?? tid;
  /** What comes first is the reason: the kernel ends the other threads by signals. */
  const note = (pid: number, code: number) => {
    if (!codes.has(pid)) codes.set(pid, code);
  };

  /**
   * The events know better than the process tree, where a thread stands for a moment after its end is told, and a process
   * may have run another program since.
   */
  const isLast = (tid: number, pid: number) =>
    (tid === pid || headless.has(pid)) &&
    (!threads.values().some((of) => of === pid) || isUnsure && hasEnded(pid));

  return {
    take(record) {
      const { tid } = record;
      isUnsure ||= record.lost > 0;
      const pid = processOf(tid);
      switch (record.event) {
        case "newtask": {
          const { child, comm, flags } = record;
          if (flags & CLONE_THREAD) {
            threads.set(child, pid);
            return undefined;
          }
          threads.delete(child);
          headless.delete(child);
          return {
            type: "fork",
            pid: child,
            name: comm,
            ...((flags & CLONE_PARENT) === 0 && { ppid: pid }),
          };
        }
        case "exec":
          // Whichever thread does it becomes the process.
          threads.delete(tid);
          threads.delete(record.old);
          // The other threads were ended, the process goes on.
          codes.delete(tid);
          headless.delete(tid);
          told.add(tid);
          return { type: "exec", pid: tid, filename: record.filename };
        case "execve":
          // A name too long for the kernel's buffer leaves no event of its own.
          return !record.succeeded || told.delete(pid) ? undefined : { type: "exec", pid };
        case "exit_group":
          note(pid, record.status);
          return undefined;
        case "signal":
          if (!NOT_DEADLY.has(record.signal)) note(pid, 128 + record.signal);
          return undefined;
        case "exit": {
          threads.delete(tid);
          if (!(record.last ?? isLast(tid, pid))) {
            if (tid === pid) headless.add(pid);
            return undefined;
          }
          headless.delete(pid);
          const code = codes.get(pid);
          codes.delete(pid);
          told.delete(pid);
          return { type: "exit", pid, name: record.comm, ...(code !== undefined && { code }) };
        }
        case "unknown":
          return undefined;
      }
    },
  };
}
