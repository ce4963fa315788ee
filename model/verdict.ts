import type { Cell } from "../schema/batch.ts";
import type { ResultColumn } from "./compiled.ts";

/** Rows of a query's result, an array per row in the order of `columns`. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** More rows than the limit: the first ones are here. */
  readonly truncated: boolean;
  readonly duration_ms: number;
}

/** Rows that could be judged of those that there are, and why the rest could not. */
export interface Partial {
  readonly evaluated: number;
  readonly of: number;
  readonly reason: string;
}

/** Why a detection could not be judged; `kind` says what to do about its state. */
export interface NotEvaluated {
  /**
   * `unavailable`: its rows could not be had. `resource`: it exceeded time or memory. `error`: the query failed.
   * `disabled`: switched off. `unsupported`: it asks for what this run cannot do.
   */
  readonly kind: "unavailable" | "resource" | "error" | "disabled" | "unsupported";
  readonly reason: string;
}

/** What became of a query: a result, perhaps over part of the rows only, or the reason why there is none. */
export type Evaluation =
  | {
    readonly status: "evaluated";
    readonly result: QueryResult;
    readonly partial?: Partial;
    /** In events mode: the events that the query could not be run on, or not to its end. Absent where there are none. */
    readonly unjudged?: number;
  }
  | { readonly status: "not_evaluated"; readonly why: NotEvaluated };
