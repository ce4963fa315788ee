import type { Parameter, TableRead } from "./compiled.ts";
import type { Predicate, PredicateValue } from "./predicate.ts";

/** What a collector is asked for because of a query, once per scan. */
export interface DetectionTask {
  /** The virtual table. */
  readonly table: string;
  /** The collector that supplies it. */
  readonly collector: string;
  /** The columns wanted, sorted. Empty where only the existence of rows matters. */
  readonly project: readonly string[];
  /** The rows wanted; absent for all of them. */
  readonly where?: Predicate;
  /** No more rows are wanted. Holds only while no other query asks for the table. */
  readonly limit?: number;
  /** Rows that are no older need not be collected again, ms. */
  readonly ttl: number;
}

/** Where the keys of a trigger come from. */
export type KeySource =
  /** The query names them. */
  | { readonly kind: "values"; readonly values: readonly PredicateValue[] }
  /** The query names patterns with a constant beginning. */
  | { readonly kind: "glob"; readonly patterns: readonly string[] }
  /**
   * Rows of other tables have them: `sql` gives one in the first column of each row. Where it is NULL nothing is asked.
   */
  | {
    readonly kind: "rows";
    readonly sql: string;
    /** The same over rows that were asked for key by key, as {@linkcode Plan.keyedSql}; absent where it reads none. */
    readonly keyedSql?: string;
    readonly parameters: readonly Parameter[];
    /** What `sql` reads. */
    readonly tables: readonly TableRead[];
    /**
     * The second column is the `process_key` of the process meant, NULL where it is not known: a collector discards a
     * process that has the pid and another start time.
     */
    readonly process: boolean;
  };

/** What a collector that needs keys is asked for, after the tables that the keys come from are there. */
export interface Trigger {
  /** The virtual table. */
  readonly table: string;
  /** The collector that supplies it. */
  readonly collector: string;
  /** The column whose values are the keys. */
  readonly key: string;
  /** Where the keys come from. */
  readonly keys: KeySource;
  /** The columns wanted, sorted. */
  readonly project: readonly string[];
  /** Of the rows with these keys, those wanted; absent for all of them. */
  readonly where?: Predicate;
  /** 1 for keys that monitor tables or the query itself have, one more for each trigger whose rows have the keys. */
  readonly stage: number;
}

/**
 * The table of a query's image with the rows of a table that were asked for by one of its columns: a row that somebody
 * asked for by another one is none of them. No catalogue has it, so that no author can name it.
 */
export function keyedTable(table: string, key: string): string {
  return `${table} by ${key}`;
}

/**
 * The table of a query's image with the keys that were asked for: `table`, `key_column` (for patterns with ` GLOB` behind
 * it), `key`, and `lacking`, which is NULL where it was answered. No catalogue has it, so that no author can name it.
 */
export const ASKED_KEYS = "asked keys";

/** How much a query asks of a host. */
export type CostClass = "low" | "medium" | "high";

/** How a query is collected and evaluated. */
export interface Plan {
  /** A task for each table that is collected as a whole, sorted by table. */
  readonly tasks: readonly DetectionTask[];
  /** By stage, then by table. */
  readonly triggers: readonly Trigger[];
  /**
   * The query's SQL over rows that were asked for key by key; absent where it needs none. Each table that needs keys is its
   * {@linkcode keyedTable}, and no LEFT JOIN makes up a right side for a key that {@linkcode ASKED_KEYS} does not know to
   * be answered.
   */
  readonly keyedSql?: string;
  /**
   * Columns that nothing but the queries for keys reads: they tell which process a pid means. A row that lacks one is
   * judged all the same. Absent where there are none.
   */
  readonly onlyForKeys?: readonly TableRead[];
  /**
   * Tables that only add to rows of others, since they stand on the right side of a LEFT JOIN wherever they are read.
   * Absent where there are none.
   */
  readonly additional?: readonly string[];
  /** The class, and what makes it so, in words. */
  readonly cost: { readonly class: CostClass; readonly because: readonly string[] };
  /** Whether it can run on events: on those of which table, or why not, in words. */
  readonly events:
    | { readonly possible: true; readonly stream: string }
    | { readonly possible: false; readonly reason: string };
}
