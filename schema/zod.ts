import { z } from "zod";
import { isJsonText } from "./json.ts";
import { collectedColumns, type Column } from "./columns.ts";
import type { Row } from "./row.ts";
import type { ColumnType, Platform, TableSpec } from "./types.ts";

/** Checks rows at run time. It is a zod object, of which this is the part that callers need. */
export interface RowSchema<R> {
  /** Gives the row, with NULL for absent optional columns. Throws zod's `ZodError`, which lists every fault. */
  parse(value: unknown): R;
  /** {@linkcode RowSchema.parse} with the faults as a value. */
  safeParse(value: unknown):
    | { readonly success: true; readonly data: R }
    | {
      readonly success: false;
      readonly error: {
        readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
      };
    };
  /** The schema of a row of which only some columns are known. */
  partial(): RowSchema<Partial<R>>;
}

const INTEGER = z.union([z.int(), z.bigint().gte(-(2n ** 63n)).lt(2n ** 63n)]);

const CELLS: Readonly<Record<ColumnType, z.ZodType>> = {
  integer: INTEGER,
  timestamp: z.int(),
  float: z.number(),
  boolean: z.boolean(),
  string: z.string(),
  json: z.string().refine(isJsonText, "JSON text, at most 1000 levels deep, expected"),
};

/**
 * The zod schema of one row as a collector on a platform makes it: the runtime form of {@linkcode Row}. It is strict, an
 * optional column may be absent (it is then NULL), and what the store fills is no part of it.
 */
export function rowSchema<S extends TableSpec, P extends Platform>(
  spec: S,
  platform: P,
): RowSchema<Row<S, P>> {
  const shape = Object.fromEntries(
    collectedColumns(spec, platform).map((column) => [column.name, cellSchema(column)]),
  );
  return z.strictObject(shape) as unknown as RowSchema<Row<S, P>>;
}

function cellSchema(column: Column): z.ZodType {
  const cell = column.values ? z.enum(column.values) : CELLS[column.type];
  const described = cell.describe(column.description);
  return column.optional ? described.nullable().default(null) : described;
}
