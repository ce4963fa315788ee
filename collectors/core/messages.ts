import type { TableOutcome } from "../../model/collection.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import type { Platform } from "../../schema/types.ts";

/**
 * What an agent and a collector say to each other over the collector's standard input and output: JSON, one message a
 * line. A collector says hello once; then each task is answered by batches and one `done` or `error`, before the next
 * one begins. This file is loaded by both sides, so it holds no code that reads messages.
 */
export const PROTOCOL = 1;

/** No line may be longer, in bytes. It leaves room for a command line of 2 MB in every form in which a row repeats it. */
export const MAX_LINE = 16 * 2 ** 20;

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
  readonly tables: readonly string[];
}

/** Rows that answer a task. */
export interface BatchMessage {
  /** Kind of message. */
  readonly type: "batch";
  /** Id of the task. */
  readonly task: number;
  /** Counts the batches of a task from 0, so that a lost one is noticed. */
  readonly seq_no: number;
  /** The rows. */
  readonly batch: RecordBatch;
}

/** The end of a task. */
export interface Done {
  /** Kind of message. */
  readonly type: "done";
  /** Id of the task. */
  readonly task: number;
  /** Whether all rows were sent. */
  readonly outcome: TableOutcome;
  /** What the collector has counted. */
  readonly counters: {
    /** Rows sent for the task. */
    readonly rows: number;
  };
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

/** Everything that a collector says. */
export type CollectorMessage = Hello | BatchMessage | Done | Failure;

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
  /** What a triggerable collector is asked about. */
  readonly keys?: readonly string[];
}

/** Asks a collector to end. The end of its input means the same. */
export interface Shutdown {
  /** Kind of message. */
  readonly type: "shutdown";
}

/** Everything that an agent says. */
export type AgentMessage = TaskMessage | Shutdown;
