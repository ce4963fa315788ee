import type { Cell, GapReason } from "../../schema/batch.ts";
import type { CollectorKind, Platform } from "../../schema/types.ts";
import type { TaskMessage } from "./messages.ts";

/** What a collector may read of the host; its confinement is made from it. */
export interface CollectorPermissions {
  /** The process tree: `look` at it without opening what its links lead to, or `follow` them. */
  readonly proc?: "look" | "follow";
  /**
   * Every file of the host, read-only and as a user who owns nothing. Where they stand, and with them the paths that
   * links hold, is told by {@linkcode CollectorContext.filesRoot}.
   */
  readonly files?: "all";
  /** Other files and folders, absolute. Those below /sys stand elsewhere: see {@linkcode CollectorContext.sysRoot}. */
  readonly read?: readonly string[];
  /** A file of captured packets, absolute, read instead of the host: see {@linkcode CollectorContext.captureFile}. */
  readonly capture?: string;
  /** Programs that it may run, absolute; they are confined as it is. */
  readonly run?: readonly string[];
  /** The same, those of them that the host has. */
  readonly runIfPresent?: readonly string[];
  /**
   * Programs that it asks as the host has them. They would find nothing in an empty root, so that a collector with tools is
   * held by Deno's permissions alone, and the tools by nothing.
   */
  readonly tools?: readonly string[];
  /** Its environment, of which there is little but on Windows. */
  readonly env?: true;
  /** Names for Deno's `--allow-sys`. */
  readonly sys?: readonly string[];
  /**
   * Events of the kernel that it is told of, as tracefs names them: `sched/sched_process_exec`; only some of them with a
   * filter of tracefs after ` if `. Not every kernel has those of `syscalls/`: where it does not, they do not happen.
   */
  readonly trace?: readonly string[];
  /**
   * What happens to files, all of the host's, with their attributes: told by a process of its own that has the power to
   * ask the kernel. The collector itself sees no file by it.
   */
  readonly fileEvents?: true;
  /** The network namespace of the host instead of an empty one of its own, for netlink. It may still connect nowhere. */
  readonly network?: "host";
  /**
   * The power to read the packets of its network (CAP_NET_RAW), which is the host's where it has `network`. Deno itself has
   * no way to use it: a program that it runs does.
   */
  readonly packets?: true;
  /** It tells what it finds in the memory of processes whole, keys and passwords too, instead of by beginning and hash. */
  readonly secrets?: "whole";
  /** The C library. Who calls it is held by nothing but the kernel: see docs/confinement.md. */
  readonly ffi?: true;
}

/** What is known of a collector without running it. */
export interface CollectorDeclaration {
  /** What people know it by. */
  readonly name: string;
  /** Whether it watches or waits to be asked. */
  readonly kind: CollectorKind;
  /** Names of the tables that it supplies. */
  readonly tables: readonly string[];
  /** Columns that it can supply, by table; all of a table that is not named here. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** What its process may read. */
  readonly permissions: CollectorPermissions;
  /** What it may read instead on platforms where that differs. */
  readonly permissionsOn?: Readonly<Partial<Record<Platform, CollectorPermissions>>>;
  /** The module that reads the host, for each platform that it can read. */
  readonly modules: Readonly<Partial<Record<Platform, URL>>>;
}

/** A row as a collector reads it. */
export interface Reading {
  /** Values by column. A column that no row has, or none but `undefined`, counts as not collected. */
  readonly row: Readonly<Record<string, Cell | undefined>>;
  /** Columns that are NULL although the host may have a value, and why. */
  readonly gaps?: Readonly<Record<string, GapReason>>;
  /** Called once the row is in the store, or was not wanted: what it was made of need not be remembered any longer. */
  readonly forget?: () => void;
}

/** What the runtime gives to a collector besides the task. */
export interface CollectorContext {
  /** Where the process tree stands. */
  readonly procRoot: string;
  /** ms as `performance.now()` counts; what is not read by then is left out. */
  readonly deadline: number;
  /** Where the host's files stand, `/` where they do as on the host; absent for a collector that may not read them all. */
  readonly filesRoot?: string;
  /** Where /sys stands; absent for a collector that reads nothing below it. */
  readonly sysRoot?: string;
  /** The folder with the `trace_pipe` of the events that it asked for; absent where they cannot be had. */
  readonly traceRoot?: string;
  /** The folder with the pipes `events` and `ask` of what happens to files; absent where that cannot be had. */
  readonly fileEventsRoot?: string;
  /**
   * The file of the C library; absent for a collector that may not load it, or where it was not found. One that runs
   * unconfined with all of Deno's permissions may.
   */
  readonly libc?: string;
  /** How finds in the memory of processes are to be told; absent where of them only beginning and hash are. */
  readonly secrets?: "whole";
  /** The file of captured packets that is read instead of the host; absent where none is. */
  readonly captureFile?: string;
  /** Tells that rows are missing, and why, in words: the outcome is then partial. Absent where nobody listens. */
  readonly partial?: (reason: string) => void;
}

/** Where a collector finds what it reads of the host: what its process is started with. */
export type Places = Partial<Omit<CollectorContext, "deadline" | "partial">>;

/** What the runtime gives to a collector that watches. */
export interface WatchContext extends CollectorContext {
  /** Aborted when nobody wants the rows any more. What is yielded afterwards is not sent. */
  readonly signal: AbortSignal;
  /** Counts records that were lost before they could become rows, and why, in words; the same loss has the same words. */
  dropped(count: number, reason: string): void;
  /** ms: how often what a subscription tells is to be compared with the host itself. */
  readonly reconcileEvery: number;
  /** Places of files that are to be watched, absolute paths; absent where the operator does not say which. */
  readonly paths?: readonly string[];
}

/** A collector: what is known of it, and how it reads the host. */
export interface Collector extends CollectorDeclaration {
  /**
   * Reads the rows that a task asks for, one after the other. What it throws ends the task, not the collector. The
   * runtime leaves out rows that the task does not want, gathers the others into batches, keeps the deadline and the
   * limits of size, waits where the agent is slower, and stops asking when a limit is reached. One that has to wait for
   * the host first promises the rows; until they are there nothing but the agent's patience ends its task.
   */
  collect(
    task: TaskMessage,
    context: CollectorContext,
  ): Iterable<Reading> | AsyncIterable<Reading> | Promise<Iterable<Reading>>;
  /**
   * Tells of events as they happen, until the signal is aborted. What it throws, and its end, make the agent ask again
   * later. The runtime sends what is yielded within milliseconds, and asks for more only while the agent takes it.
   */
  watch?(task: TaskMessage, context: WatchContext): AsyncIterable<Reading>;
}

/** Declares a collector; all that an author writes besides reading the host. */
export function defineCollector(collector: Collector): Collector {
  return collector;
}
