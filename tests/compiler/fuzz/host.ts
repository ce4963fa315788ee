import { DatabaseSync } from "../../../std/sqlite.ts";
import { readableTables } from "../../../compiler/binding/catalogue.ts";
import { readsMap, type TableReads, tableReads } from "../../../compiler/plan/reads.ts";
import { registerFunctions } from "../../../dialect/mod.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { columnsOf } from "../../../schema/columns.ts";
import { quoteIdentifier, tableDdl } from "../../../schema/ddl.ts";
import { VALUES } from "../support/queries.ts";
import type { Chance } from "../support/random.ts";

/** A value as SQLite gives it. */
export type Value = null | number | bigint | string | Uint8Array;

/** An SQLite database with every table of a platform, none of whose statements our compiler has seen. */
export function plainDatabase(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  for (const spec of readableTables(CATALOGUE)) db.exec(tableDdl(spec, "linux"));
  return db;
}

/** Puts a few random rows in some tables, instead of those that they have. */
export function fill(db: DatabaseSync, chance: Chance, tables: readonly string[]): void {
  for (const table of tables) {
    db.exec(`DELETE FROM ${quoteIdentifier(table)}`);
    const columns = columnsOf(CATALOGUE.get(table)!, "linux");
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const insert = db.prepare(
      `INSERT INTO ${quoteIdentifier(table)} (${names}) VALUES (${
        columns.map(() => "?").join(", ")
      })`,
    );
    for (let row = chance.below(6); row > 0; row--) {
      insert.run(
        ...columns.map(({ type }) => chance.is(0.2) ? null : chance.pick(VALUES[type])),
      );
    }
  }
}

/** The rows of a query; `undefined` where SQLite fails it or there are too many. */
export function rowsOf(db: DatabaseSync, sql: string, most = 2_000): Value[][] | undefined {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  // Deno's types of node:sqlite leave both out.
  const more = statement as unknown as {
    setReturnArrays(on: boolean): void;
    setAllowUnknownNamedParameters(on: boolean): void;
  };
  more.setReturnArrays(true);
  more.setAllowUnknownNamedParameters(true);
  const rows: Value[][] = [];
  // Numbers would be bound as reals.
  const parameters = { now: 1_700_000_002_000n, since: null, scan_id: 1n };
  try {
    for (const row of statement.iterate(parameters) as Iterable<unknown>) {
      rows.push(row as Value[]);
      if (rows.length > most) return undefined;
    }
  } catch {
    return undefined;
  }
  return rows;
}

/** Rows as text, whatever their order. */
export function asSet(rows: readonly (readonly Value[])[]): string[] {
  return rows.map((row) =>
    JSON.stringify(row.map((value) => typeof value === "bigint" ? `${value}n` : value))
  ).sort();
}

const READABLE = new Set(readableTables(CATALOGUE).map(({ name }) => name));

/** The tables and columns that SQLite says it reads for a statement. What it reads of a view is read of its table. */
export function authorizedReads(db: DatabaseSync, sql: string): TableReads {
  const reads = new Map<string, Set<string>>();
  db.setAuthorizer((action, table, column) => {
    if (action === 20 && table && READABLE.has(table)) {
      const columns = reads.get(table) ?? reads.set(table, new Set()).get(table)!;
      if (column && column !== "ROWID") columns.add(column);
    }
    return 0;
  });
  try {
    db.prepare(sql);
  } finally {
    db.setAuthorizer(null);
  }
  return readsMap(tableReads([reads]));
}

/** What SQLite would do for a statement, step by step. */
export function programOf(db: DatabaseSync, sql: string): string {
  return JSON.stringify(db.prepare(`EXPLAIN ${sql}`).all());
}
