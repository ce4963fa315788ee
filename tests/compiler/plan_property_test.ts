import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { bind } from "../../compiler/binding/mod.ts";
import { lex } from "../../compiler/lexer.ts";
import { compileQuery, predicateSql } from "../../compiler/mod.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import type { TableReads } from "../../compiler/plan/reads.ts";
import { validate } from "../../compiler/validator.ts";
import { nodesOf } from "../../compiler/walk.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import type { Trigger } from "../../model/plan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { quoteIdentifier, tableDdl } from "../../schema/ddl.ts";
import { columnsFor, QueryMaker, VALUES } from "./support/queries.ts";
import { Chance } from "./support/random.ts";

/** 1,000 in the gate; a longer run sets it. */
const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 1000);
const MAX_ROWS = 2000;

function database(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  return db;
}

/** A host with a few rows of the tables, some of whose values meet. */
function randomHost(chance: Chance, { tables }: CompiledQuery): DatabaseSync {
  const db = database();
  for (const { table } of tables) {
    db.exec(tableDdl(CATALOGUE.get(table)!, "linux"));
    const columns = columnsFor(table);
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const insert = db.prepare(
      `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    for (let row = chance.below(7); row > 0; row--) {
      const values = new Map(
        columns.map(({ name, type }) =>
          [name, chance.is(0.2) ? null : chance.pick(VALUES[type])] as const
        ),
      );
      // Identities say the same on every table, as those of a real host do.
      const identify = (pid: string, key: string) => {
        if (values.has(key)) {
          values.set(key, values.get(pid) == null ? null : `boot:${values.get(pid)}`);
        }
      };
      identify("pid", "process_key");
      identify("ppid", "parent_key");
      insert.run(...columns.map(({ name }) => values.get(name) ?? null));
    }
  }
  return db;
}

type Row = readonly (null | number | string | bigint | Uint8Array)[];

function rowsOf(db: DatabaseSync, sql: string): Row[] | undefined {
  const statement = db.prepare(sql);
  // Deno's types of node:sqlite leave it out.
  (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  const rows: Row[] = [];
  for (const row of statement.iterate() as Iterable<unknown>) {
    rows.push(row as Row);
    if (rows.length > MAX_ROWS) return undefined;
  }
  return rows;
}

function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** Copies the rows of a host that a plan asks for, and no others, in the order in which they are asked for. */
function collect(host: DatabaseSync, { tables, plan }: CompiledQuery): DatabaseSync {
  const image = database();
  for (const { table, columns } of tables) {
    // A table needs a column, and one of which only the rows are counted has none.
    const kept = [
      ...tableDdl(CATALOGUE.get(table)!, "linux").matchAll(/"(\w+)" (INTEGER|REAL|TEXT)/g),
    ]
      .filter(([, name]) => columns.includes(name!)).map(([ddl]) => ddl);
    image.exec(`CREATE TABLE ${table} (${["rows INTEGER", ...kept].join(", ")})`);
  }
  const copied = new Map<string, Set<unknown>>();
  const copy = (table: string, columns: readonly string[], where: string) => {
    const names = [...columns].map(quoteIdentifier);
    const found = rowsOf(
      host,
      `SELECT rowid, ${["1", ...names].join(", ")} FROM ${table} WHERE ${where}`,
    )!;
    const seen = copied.get(table) ?? copied.set(table, new Set()).get(table)!;
    for (const [rowid, ...values] of found) {
      if (seen.has(rowid)) continue;
      seen.add(rowid);
      image.prepare(
        `INSERT INTO ${table} (${["rows", ...names].join(", ")}) VALUES (${
          values.map(() => "?").join(", ")
        })`,
      ).run(...values);
    }
  };
  for (const { table, project, where } of plan.tasks) {
    copy(table, project, where ? predicateSql(where) : "TRUE");
  }
  for (const triggers of Map.groupBy(plan.triggers, ({ stage }) => stage).values()) {
    // The keys of a stage are all known before any of its rows is.
    const conditions = triggers.map((trigger) => keyConditions(image, trigger));
    triggers.forEach(({ table, project, where }, index) => {
      const wanted = where ? `(${predicateSql(where)})` : "TRUE";
      for (const condition of conditions[index]!) {
        copy(table, project, `${condition} AND ${wanted}`);
      }
    });
  }
  return image;
}

/** What the rows are that a trigger asks for: a condition for each key. */
function keyConditions(image: DatabaseSync, { key, keys }: Trigger): string[] {
  if (keys.kind === "values") return [predicateSql({ op: "in", column: key, values: keys.values })];
  if (keys.kind === "glob") {
    return keys.patterns.map((pattern) => predicateSql({ op: "glob", column: key, pattern }));
  }
  return rowsOf(image, keys.sql)!.filter(([value]) => value !== null).map(([value, identity]) => {
    const same = keys.process && identity !== null ? ` AND process_key IS '${identity}'` : "";
    return `${predicateSql({ op: "=", column: key, value: value as string })}${same}`;
  });
}

/** SQLite gives the columns of the result the same names, and reads the same columns of tables. */
function assertSqliteAgrees({ sql, columns, plan }: CompiledQuery): void {
  const tree = parseStatement(lex(sql).tokens);
  const groups = nodesOf(tree, "join-group").length > 0;
  const verdict = validate(sql, CATALOGUE, "linux", groups);
  if (!verdict.accepted) throw new Error(`SQLite refuses ${sql}: ${verdict.message}`);
  assertEquals(columns.map(({ name }) => name), verdict.columns.map(({ name }) => name), sql);
  const { reads, faults } = bind(tree, sql, CATALOGUE, ["linux"]);
  // SQLite does not look into common table expressions that nothing names: then all rows are asked for.
  if (faults.length > 0) return assertEquals(plan.triggers, [], sql);
  // It does not tell of the columns of USING, and of tables in parentheses it names every column.
  const merged = nodesOf(tree, "join").flatMap(({ using = [] }) => using.map(({ text }) => text));
  const ours = namesOf(reads, merged);
  const theirs = namesOf(verdict.reads, merged);
  assertEquals([...ours].filter((name) => !theirs.has(name)), [], sql);
  if (!groups) assertEquals([...theirs].filter((name) => !ours.has(name)), [], sql);
  for (const { keys } of plan.triggers) {
    if (keys.kind === "rows") {
      assertEquals(validate(keys.sql, CATALOGUE, "linux", groups).accepted, true, keys.sql);
    }
  }
}

/** Tables and their columns, except for some of the latter, and tables of which nothing else is read. */
function namesOf(reads: TableReads, but: readonly string[]): ReadonlySet<string> {
  return new Set([...reads].flatMap(([table, columns]) => {
    const others = [...columns].filter((column) => !but.includes(column));
    const names = others.map((column) => `${table}.${column}`);
    return but.length > 0 && others.length === 0 ? [] : [table, ...names];
  }));
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const counts = { accepted: 0, pushed: 0, triggered: 0, rows: 0 };

Deno.test("what is accepted SQLite executes, and what is pushed down changes no result", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const chance = new Chance(seed);
      const sql = new QueryMaker(chance).statement();
      const { query } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
      if (!query) return;
      counts.accepted++;
      assertSqliteAgrees(query);
      const { plan } = query;
      if (plan.tasks.some(({ where }) => where)) counts.pushed++;
      if (plan.triggers.length > 0) counts.triggered++;
      for (let round = 0; round < 2; round++) {
        const host = randomHost(chance, query);
        const whole = rowsOf(host, query.sql);
        if (!whole) continue;
        if (whole.length > 0) counts.rows++;
        const image = collect(host, query);
        assertEquals(
          sorted(rowsOf(image, query.sql)!),
          sorted(whole),
          `${sql}\n${JSON.stringify(plan, null, 1)}`,
        );
        host.close();
        image.close();
      }
    }),
    { numRuns: RUNS },
  );
  // A generator whose queries are all refused, or that filter nothing, would test nothing.
  if (Deno.env.get("PROPERTY_VERBOSE")) console.log(counts);
  assertEquals(counts.accepted > RUNS * 0.4, true, JSON.stringify(counts));
  assertEquals(counts.pushed > RUNS * 0.2, true, JSON.stringify(counts));
  assertEquals(counts.triggered > RUNS * 0.1, true, JSON.stringify(counts));
  assertEquals(counts.rows > RUNS * 0.2, true, JSON.stringify(counts));
});
