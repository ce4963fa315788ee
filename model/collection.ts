import type { RecordBatch } from "../schema/batch.ts";
import type { CollectorKind } from "../schema/types.ts";
import type { Predicate } from "./predicate.ts";

/** The rows of a table that needs keys which are wanted: those with one of these in one column. */
export interface TaskKeys {
  /** The column, one of those that the table requires. */
  readonly column: string;
  /** Its values, each of the column's type. */
  readonly values?: readonly (string | number)[];
  /**
   * For pids: the `process_key` of the process that each value means, `null` where it is not known. A process that has the
   * pid and another key is another process: it is none of the rows.
   */
  readonly processes?: readonly (string | null)[];
  /** Patterns as SQLite's GLOB reads them, each with a constant beginning. */
  readonly globs?: readonly string[];
}

/** A file that a detection names under `resources`. */
export interface Resource {
  /** Its path as the detection names it. */
  readonly name: string;
  /** What it holds. */
  readonly text: string;
}

/** A key that was asked for. */
export interface AskedKey {
  /** The column that it is a value of. */
  readonly column: string;
  /** The value. */
  readonly value: string | number;
  /** It is a pattern, as GLOB reads it. */
  readonly glob?: true;
  /** Digest of the resources that its rows were found by; see `RecordBatch.resources`. */
  readonly resources?: string;
  /** Why rows with it may be missing, in words. Where this is absent it was answered: what has no row does not exist. */
  readonly lacking?: string;
}

/** What a collector is asked for. */
export interface CollectionTask {
  readonly table: string;
  /** Columns wanted; a collector may supply more where they cost nothing. */
  readonly project: readonly string[];
  /** Milliseconds from now after which what is there counts. */
  readonly deadline: number;
  /** Which rows; for a table that requires keys. */
  readonly keys?: TaskKeys;
  /** What rows are found by, where that is not the table's own: YARA rules, indicators. */
  readonly resources?: readonly Resource[];
  /**
   * The rows wanted; others may come, too. A row that cannot be judged, because of what was not read of it, comes. Only
   * for rows that nobody but the query sees: what is stored for others has to be whole.
   */
  readonly where?: Predicate;
  /**
   * What the detections that read the table look for, tests of the columns that tell the collector what to find. Nothing is
   * left out because of them.
   */
  readonly interests?: readonly Predicate[];
  /** No more rows are wanted. */
  readonly limit?: number;
  /** Rows that were read no longer ago need not be read again, ms. */
  readonly ttl?: number;
  /** Memory is scarce: small batches, small buffers. The rows are the same. */
  readonly thrifty?: true;
}

/** What a collector is asked to tell as it happens. */
export interface WatchTask
  extends Omit<CollectionTask, "deadline" | "limit" | "ttl" | "keys" | "resources" | "thrifty"> {
  /**
   * What the detections that read the table look for, a predicate each: a collector that has to be told where to look
   * looks there, too. Nothing is left out because of them.
   */
  readonly interests?: readonly Predicate[];
  /** Called when events were lost: the detections that stream from the table have missed them. */
  readonly onLoss?: (loss: Loss) => void;
}

/** Events that nobody has seen. */
export interface Loss {
  /** How many, where somebody has counted. */
  readonly count?: number;
  /** Why, in words for the operator. */
  readonly reason: string;
}

/** How a collector's process is confined; strongest first. */
export const CONFINEMENTS = ["namespaces", "scoped", "none"] as const;
/** One of {@linkcode CONFINEMENTS}. */
export type Confinement = (typeof CONFINEMENTS)[number];

/** What confinement the operator asks for: refuse to run with less, take the strongest at hand, or none (debugging). */
export const CONFINEMENT_POLICIES = ["required", "preferred", "off"] as const;
/** One of {@linkcode CONFINEMENT_POLICIES}. */
export type ConfinementPolicy = (typeof CONFINEMENT_POLICIES)[number];

/** Who tries YARA rules on files: the engine that comes along, compiled to WebAssembly, or the system's program. */
export const YARA_ENGINES = ["wasm", "system"] as const;
/** One of {@linkcode YARA_ENGINES}. */
export type YaraEngine = (typeof YARA_ENGINES)[number];

/** How what stands in the memory of processes is told: by its beginning and its hash, or whole. */
export const MEMORY_VALUES = ["hashed", "whole"] as const;
/** One of {@linkcode MEMORY_VALUES}. */
export type MemoryValues = (typeof MEMORY_VALUES)[number];

/** How the collection of a table ended. */
export type TableOutcome =
  /** Every row that the host has. */
  | { readonly status: "complete" }
  /** Rows are missing: why, in words for the operator. */
  | { readonly status: "partial"; readonly reason: string }
  /** No rows can be had: why, in words for the operator. */
  | { readonly status: "unavailable"; readonly reason: string };

/** What a collector did in a scan. */
export interface CollectorReport {
  /** Name of the collector. */
  readonly name: string;
  /** The confinement in force. */
  readonly confinement: Confinement;
  /** Why the confinement is weaker than the strongest; absent where it is not. */
  readonly confinement_reason?: string;
  /** Rows that it supplied. */
  readonly rows: number;
  /** Records or messages that were lost or refused. */
  readonly dropped: number;
  /** How long it worked, ms. */
  readonly duration_ms: number;
  /** How often its process was started again after it had failed; absent where it never was. */
  readonly restarts?: number;
  /** Resident memory of its process when it last said so, bytes. */
  readonly memory?: number;
  /** What it asked for and this host cannot give, in words; it does without. */
  readonly lacks?: readonly string[];
  /** What went wrong last, in words; absent where nothing did. */
  readonly problem?: string;
}

/** What a collector is doing. */
export const COLLECTOR_STATES = [
  /** Nothing was asked of it yet, or it has been ended. */
  "idle",
  /** Its process runs. */
  "running",
  /** It has failed; its process will be started again. */
  "waiting",
  /** It has failed so often that it is left alone for a while. */
  "given_up",
  /** It cannot read this platform. */
  "unsupported",
] as const;
/** One of {@linkcode COLLECTOR_STATES}. */
export type CollectorState = (typeof COLLECTOR_STATES)[number];

/** Everything that an operator may want to know of a collector. */
export interface CollectorStatus {
  /** Name of the collector. */
  readonly name: string;
  /** Whether it watches or waits to be asked. */
  readonly kind: CollectorKind;
  /** Names of the tables that queries can read from it. */
  readonly tables: readonly string[];
  /** What it is doing. */
  readonly state: CollectorState;
  /** Why it is not running, in words, where that is somebody's fault. */
  readonly reason?: string;
  /** What it may do on this host, in words. */
  readonly permissions: readonly string[];
  /** What it did so far; absent where nothing was asked of it. */
  readonly report?: CollectorReport;
}

/** Rows as they come from a collector. */
export interface CollectedBatch extends RecordBatch {
  /** Tells the collector that these rows, and those that came before them, are in the store. */
  readonly acknowledge?: () => void;
}

/** A running collection: batches as they come, then how it ended. */
export type Collection = AsyncGenerator<CollectedBatch, TableOutcome, void>;
