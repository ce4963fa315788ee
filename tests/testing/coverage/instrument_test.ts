import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Node, Query, Select } from "../../../compiler/ast.ts";
import { lex } from "../../../compiler/lexer.ts";
import { compileQuery } from "../../../compiler/mod.ts";
import { parseStatement } from "../../../compiler/parser/mod.ts";
import { plainSql } from "../../../compiler/rewrite.ts";
import { registerFunctions } from "../../../dialect/mod.ts";
import { registerProbe } from "../../../engine/sandbox/probe.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { quoteIdentifier, tableDdl } from "../../../schema/ddl.ts";
import { DatabaseSync } from "../../../std/sqlite.ts";
import { clausesOf, conditionsOf } from "../../../testing/coverage/conditions.ts";
import { instrument } from "../../../testing/coverage/instrument.ts";
import {
  columnsFor,
  KEYED,
  MONITORED,
  QueryMaker,
  VALUES,
} from "../../compiler/support/queries.ts";
import { Chance } from "../../compiler/support/random.ts";

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 500);
const MAX_ROWS = 2000;

type Counts = readonly number[];

/** A host with a few rows of each table, and what was counted of the clauses of the latest query. */
function randomHost(chance: Chance) {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  const probes = registerProbe(db);
  for (const table of [...MONITORED, ...KEYED]) {
    db.exec(tableDdl(CATALOGUE.get(table)!, "linux"));
    const columns = columnsFor(table);
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const insert = db.prepare(
      `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    for (let row = chance.below(6); row > 0; row--) {
      insert.run(
        ...columns.map(({ type }) => chance.is(0.15) ? null : chance.pick(VALUES[type])),
      );
    }
  }
  return { db, probes };
}

/** The rows as sorted texts; `undefined` where there are too many. */
function rowsOf(db: DatabaseSync, sql: string): string[] | undefined {
  const statement = db.prepare(sql);
  // Deno's types of node:sqlite leave it out.
  (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  const rows: string[] = [];
  for (const row of statement.iterate()) {
    rows.push(JSON.stringify(row));
    if (rows.length > MAX_ROWS) return undefined;
  }
  return rows.sort();
}

/** A clause with how often it must have been seen true, false and NULL. */
interface Expected {
  readonly node: Node;
  readonly counts: Counts;
  /** Whether the counts are exact: a row of one table may meet several of another. */
  readonly exact: boolean;
}

/** Asks SQLite for the truth of the outermost WHERE on the rows that its FROM makes. */
function truths(db: DatabaseSync, query: Query, select: Select, text: string): Expected[] {
  if (!select.from || !select.where || query.recursive) return [];
  const nodes = clausesOf({ kind: "where", root: select.where });
  const head = text.slice(query.span.start, select.span.start);
  const sums = nodes.map((node) => {
    const sql = plainSql([node], text);
    const count = (test: string) => `count(*) FILTER (WHERE (${sql}) ${test})`;
    return [count("IS TRUE"), count("IS FALSE"), count("IS NULL")].join(", ");
  });
  const common = query.with.length > 0 ? `WITH ${plainSql(query.with, text)} ` : "";
  assert(query.with.length > 0 || head.trim() === "");
  const sql = `${common}SELECT ${sums.join(", ")} FROM ${plainSql([select.from], text)}`;
  const statement = db.prepare(sql);
  (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  const values = statement.get() as unknown as number[];
  const exact = select.from.joins.length === 0;
  return nodes.map((node, index) => ({
    node,
    counts: values.slice(index * 3, index * 3 + 3),
    exact,
  }));
}

const tally = { queries: 0, rows: 0, where: 0 };

Deno.test("instrument() changes no result, and misses nothing that a clause comes to", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const chance = new Chance(seed);
      const sql = new QueryMaker(chance).statement();
      const { query: compiled } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
      if (!compiled) return;
      const query = parseStatement(lex(sql).tokens);
      const nodes = conditionsOf(query).flatMap(clausesOf);
      const clauses = new Map<Node, number>(nodes.map((node, number) => [node, number]));
      const { db, probes } = randomHost(chance);
      const plain = rowsOf(db, compiled.sql);
      if (!plain) return;
      tally.queries++;
      if (plain.length > 0) tally.rows++;
      for (const thorough of [true, false]) {
        probes.begin(nodes.length);
        const instrumented = instrument(query, { text: sql, clauses, thorough });
        assertEquals(rowsOf(db, instrumented), plain, `${sql}\n\n${instrumented}`);
        // A LIMIT may end the query before every row has been judged.
        if (!thorough || query.body.type !== "select" || query.limit) continue;
        const counts = probes.counts.map((one) => [...one]);
        for (const { node, counts: expected, exact } of truths(db, query, query.body, sql)) {
          tally.where++;
          const seen = counts[clauses.get(node)!]!;
          const what = `${sql}\n${sql.slice(node.span.start, node.span.end)}\n${instrumented}`;
          if (exact) assertEquals(seen, [...expected], what);
          else assert(expected.every((count, at) => count === 0 || seen[at]! > 0), what);
        }
      }
      db.close();
    }),
    { numRuns: RUNS },
  );
  assert(tally.queries > RUNS * 0.4, JSON.stringify(tally));
  assert(tally.rows > RUNS * 0.1, JSON.stringify(tally));
  assert(tally.where > RUNS * 0.5, JSON.stringify(tally));
});
