import type { Resource, TableOutcome, TaskKeys } from "../../model/collection.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { Platform } from "../../schema/types.ts";
import type { PackedBatch } from "../../schema/packing.ts";

/**
 * What an agent and a collector say to each other over the collector's standard input and output: JSON, one message a
 * line; a collector's lines end in a checksum (`frame.ts`). A collector says hello once. Each task is answered by
 * batches and one `done` or `error`; a collector sends no more batches of a task than the agent has granted. Tasks that
 * collect follow each other, those that watch run beside them. This file is loaded by both sides, so it holds no code
 * that reads messages.
 */
export const PROTOCOL = 3;

/** No line may be longer, in bytes. It leaves room for a command line of 2 MB in every form in which a row repeats it. */
export const MAX_LINE = 16 * 2 ** 20;

/** A table of a collector, as it says itself. */
export interface HelloTable {
  /** Name of the table. */
  readonly name: string;
  /** Columns that it can supply; all of them if absent. */
  readonly columns?: readonly string[];
  /** Whether it can be watched. */
  readonly watch: boolean;
}

/** The first message of a collector. */
export interface Hello {
  /** Kind of message. */
  readonly type: "hello";
  /** {@linkcode PROTOCOL} of the collector; an agent takes only its own. */
  readonly protocol: number;
  /** Name of the collector. */
  readonly name: string;
  /** Version of Deno that it runs on. */
  readonly deno: string;
  /** Platform that it reads. */
  readonly platform: Platform;
  /** Tables that it supplies. */
  readonly tables: readonly HelloTable[];
  /** Operators of predicates that it applies. */
  readonly pushdown: readonly Predicate["op"][];
  /** Deno's permissions that it finds granted without bounds: what confinement by Deno leaves open. */
  readonly granted: readonly string[];
}

/** Rows that answer a task. */
export interface BatchMessage {
  /** Kind of message. */
  readonly type: "batch";
  /** Id of the task. */
  readonly task: number;
  /** Counts the batches of a task from 0, so that a lost one is noticed. */
  readonly seq_no: number;
  /** The rows, packed. */
  readonly batch: PackedBatch;
}

/** What a collector has counted of a task. */
export interface TaskCounters {
  /** Rows sent. */
  readonly rows: number;
  /** Records lost before they could become rows. */
  readonly dropped: number;
  /** Batches whose rows the agent says are stored. */
  readonly acknowledged: number;
}

/** The end of a task. */
export interface Done {
  /** Kind of message. */
  readonly type: "done";
  /** Id of the task. */
  readonly task: number;
  /** Whether all rows were sent. */
  readonly outcome: TableOutcome;
  /** What was counted. */
  readonly counters: TaskCounters;
}

/** A task that failed; the collector itself lives on. */
export interface Failure {
  /** Kind of message. */
  readonly type: "error";
  /** Id of the task. */
  readonly task: number;
  /** Why, in words. */
  readonly message: string;
}

/** Said by a collector that watches, as often as it was told to, and soon after something was lost. */
export interface Heartbeat {
  /** Kind of message. */
  readonly type: "heartbeat";
  /** Resident memory of its process, bytes. */
  readonly memory: number;
  /** The tasks under way. */
  readonly tasks: readonly {
    /** Id of the task. */
    readonly task: number;
    /** What was counted so far. */
    readonly counters: TaskCounters;
    /** Why records were lost most recently, in words; absent where none were. */
    readonly reason?: string;
  }[];
}

/** Everything that a collector says. */
export type CollectorMessage = Hello | BatchMessage | Done | Failure | Heartbeat;

/** Asks a collector for rows. */
export interface TaskMessage {
  /** Kind of message. */
  readonly type: "task";
  /** Chosen by the agent; messages about the task name it. */
  readonly id: number;
  /** One of the tables that hello named. */
  readonly table: string;
  /** Columns wanted. */
  readonly project: readonly string[];
  /** Milliseconds from the arrival of the message. */
  readonly deadline: number;
  /** Which rows; for a table that requires keys. */
  readonly keys?: TaskKeys;
  /** What rows are found by, where that is not the table's own: YARA rules, indicators. */
  readonly resources?: readonly Resource[];
  /** The rows wanted; the runtime leaves out others. A collector that saves work by it may look at it, too. */
  readonly where?: Predicate;
  /** See `WatchTask.interests`. */
  readonly interests?: readonly Predicate[];
  /** No more rows are wanted. */
  readonly limit?: number;
  /** Rows that were read no longer ago need not be read again, ms. */
  readonly ttl?: number;
  /** See `CollectionTask.thrifty`. */
  readonly thrifty?: true;
  /** Batches that may be sent before more are granted; without bound if absent. */
  readonly credits?: number;
  /** Asks for events as they happen, until the task is cancelled, instead of what is now. */
  readonly watch?: {
    /** See `WatchContext.reconcileEvery`. */
    readonly reconcile_every: number;
    /** ms between two heartbeats. A collector that has nothing to watch is silent. */
    readonly heartbeat: number;
    /** See `WatchContext.paths`. */
    readonly paths?: readonly string[];
  };
}

/** Grants batches of a task. */
export interface Credit {
  /** Kind of message. */
  readonly type: "credit";
  /** Id of the task. */
  readonly task: number;
  /** So many more. */
  readonly batches: number;
}

/** Tells that rows are in the store, so that the collector may forget what they were made of. */
export interface Acknowledgement {
  /** Kind of message. */
  readonly type: "ack";
  /** Id of the task. */
  readonly task: number;
  /** This batch and all before it. */
  readonly seq_no: number;
}

/** Asks a collector to end a task; it sends what it has, then `done`. */
export interface Cancel {
  /** Kind of message. */
  readonly type: "cancel";
  /** Id of the task. */
  readonly task: number;
}

/** Asks a collector to finish the tasks that collect, to end those that watch as {@linkcode Cancel} does, and then itself. */
export interface Drain {
  /** Kind of message. */
  readonly type: "drain";
}

/** Asks a collector to end at once. The end of its input means the same. */
export interface Shutdown {
  /** Kind of message. */
  readonly type: "shutdown";
}

/** Everything that an agent says. */
export type AgentMessage = TaskMessage | Credit | Acknowledgement | Cancel | Drain | Shutdown;
