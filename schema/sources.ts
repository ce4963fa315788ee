import type { Row } from "./row.ts";
import type { Platform, TableSpec } from "./types.ts";

/**
 * Where a collector has a column from: the file, call or message that supplies it, with the manual page or kernel
 * document that defines it; or, where a platform has nothing of the kind, why the column is always NULL there.
 */
export type ColumnSource = string | { readonly always_null: string };

/**
 * The sources of all columns of a table on one platform, for its documentation. It stands with the collector, and a
 * column that is added to the table does not compile until it is told where it comes from.
 */
export type ColumnSources<S extends TableSpec, P extends Platform> = {
  readonly [N in Exclude<keyof Row<S, P>, "platform_data">]: ColumnSource;
};
