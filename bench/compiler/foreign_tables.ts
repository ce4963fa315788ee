import { nodesOf } from "../../compiler/walk.ts";
import type { Expression, Query } from "../../compiler/ast.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import { tableDdl } from "../../schema/ddl.ts";
import type { ColumnSpec, ColumnType, TableSpec } from "../../schema/types.ts";
import { DatabaseSync } from "../../std/sqlite.ts";

/** The tables and functions of another product. */
export interface Foreign {
  readonly catalogue: ReadonlyMap<string, TableSpec>;
  readonly functions: ReadonlySet<string>;
}

interface OsquerySchema {
  readonly tables: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }[];
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  TEXT: "string",
  BIGINT: "integer",
  INTEGER: "integer",
  UNSIGNED_BIGINT: "integer",
  DATETIME: "string",
  DOUBLE: "float",
};

/** The tables of a schema as osquery's tools export it, as a catalogue. */
export function readSchema(path: string): Map<string, TableSpec> {
  const { tables } = JSON.parse(Deno.readTextFileSync(path)) as OsquerySchema;
  return new Map(
    tables.flatMap(({ name, aliases, columns }) =>
      [name, ...aliases].map((one) => [
        one,
        spec(one, columns.map((column) => [column.name, TYPES[column.type] ?? "string"])),
      ])
    ),
  );
}

function spec(name: string, columns: readonly (readonly [string, ColumnType])[]): TableSpec {
  return {
    name,
    description: "",
    collector: "",
    kind: "monitor",
    columns: Object.fromEntries(columns.map(([column, type]): [string, ColumnSpec] => [
      column,
      [type, ""],
    ])),
    examples: [],
  };
}

/** A database with these tables and functions, for preparing statements. */
export function databaseOf({ catalogue, functions }: Foreign): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  for (const one of catalogue.values()) db.exec(tableDdl(one, "linux"));
  for (const name of functions) addFunction(db, name);
  return db;
}

function addFunction(db: DatabaseSync, name: string): void {
  db.function(name, { varargs: true }, () => null);
}

/**
 * The catalogue with the tables, columns and functions besides that queries name and SQLite misses. A column is a number if every
 * literal that it is compared with is one, else text.
 */
export function completed(
  catalogue: ReadonlyMap<string, TableSpec>,
  queries: readonly { readonly sql: string; readonly tree: Query | undefined }[],
): Foreign {
  const made = new Map<string, Set<string>>();
  const functions = new Set<string>();
  const db = databaseOf({ catalogue, functions });
  for (const { sql } of queries) {
    // Each turn adds what SQLite misses first; a query that names more columns than this has none of ours.
    for (let turn = 0; turn < 500; turn++) {
      const missing = missed(db, sql);
      if (!missing) break;
      const { kind, name } = missing;
      if (kind === "table") {
        made.set(name, new Set());
        db.exec(`CREATE TABLE "${name}" (scan_id)`);
      } else if (kind === "function") {
        functions.add(name);
        addFunction(db, name);
      } else {
        const alias = missing.alias === undefined ? "" : `\\s+(?:AS\\s+)?${missing.alias}\\b`;
        const named = (one: string) =>
          one === missing.alias || new RegExp(`\\b${one}\\b${alias}`, "i").test(sql);
        const table = [...made.keys()].find((one) => named(one) && !made.get(one)!.has(name));
        if (table === undefined) break;
        made.get(table)!.add(name);
        db.exec(`ALTER TABLE "${table}" ADD COLUMN "${name}"`);
      }
    }
  }
  const numbers = numericColumns(queries.flatMap(({ tree }) => tree ?? []));
  const all = new Map(catalogue);
  for (const [table, columns] of made) {
    all.set(
      table,
      spec(table, [...columns].map((name) => [name, numbers.has(name) ? "integer" : "string"])),
    );
  }
  return { catalogue: all, functions };
}

interface Missing {
  readonly kind: "table" | "function" | "column";
  readonly name: string;
  /** What a column is qualified with. */
  readonly alias?: string;
}

const MISSING: readonly (readonly [Missing["kind"], RegExp])[] = [
  ["table", /^no such table: (?<name>\w+)$/],
  ["function", /^no such function: (?<name>\w+)$/],
  // In double quotes it is a string to osquery, and would become a column of that name here.
  ["column", /^cannot join using column (?<name>\w+) - column not present in both tables$/],
  ["column", /^no such column: (?:(?<alias>\w+)\.)?(?<name>\w+)$/],
];

function missed(db: DatabaseSync, sql: string): Missing | undefined {
  try {
    db.prepare(sql);
  } catch (error) {
    for (const [kind, form] of MISSING) {
      const { name, alias } = form.exec((error as Error).message)?.groups ?? {};
      if (name !== undefined) return { kind, name, ...(alias !== undefined && { alias }) };
    }
  }
  return undefined;
}

/** Names of columns that are compared with numbers and with nothing else. */
function numericColumns(trees: readonly Query[]): ReadonlySet<string> {
  const numbers = new Set<string>();
  const texts = new Set<string>();
  const note = (column: Expression, value: Expression) => {
    if (column.type !== "column" || value.type !== "literal") return;
    if (value.kind === "integer" || value.kind === "float") numbers.add(column.name.text);
    if (value.kind === "string") texts.add(column.name.text);
  };
  for (const tree of trees) {
    for (const { left, right } of nodesOf(tree, "binary")) note(left, right);
    for (const { operand, pattern } of nodesOf(tree, "matching")) note(operand, pattern);
    for (const { operand, items } of nodesOf(tree, "in-list")) {
      items.forEach((item) => note(operand, item));
    }
  }
  return new Set([...numbers].filter((name) => !texts.has(name)));
}
