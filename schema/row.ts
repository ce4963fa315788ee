import type { ColumnSpec, ColumnSpecs, ColumnType, Platform, TableSpec } from "./types.ts";
import type { METADATA_COLUMNS, PROCESS_KEY_COLUMNS } from "./columns.ts";

/** The TypeScript type of a value of each column type. */
export interface CellTypes {
  /** Fits 64 bits; `bigint` beyond 2^53. */
  integer: number | bigint;
  /** Finite. */
  float: number;
  /** Well-formed Unicode. */
  string: string;
  /** SQL sees 0 or 1. */
  boolean: boolean;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  /** JSON text. */
  json: string;
}

/** The values of a column: with `null` where it is optional or costly. */
export type CellOf<S extends ColumnSpec> = S extends
  readonly [infer T extends ColumnType, string, infer O] ?
    | CellTypes[T]
    | (O extends { readonly optional: true } | { readonly costly: true } ? null : never)
  : S extends readonly [infer T extends ColumnType, string] ? CellTypes[T]
  : never;

/** The values of several columns by name. */
export type CellsOf<C extends ColumnSpecs> = { readonly [N in keyof C]: CellOf<C[N]> };

/** The columns that a table has on one platform only. */
export type ExtensionOf<S extends TableSpec, P extends Platform> = S["extensions"] extends
  Readonly<Record<P, infer C extends ColumnSpecs>> ? C : Record<never, never>;

/**
 * A row of a table as its collector on one platform makes it: core columns, that platform's extension, the process key
 * where the table has a pid, open metadata. What the store fills (`scan_id`, `collection_time`, `host`) is not part of it.
 */
export type Row<S extends TableSpec, P extends Platform> =
  & CellsOf<S["columns"]>
  & {
    readonly [N in Exclude<keyof ExtensionOf<S, P>, keyof S["columns"]>]: CellOf<
      Extract<ExtensionOf<S, P>[N], ColumnSpec>
    >;
  }
  & (S["columns"] extends { readonly pid: ColumnSpec } ? CellsOf<typeof PROCESS_KEY_COLUMNS>
    : unknown)
  & CellsOf<typeof METADATA_COLUMNS>;
