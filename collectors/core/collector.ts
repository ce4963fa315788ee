import type { Cell, GapReason } from "../../schema/batch.ts";
import type { CollectorKind, Platform } from "../../schema/types.ts";
import type { TaskMessage } from "./messages.ts";

/** What a collector may read of the host; its confinement is made from it. */
export interface CollectorPermissions {
  /** The process tree: `look` at it without opening what its links lead to, or `follow` them. */
  readonly proc?: "look" | "follow";
  /** Other files and folders, absolute. */
  readonly read?: readonly string[];
  /** Names for Deno's `--allow-sys`. */
  readonly sys?: readonly string[];
}

/** What is known of a collector without running it. */
export interface CollectorDeclaration {
  /** What people know it by. */
  readonly name: string;
  /** Whether it watches or waits to be asked. */
  readonly kind: CollectorKind;
  /** Names of the tables that it supplies. */
  readonly tables: readonly string[];
  /** What its process may read. */
  readonly permissions: CollectorPermissions;
  /** The module that reads the host, for each platform that it can read. */
  readonly modules: Readonly<Partial<Record<Platform, URL>>>;
}

/** A row as a collector reads it. */
export interface Reading {
  /** Values by column. A column that no row has, or none but `undefined`, counts as not collected. */
  readonly row: Readonly<Record<string, Cell | undefined>>;
  /** Columns that are NULL although the host may have a value, and why. */
  readonly gaps?: Readonly<Record<string, GapReason>>;
}

/** What the runtime gives to a collector besides the task. */
export interface CollectorContext {
  /** Where the process tree stands. */
  readonly procRoot: string;
  /** ms as `performance.now()` counts; what is not read by then is left out. */
  readonly deadline: number;
}

/** A collector: what is known of it, and how it reads the host. */
export interface Collector extends CollectorDeclaration {
  /**
   * Reads the rows that a task asks for, one after the other. What it throws ends the task, not the collector. The
   * runtime gathers rows into batches, keeps the deadline and the limits of size, and stops asking when one is reached.
   */
  collect(task: TaskMessage, context: CollectorContext): Iterable<Reading>;
}

/** Declares a collector; all that an author writes besides reading the host. */
export function defineCollector(collector: Collector): Collector {
  return collector;
}
