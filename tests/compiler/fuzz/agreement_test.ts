import { assert, assertEquals } from "@std/assert";
import { compileQuery } from "../../../compiler/mod.ts";
import { lex } from "../../../compiler/lexer.ts";
import { parseStatement } from "../../../compiler/parser/mod.ts";
import type { CompiledQuery, ResultColumn } from "../../../model/compiled.ts";
import type { Node } from "../../../compiler/ast.ts";
import { nodesOf } from "../../../compiler/walk.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { ColumnType } from "../../../schema/types.ts";
import { printQuery } from "../support/print.ts";
import { QueryMaker } from "../support/queries.ts";
import { SEED } from "../../seed.ts";
import { Chance } from "../support/random.ts";
import { readCorpus } from "./corpus.ts";
import {
  asSet,
  authorizedReads,
  fill,
  plainDatabase,
  programOf,
  rowsOf,
  type Value,
} from "./host.ts";
import { mutated } from "./inputs.ts";
import { seedOf } from "./seed.ts";

/** 600 in the gate; a longer run sets it. */
const RUNS = Number(Deno.env.get("AGREEMENT_RUNS") ?? 600);

const corpus = readCorpus();
const db = plainDatabase();
const tables = [...CATALOGUE.keys()];

/** Queries that are valid, and such as are nearly so. */
function makeSql(chance: Chance): string {
  const roll = chance.next();
  if (roll < 0.5) return new QueryMaker(chance).statement();
  if (roll < 0.6) return mutated(chance, new QueryMaker(chance).statement(), corpus.queries);
  const real = chance.pick(corpus.queries);
  return roll < 0.7 ? real : mutated(chance, real, corpus.queries);
}

/** Whether it is 0 as written, or has become it. */
function isFalse(node: Node): boolean {
  if (node.type === "literal") return node.kind === "integer" && Number(node.value) === 0;
  return node.type === "binary" && node.operator === "AND" &&
    [node.left, node.right].some(isFalse);
}

/** Calls back with accepted queries, and says how each can be had again. */
function forAccepted(check: (sql: string, query: CompiledQuery, chance: Chance) => void): void {
  let accepted = 0;
  for (let index = 0; index < RUNS; index++) {
    const chance = new Chance(seedOf(SEED, index));
    const sql = makeSql(chance);
    const { query } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
    if (!query) continue;
    accepted++;
    try {
      check(sql, query, chance);
    } catch (error) {
      throw new Error(`SEED=${SEED}, query ${index}: ${sql}\n${(error as Error).message}`);
    }
  }
  assert(accepted > RUNS / 5, `only ${accepted} of ${RUNS} queries are accepted`);
}

/** Whether SQLite reads the author's own text, without the words that only we know. */
function isPlain(sql: string): boolean {
  return !lex(sql).tokens.some(({ kind, text }) => kind === "word" && /^auto$/i.test(text));
}

Deno.test("what is read of which table is what SQLite reads", () => {
  forAccepted((sql, query) => {
    const theirs = authorizedReads(db, isPlain(sql) ? sql : query.sql);
    const ours = new Map(query.tables.map(({ table, columns }) => [table, new Set(columns)]));
    const name = (table: string, column: string) => `${table}.${column}`;
    const missing = [...theirs].flatMap(([table, columns]) =>
      ours.has(table)
        ? [...columns].filter((column) => !ours.get(table)!.has(column)).map((one) =>
          name(table, one)
        )
        : [table]
    );
    // Of tables in parentheses SQLite reads every column before it drops those that nothing names.
    const groups = nodesOf(parseStatement(lex(query.sql).tokens), "join-group");
    if (groups.length === 0) assertEquals(missing, [], "read by SQLite alone");
    // SQLite does not tell of the columns of USING, nor of a table of which nothing else is read. What tells keys apart is read for the plan.
    const merges = /\b(?:USING|NATURAL)\b/i.test(sql);
    const forKeys = query.plan.triggers.flatMap(({ keys }) =>
      keys.kind === "rows"
        ? keys.tables.flatMap(({ table, columns }) => columns.map((one) => name(table, one)))
        : []
    );
    // SQLite drops what stands beside a false literal in AND while it parses.
    const drops = nodesOf(parseStatement(lex(query.sql).tokens), "binary").some((
      { operator, left, right },
    ) => operator === "AND" && [left, right].some(isFalse));
    const more = merges || drops
      ? []
      : [...ours].flatMap(([table, columns]) =>
        [...columns].filter((column) => !theirs.get(table)?.has(column))
          .map((one) => name(table, one)).filter((one) => !forKeys.includes(one))
      );
    assertEquals(more, [], "read by us alone");
    if (!merges && !drops) assertEquals([...ours.keys()].sort(), [...theirs.keys()].sort());
  });
});

Deno.test("a query means to us what it means to SQLite", () => {
  forAccepted((sql, query, chance) => {
    // Without an order that tells all rows apart, which ones LIMIT leaves is a matter of luck.
    const cut = /\bLIMIT\b/i.test(sql);
    const tree = printQuery(parseStatement(lex(sql).tokens));
    assertEquals(programOf(db, tree), programOf(db, query.sql), tree);
    for (let round = 0; round < 3; round++) {
      fill(db, chance, query.tables.map(({ table }) => table));
      const ran = rowsOf(db, query.sql);
      if (!ran) return;
      if (isPlain(sql)) assertEquals(asSet(ran), asSet(rowsOf(db, sql)!));
      if (!cut) assertEquals(asSet(rowsOf(db, tree) ?? []), asSet(ran), tree);
      checkColumns(query, ran);
    }
  });
  fill(db, new Chance(SEED), tables);
});

/** Values are of the type that the result column is said to have, and come from where it is said that they come from. */
function checkColumns({ columns }: CompiledQuery, rows: readonly (readonly Value[])[]): void {
  const origins = columns.map(({ origin }) =>
    origin &&
    new Set(rowsOf(db, `SELECT "${origin.column}" FROM ${origin.table}`)!.map(([value]) => value))
  );
  for (const row of rows) {
    assertEquals(row.length, columns.length);
    row.forEach((value, index) => {
      const column = columns[index]!;
      assert(
        value === null || fits(column, value),
        `${column.name} is no ${column.type}: ${value}`,
      );
      const known = origins[index];
      assert(
        value === null || !known || known.has(value),
        `${column.name} has ${value}, which ${column.origin?.table}.${column.origin?.column} has not`,
      );
    });
  }
}

/** What values of each type of column are in SQLite. */
const FITS: Readonly<Record<ColumnType, (value: Value) => boolean>> = {
  string: (value) => typeof value === "string",
  json: (value) => typeof value === "string",
  boolean: (value) => value === 0n || value === 1n,
  integer: (value) => typeof value === "bigint",
  timestamp: (value) => typeof value === "bigint",
  float: (value) => typeof value === "number" || typeof value === "bigint",
};

function fits({ type }: ResultColumn, value: Value): boolean {
  return type === undefined || FITS[type](value);
}
