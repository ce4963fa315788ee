import type { ColumnSpec, ColumnSpecs, ColumnType, Platform, TableSpec } from "./types.ts";
import type { METADATA_COLUMNS, PROCESS_KEY_COLUMNS } from "./columns.ts";

/** The TypeScript type of a value of each column type. */
export interface CellTypes {
  integer: number | bigint;
  float: number;
  string: string;
  boolean: boolean;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  /** JSON text. */
  json: string;
}

type CellOf<S extends ColumnSpec> = S extends readonly [infer T extends ColumnType, string, infer O]
  ? CellTypes[T] | (O extends { readonly optional: true } ? null : never)
  : S extends readonly [infer T extends ColumnType, string] ? CellTypes[T]
  : never;

type CellsOf<C extends ColumnSpecs> = { readonly [N in keyof C]: CellOf<C[N]> };

type ExtensionOf<S extends TableSpec, P extends Platform> = S["extensions"] extends
  Readonly<Record<P, infer C extends ColumnSpecs>> ? C : Record<never, never>;

/**
 * A row of a table as its collector on one platform makes it: core columns, that platform's extension, the process key
 * where the table has a pid, open metadata. What the store fills (`scan_id`, `collection_time`, `host`) is not part of it.
 */
export type Row<S extends TableSpec, P extends Platform> =
  & CellsOf<S["columns"]>
  & {
    readonly [N in Exclude<keyof ExtensionOf<S, P>, keyof S["columns"]>]: CellOf<
      ExtensionOf<S, P>[N] & ColumnSpec
    >;
  }
  & (S["columns"] extends { readonly pid: ColumnSpec } ? CellsOf<typeof PROCESS_KEY_COLUMNS>
    : unknown)
  & CellsOf<typeof METADATA_COLUMNS>;
