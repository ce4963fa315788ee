import type { RecordBatch } from "../schema/batch.ts";

/** What a collector is asked for. */
export interface CollectionTask {
  readonly table: string;
  /** Columns wanted; a collector may supply more where they cost nothing. */
  readonly project: readonly string[];
  /** Milliseconds from now after which what is there counts. */
  readonly deadline: number;
}

/** How a collector's process is confined; strongest first. */
export const CONFINEMENTS = ["namespaces", "scoped", "none"] as const;
/** One of {@linkcode CONFINEMENTS}. */
export type Confinement = (typeof CONFINEMENTS)[number];

/** What confinement the operator asks for: refuse to run with less, take the strongest at hand, or none (debugging). */
export const CONFINEMENT_POLICIES = ["required", "preferred", "off"] as const;
/** One of {@linkcode CONFINEMENT_POLICIES}. */
export type ConfinementPolicy = (typeof CONFINEMENT_POLICIES)[number];

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
  /** What went wrong last, in words; absent where nothing did. */
  readonly problem?: string;
}

/** A running collection: batches as they come, then how it ended. */
export type Collection = AsyncGenerator<RecordBatch, TableOutcome, void>;
