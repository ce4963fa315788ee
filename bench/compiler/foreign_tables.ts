import type { Expression, Query } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { nodesOf } from "../../compiler/walk.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import { quoteIdentifier, tableDdl } from "../../schema/ddl.ts";
import type { ColumnSpec, ColumnType, TableSpec } from "../../schema/types.ts";
import { DatabaseSync } from "../../std/sqlite.ts";
import { filesBelow } from "./queries.ts";

/** The tables and functions of another product. */
export interface Foreign {
  readonly catalogue: ReadonlyMap<string, TableSpec>;
  readonly functions: ReadonlySet<string>;
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  BIGINT: "integer",
  INTEGER: "integer",
  UNSIGNED_BIGINT: "integer",
  DOUBLE: "float",
};

/** The tables that osquery's `specs/` declare, each with the columns that it has on any platform. */
export function readSpecs(folder: string): Map<string, TableSpec> {
  const tables = new Map<string, Map<string, ColumnType>>();
  for (const file of filesBelow(folder, /\.table$/)) {
    const text = Deno.readTextFileSync(file);
    const columns = [
      ...text.matchAll(/Column\("(\w+)",\s*(\w+)((?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^")])*)/g),
    ].flatMap(([, name, type, rest]) => [name!, ...aliasesIn(rest!)].map((one) => [one, type!]));
    for (const [, name, rest] of text.matchAll(/table_name\("(\w+)"([^)]*)/g)) {
      for (const table of [name!, ...aliasesIn(rest!)]) {
        const known = tables.get(table) ?? new Map<string, ColumnType>();
        for (const [column, type] of columns) known.set(column!, TYPES[type!] ?? "string");
        tables.set(table, known);
      }
    }
  }
  return new Map([...tables].map(([name, columns]) => [name, spec(name, [...columns])]));
}

function aliasesIn(text: string): string[] {
  const list = /aliases=\[([^\]]*)\]/.exec(text)?.[1] ?? "";
  return [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name!);
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

/** Queries, and a world in which they are at home. */
export interface Completed {
  readonly foreign: Foreign;
  /** The queries in their order, strings in double quotes in single ones. */
  readonly queries: readonly string[];
}

/** Who needs more turns than this names nothing that could be made up. */
const MAX_TURNS = 1_000;

/**
 * Makes up the tables, columns and functions that queries name besides those of a catalogue. A column is a number if
 * every literal that it is compared with is one, else text. What stands in double quotes and is no column was meant as
 * a string: other products read it so, the SQLite that we run does not.
 */
export function completed(
  catalogue: ReadonlyMap<string, TableSpec>,
  queries: readonly string[],
  parse: (sql: string) => Query | undefined,
): Completed {
  const made = new Map<string, Set<string>>();
  const functions = new Set<string>();
  const db = databaseOf({ catalogue, functions });
  const mended = queries.map((original) => {
    let sql = original;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const missing = missed(db, sql);
      if (!missing || !supply(missing)) break;
    }
    return sql;

    function supply({ kind, name, alias }: Missing): boolean {
      switch (kind) {
        case "string": {
          const quoted = withString(sql, name);
          if (quoted === sql) return false;
          sql = quoted;
          return true;
        }
        case "table":
          made.set(name, new Set());
          db.exec(`CREATE TABLE ${quoteIdentifier(name)} (scan_id)`);
          return true;
        case "function":
          functions.add(name);
          addFunction(db, name);
          return true;
        case "column": {
          const table = tableFor(name, alias, sql, made);
          if (table === undefined) return false;
          made.get(table)!.add(name);
          db.exec(`ALTER TABLE ${quoteIdentifier(table)} ADD COLUMN ${quoteIdentifier(name)}`);
          return true;
        }
      }
    }
  });
  const numbers = numericColumns(mended.flatMap((sql) => parse(sql) ?? []));
  const all = new Map(catalogue);
  for (const [table, columns] of made) {
    all.set(
      table,
      spec(table, [...columns].map((name) => [name, numbers.has(name) ? "integer" : "string"])),
    );
  }
  return { foreign: { catalogue: all, functions }, queries: mended };
}

/** The first table that was made up for a query and has no such column yet. */
function tableFor(
  column: string,
  alias: string | undefined,
  sql: string,
  made: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  const named = (table: string) => {
    const behind = alias === undefined ? "" : `\\s+(?:AS\\s+)?${alias}\\b`;
    return table === alias || new RegExp(`\\b${table}\\b${behind}`, "i").test(sql);
  };
  return [...made.keys()].find((table) => named(table) && !made.get(table)!.has(column));
}

/** The query with a name in double quotes as a string. */
function withString(sql: string, name: string): string {
  const written = `"${name.replaceAll('"', '""')}"`;
  return lex(sql).tokens.filter(({ kind, text }) => kind === "name" && text === written)
    .reduceRight(
      (text, { start, end }) =>
        `${text.slice(0, start)}'${name.replaceAll("'", "''")}'${text.slice(end)}`,
      sql,
    );
}

interface Missing {
  readonly kind: "table" | "function" | "column" | "string";
  readonly name: string;
  /** What a column is qualified with. */
  readonly alias?: string;
}

const MISSING: readonly (readonly [Missing["kind"], RegExp])[] = [
  ["table", /^no such table: (?<name>\w+)$/],
  ["function", /^no such function: (?<name>\w+)$/],
  ["string", /^no such column: "(?<name>[^]*)" - should this be a string literal/],
  ["column", /^cannot join using column (?<name>\w+) - column not present in both tables$/],
  ["column", /^no such column: (?:(?<alias>\w+)\.)?(?<name>[^".]+)$/],
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
