/** The operating systems that a column or a detection can be written for. */
export const PLATFORMS = ["linux", "macos", "windows"] as const;

/** One of {@linkcode PLATFORMS}. */
export type Platform = (typeof PLATFORMS)[number];

/** Platforms as people write them. */
export const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  linux: "Linux",
  macos: "macOS",
  windows: "Windows",
};

/**
 * What a column holds. `integer` and `float` are one class for comparisons. `timestamp` is an integer, milliseconds
 * since the Unix epoch. `boolean` is 0 or 1 in SQL. `json` is NULL or valid JSON text.
 */
export type ColumnType = "integer" | "float" | "string" | "boolean" | "timestamp" | "json";

/** What else is true of a column. Absent means no. */
export interface ColumnOptions {
  /** Part of the identity of a row within one scan. */
  readonly key?: true;
  /** NULL is an ordinary value here: the host may simply have nothing to say. */
  readonly optional?: true;
  /** A collector can be asked for the rows with given values of this column (`AUTO JOIN`, `JOIN`, `=`, `IN`). */
  readonly lookup?: true;
  /** Changes from scan to scan by itself (a counter, a rate), so it says nothing about what a row is. */
  readonly volatile?: true;
  /** Costly to read: collected only when a detection reads the column, and therefore also optional. */
  readonly costly?: true;
  /** The host keeps it from ordinary users: of what belongs to others only root sees it. */
  readonly privileged?: true;
  /** Unit of a number: `bytes`, `ms`, `s`, `percent`, … Timestamps need none. */
  readonly unit?: string;
  /** The shape of a json column, as an example value in JSON. */
  readonly shape?: string;
  /** The values that a string column can take, where the set is closed. */
  readonly values?: readonly string[];
}

/** A column as it is written in a profile: type, description, and what else is true of it. */
export type ColumnSpec = readonly [type: ColumnType, description: string, options?: ColumnOptions];

/** Columns by name, in the order in which tables show them. */
export type ColumnSpecs = Readonly<Record<string, ColumnSpec>>;

/** Kinds of files that a detection may name under `resources`. */
export type ResourceKind = "yara" | "indicators";

/**
 * How rows of a table come to be: a `monitor` collector sees the whole host, a `triggerable` one answers for keys that
 * it is asked for.
 */
export type CollectorKind = "monitor" | "triggerable";

/**
 * A virtual table as plain data. Row types, zod schemas, SQLite DDL, JSON Schema and documentation are folds over it.
 */
export interface TableSpec {
  /** Name in SQL. */
  readonly name: string;
  /** One or two sentences: what a row is. */
  readonly description: string;
  /** Name of the collector that supplies the rows. */
  readonly collector: string;
  /** Whether that collector watches or waits to be asked. */
  readonly kind: CollectorKind;
  /** Columns on every platform. */
  readonly columns: ColumnSpecs;
  /** Columns that only one platform has. */
  readonly extensions?: Readonly<Partial<Record<Platform, ColumnSpecs>>>;
  /** A query must give one of these columns a value before any row can be collected. */
  readonly requires?: readonly string[];
  /** Rows are what files of this kind find, which the detection names under `resources`: each detection sees its own. */
  readonly resources?: ResourceKind;
  /**
   * To collect it takes seconds of work or waiting, which a single scan of a host does not spend unless it is asked to;
   * where only rows with one value of a column do, which those are.
   */
  readonly slow?: true | { readonly column: string; readonly value: string };
  /** Each row is something that happened, not something that is. */
  readonly events?: true;
  /**
   * The columns whose values, where a query asks for constants, tell the collector where or what for to look: of a table of
   * events what to watch, of another one what to find.
   */
  readonly watchedBy?: readonly string[];
  /** Queries that show what the table is for. A test prepares each of them. */
  readonly examples: readonly string[];
}

/**
 * A table that no collector sends: the engine makes its rows of those of another table, which is collected for it.
 * `collector` and `kind` are that table's.
 */
export type ViewSpec = PathView | FoldView;

/**
 * A view of one row for each row of its base table and each one above it, scan by scan, which is where following its
 * parent's key leads.
 */
export interface PathView extends TableSpec {
  /** The table that it is made of. */
  readonly base: string;
  /**
   * Columns of the base table: what identifies a row, and what names the row above it; and how many rows up the view
   * looks. A path ends where it would come back to itself.
   */
  readonly path: { readonly key: string; readonly parent: string; readonly limit: number };
  /** What each column is: a column of the `row`, or of the one `above` it, or how far up that one is. */
  readonly select: Readonly<Record<string, `row.${string}` | `above.${string}` | "path.depth">>;
}

/** A view whose rows sum up those of its base table, of all scans that a query sees: with `lookback` those of a history. */
export interface FoldView extends TableSpec {
  /** The table that it is made of. */
  readonly base: string;
  /** The columns of the base table that the sum is made of. */
  readonly reads: readonly string[];
}
