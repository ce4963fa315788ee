import { registerFunctions } from "../../dialect/mod.ts";
import { type Catalogue, VIEWS } from "../../profiles/mod.ts";
import { tableDdl } from "../../schema/ddl.ts";
import type { Platform } from "../../schema/types.ts";
import { viewDdl } from "../../schema/view.ts";
import { DatabaseSync } from "../../std/sqlite.ts";

/** Tells what SQLite makes of queries. Nothing is run. */
export interface Bytecode extends Disposable {
  /** The program of a query on every platform as a text: equal texts are programs that do the same. */
  of(sql: string): string;
}

/** Opens the empty tables of some platforms. */
export function openBytecode(catalogue: Catalogue, platforms: readonly Platform[]): Bytecode {
  const databases = platforms.map((platform) => {
    const db = new DatabaseSync(":memory:");
    registerFunctions(db);
    for (const spec of catalogue.values()) db.exec(tableDdl(spec, platform));
    for (const view of VIEWS) if (catalogue.has(view.base)) db.exec(viewDdl(view));
    return db;
  });
  return {
    of: (sql) => JSON.stringify(databases.map((db) => db.prepare(`EXPLAIN ${sql}`).all())),
    [Symbol.dispose]() {
      for (const db of databases) db.close();
    },
  };
}
