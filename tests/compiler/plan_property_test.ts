import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { compileQuery, predicateSql } from "../../compiler/mod.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { quoteIdentifier, tableDdl } from "../../schema/ddl.ts";
import { columnsFor, KEYED, MONITORED, QueryMaker, VALUES } from "./support/queries.ts";
import { Chance } from "./support/random.ts";

/** 1,000 in the gate; a longer run sets it. */
const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 1000);
const TABLES = [...MONITORED, ...KEYED];
const MAX_ROWS = 2000;

function database(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  return db;
}

/** A host with a few rows of each table, some of whose values meet. */
function randomHost(chance: Chance): DatabaseSync {
  const db = database();
  for (const table of TABLES) {
    db.exec(tableDdl(CATALOGUE.get(table)!, "linux"));
    const columns = columnsFor(table);
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const insert = db.prepare(
      `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    for (let row = chance.below(7); row > 0; row--) {
      const values = new Map(
        columns.map(({ name, type }) =>
          [name, chance.is(0.15) ? null : chance.pick(VALUES[type])] as const
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
  const copied = new Map<string, Set<unknown>>();
  for (const { table, project, where } of plan.tasks) {
    copy(table, project, where ? predicateSql(where) : "TRUE");
  }
  for (const { table, project, where, key, keys } of plan.triggers) {
    const wanted = where ? `(${predicateSql(where)})` : "TRUE";
    if (keys.kind === "values") {
      copy(
        table,
        project,
        `${predicateSql({ op: "in", column: key, values: keys.values })} AND ${wanted}`,
      );
    } else if (keys.kind === "glob") {
      for (const pattern of keys.patterns) {
        copy(table, project, `${predicateSql({ op: "glob", column: key, pattern })} AND ${wanted}`);
      }
    } else {
      for (const [value, identity] of rowsOf(image, keys.sql)!) {
        if (value === null) continue;
        const literal = typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : `${value}`;
        const same = keys.process && identity !== null ? ` AND process_key IS '${identity}'` : "";
        copy(table, project, `${key} = ${literal}${same} AND ${wanted}`);
      }
    }
  }
  return image;
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
      const { plan } = query;
      if (plan.tasks.some(({ where }) => where)) counts.pushed++;
      if (plan.triggers.length > 0) counts.triggered++;
      for (let round = 0; round < 2; round++) {
        const host = randomHost(chance);
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
