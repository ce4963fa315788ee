import { allColumns, collectedColumns, type Column, STORED_COLUMNS } from "./columns.ts";
import { type ColumnType, type Platform, PLATFORM_NAMES, type TableSpec } from "./types.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Timestamps may be written as text (ISO 8601, relative time), integers beyond 2^53 too; a json column takes any value. */
const TYPES: Readonly<Record<ColumnType, readonly string[] | undefined>> = {
  integer: ["integer", "string"],
  timestamp: ["integer", "string"],
  float: ["number"],
  boolean: ["boolean"],
  string: ["string"],
  json: undefined,
};

/**
 * The JSON Schema of a table's row as people and programs write it in JSON or YAML: fixtures, recordings. Every column may
 * be absent, columns that the store fills have no place. Without a platform it takes the columns of all of them.
 */
export function tableJsonSchema(spec: TableSpec, platform?: Platform): JsonSchema {
  const columns = platform
    ? collectedColumns(spec, platform)
    : allColumns(spec).filter(({ name }) => !(name in STORED_COLUMNS));
  const groups = Map.groupBy(columns, ({ name }) => name);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: platform ? `${spec.name} (${platform})` : spec.name,
    description: spec.description,
    type: "object",
    properties: Object.fromEntries(
      [...groups].map(([name, variants]) => [name, columnJsonSchema(variants)]),
    ),
    additionalProperties: false,
  };
}

/** One property; a column that several platforms extend takes what any of them would take. */
function columnJsonSchema(variants: readonly Column[]): JsonSchema {
  const optional = variants.some((column) => column.optional);
  const types = new Set(variants.flatMap(({ type }) => TYPES[type] ?? []));
  const closed = variants.every((column) => column.values);
  const values = new Set(variants.flatMap((column) => column.values ?? []));
  const shapes = variants.flatMap(({ shape }) => shape ? [JSON.parse(shape)] : []);
  return {
    description: variants.map(describe).join("\n"),
    ...(types.size > 0 && { type: optional ? [...types, "null"] : [...types] }),
    ...(closed && { enum: optional ? [...values, null] : [...values] }),
    ...(shapes.length > 0 && { examples: shapes }),
  };
}

function describe({ description, unit, platform }: Column): string {
  const where = platform ? `${PLATFORM_NAMES[platform]}: ` : "";
  return `${where}${description}${unit ? ` (${unit})` : ""}`;
}
