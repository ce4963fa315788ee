import type { ColumnType, ResourceKind } from "../schema/types.ts";
import type { Resource } from "./collection.ts";
import type { Detection } from "./detection.ts";
import type { Plan } from "./plan.ts";

/** A table that a query reads, with the columns that it reads of it. */
export interface TableRead {
  /** Name of the table. */
  readonly table: string;
  /** Sorted names. Empty where only the existence of rows matters. */
  readonly columns: readonly string[];
  /** Sorted names of the engine's views of the table that are read; `columns` has what they need. Absent for none. */
  readonly views?: readonly string[];
}

/** A column of a query's result; `type` is absent where the expression has no single class. */
export interface ResultColumn {
  /** Name in the result. */
  readonly name: string;
  /** Class of its values. */
  readonly type?: ColumnType;
  /** The table column that it passes on unchanged. */
  readonly origin?: { readonly table: string; readonly column: string };
}

/** The parameters that a query may name; the engine binds them. */
export const PARAMETERS = ["now", "since", "scan_id"] as const;
/** One of {@linkcode PARAMETERS}. */
export type Parameter = (typeof PARAMETERS)[number];

/** A query that has passed every check, ready to run. */
export interface CompiledQuery {
  /** The SQL that the sandbox runs. */
  readonly sql: string;
  /** Sorted by table name. */
  readonly tables: readonly TableRead[];
  /** Columns of the result, in order. */
  readonly columns: readonly ResultColumn[];
  /** The parameters that the SQL names. */
  readonly parameters: readonly Parameter[];
  /** How its rows are collected. */
  readonly plan: Plan;
}

/** A detection that has passed every check, ready to run. */
export interface CompiledDetection extends CompiledQuery {
  /** The parsed file. */
  readonly detection: Detection;
  /** SHA-256 (hex) of everything that its verdict depends on; state kept under another digest is stale. */
  readonly digest: string;
  /** What the files hold that it names under `resources`; absent where it names none, or nobody read them. */
  readonly resources?: Readonly<Record<ResourceKind, readonly Resource[]>>;
}
