import type { TruthCounts } from "./probe.ts";

/** What the agent asks of a query process. Requests are answered in turn, one answer each. */
export type Request =
  /** Take the payload, an SQLite image, in place of the one before. */
  | {
    readonly type: "load";
    /** Bytes that SQLite may hold, the image included; never less than in an earlier request. */
    readonly heap: number;
  }
  /** Lay the tables of the payload, an SQLite image too, over those of the image; nothing where it is empty. */
  | { readonly type: "lay" }
  /** Run a query on the image. */
  | RunRequest;

/** Asks for the rows of a query. */
export interface RunRequest {
  /** Tells it from other requests. */
  readonly type: "run";
  /** One SELECT without a semicolon. */
  readonly sql: string;
  /** Values by name without the colon; integers as decimal text. */
  readonly parameters: Readonly<Record<string, string | null>>;
  /** Rows beyond these are not returned. */
  readonly maxRows: number;
  /** Characters of JSON that the rows may take. */
  readonly maxResult: number;
  /** How many clauses the query has probes for; without it no probe is allowed. */
  readonly probes?: number;
}

/** The limits that a query can meet: SQLite's memory, the length of one value, the size of the result. */
export type Limit = "memory" | "value" | "result";

/** Why a query has no result. */
export type Failure =
  | { readonly type: "limit"; readonly limit: Limit }
  | { readonly type: "error"; readonly reason: string };

/** What is known of a result besides its rows, which are the payload: a JSON array of arrays. */
export interface ResultHeader {
  /** Tells it from other replies. */
  readonly type: "result";
  /** Names of the columns, not always distinct. */
  readonly columns: readonly string[];
  /** Columns in which an object `{ n }` stands for an integer beyond 2^53, which JSON has not. */
  readonly big: readonly number[];
  /** There were more rows. */
  readonly truncated: boolean;
  /** How each clause turned out, if the query has probes. */
  readonly probes?: readonly TruthCounts[];
}

/** What a query process answers; `ready` comes once, unasked, before anything else. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "loaded" }
  | Failure
  | ResultHeader;
