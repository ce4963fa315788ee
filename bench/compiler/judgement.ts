import type { Query } from "../../compiler/ast.ts";
import { bind } from "../../compiler/binding/mod.ts";
import { lex } from "../../compiler/lexer.ts";
import { compileQuery } from "../../compiler/mod.ts";
import { parseStatement, SqlSyntaxError } from "../../compiler/parser/mod.ts";
import { nodesOf } from "../../compiler/walk.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { TableSpec } from "../../schema/types.ts";
import { constants, type DatabaseSync } from "../../std/sqlite.ts";
import { printQuery } from "../../tests/compiler/support/print.ts";
import type { FoundQuery } from "./queries.ts";

type Reads = ReadonlyMap<string, ReadonlySet<string>>;

/** What became of one query. */
export interface Outcome extends FoundQuery {
  /** Why the lexer or the parser stopped. */
  readonly syntax?: string;
  /** Why SQLite refuses it, with the functions that we give it. */
  readonly refusedBySqlite?: string;
  /** Whether SQLite reads it, were there the functions that it calls, and so do we. */
  readonly compared: boolean;
  /** The errors that keep it from compiling. */
  readonly errors: readonly Diagnostic[];
  readonly notAnalysed: boolean;
  /** Columns that only one of the two reads, where both read the query. */
  readonly columns: readonly string[];
  /** Whether SQLite makes another program of what we understood, written out with every bracket. */
  readonly misread: boolean;
}

/** The tree of a query, or why there is none. */
export function parse(sql: string): { readonly tree?: Query; readonly syntax?: string } {
  const { tokens, faults } = lex(sql);
  if (faults.length > 0) return { syntax: faults[0]!.message };
  try {
    return { tree: parseStatement(tokens) };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return { syntax: error.message };
  }
}

/** What a query is tried on. */
export interface World {
  readonly catalogue: ReadonlyMap<string, TableSpec>;
  /** Its tables in SQLite, with the functions of the dialect alone. */
  readonly plain: DatabaseSync;
  /** The same with every function that some query calls. */
  readonly obliging: DatabaseSync;
}

/** Gives a query to us and to SQLite. */
export function judge(found: FoundQuery, { catalogue, plain, obliging }: World): Outcome {
  const { sql } = found;
  const { tree, syntax } = parse(sql);
  const verdict = askSqlite(plain, sql, catalogue);
  const reads = askSqlite(obliging, sql, catalogue);
  const { query, diagnostics } = compileQuery(sql, { catalogue, platform: "linux" });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if ((query === null) !== (errors.length > 0)) throw new Error(`no diagnostic: ${sql}`);
  const compared = tree !== undefined && typeof reads !== "string";
  return {
    ...found,
    ...(syntax !== undefined && { syntax }),
    ...(typeof verdict === "string" && { refusedBySqlite: verdict }),
    errors,
    notAnalysed: diagnostics.some(({ code }) => code === "not-analysed"),
    compared,
    columns: compared ? difference(reads, tree, sql, catalogue) : [],
    misread: compared && programOf(obliging, sql) !== programOf(obliging, printQuery(tree)),
  };
}

function askSqlite(
  db: DatabaseSync,
  sql: string,
  catalogue: ReadonlyMap<string, TableSpec>,
): Reads | string {
  const reads = new Map<string, Set<string>>();
  db.setAuthorizer((action, table, column) => {
    if (action === constants.SQLITE_READ && table && catalogue.has(table)) {
      const columns = reads.get(table) ?? reads.set(table, new Set()).get(table)!;
      if (column) columns.add(column);
    }
    return constants.SQLITE_OK;
  });
  try {
    return db.prepare(sql).columns().length === 0 ? "no query" : reads;
  } catch (error) {
    return (error as Error).message;
  } finally {
    db.setAuthorizer(null);
  }
}

/** What SQLite would do for a query, step by step. */
function programOf(db: DatabaseSync, sql: string): string {
  try {
    return JSON.stringify(db.prepare(`EXPLAIN ${sql}`).all());
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * What the one reads and the other does not. SQLite does not tell of the columns that USING and NATURAL merge, nor of a
 * table of which nothing else is read.
 */
function difference(
  theirs: Reads,
  tree: Query,
  sql: string,
  catalogue: ReadonlyMap<string, TableSpec>,
): string[] {
  const ours = bind(tree, sql, catalogue, ["linux"]).reads;
  const joins = nodesOf(tree, "join");
  const merged = new Set(joins.flatMap(({ using }) => using ?? []).map(({ text }) => text));
  const natural = joins.some((join) => join.natural);
  const told = new Map(
    [...ours].map(([table, columns]) => [
      table,
      new Set([...columns].filter((one) => !natural && !merged.has(one))),
    ]),
  );
  const hidden = new Set(
    [...told].filter(([table, columns]) => columns.size === 0 && ours.get(table)!.size > 0).map((
      [table],
    ) => table),
  );
  const left = namesOf(theirs);
  return [
    ...[...left.difference(namesOf(ours))].map((name) => `SQLite alone: ${name}`),
    ...[...namesOf(told).difference(left).difference(hidden)].map((name) => `we alone: ${name}`),
  ];
}

function namesOf(reads: Reads): Set<string> {
  return new Set([...reads].flatMap(([table, columns]) => [
    table,
    ...[...columns].map((column) => `${table}.${column}`),
  ]));
}
