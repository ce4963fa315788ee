import type { Span } from "../diagnostics/source.ts";
import type { Query } from "./ast.ts";
import type { Fault } from "./binding/mod.ts";
import { heightOf, nodesOf } from "./walk.ts";

/** The most SQL, in bytes of UTF-8. */
export const MAX_SQL_BYTES = 64 * 1024;

/** The most tables that a query may name in FROM, each time counted. */
export const MAX_TABLES = 16;

/** How deep an expression may be, chains of operators included: SQLite's own limit. */
const MAX_HEIGHT = 1_000;

/** The fault of SQL that is too long, if it is. */
export function lengthFault(sql: string, span: Span): Fault | undefined {
  if (sql.length * 3 <= MAX_SQL_BYTES) return undefined;
  const bytes = new TextEncoder().encode(sql).length;
  if (bytes <= MAX_SQL_BYTES) return undefined;
  return {
    code: "too-long",
    span,
    message: `the SQL has ${bytes} bytes, at most ${MAX_SQL_BYTES} are allowed`,
    hint: "long lists belong in a file: `resources.indicators`",
  };
}

/** The faults of a query that is too deep or names too many tables. */
export function limitFaults(query: Query): Fault[] {
  const faults: Fault[] = [];
  if (heightOf(query) > MAX_HEIGHT) {
    faults.push({
      code: "too-deep",
      span: query.span,
      message: `an expression is more than ${MAX_HEIGHT} operators deep`,
      hint: "x = 1 OR x = 2 OR … is shorter as x IN (1, 2, …), and many LIKE as one REGEXP",
    });
  }
  const common = new Set(nodesOf(query, "common-table").map(({ name }) => name.text.toLowerCase()));
  const tables = nodesOf(query, "table").filter(({ name }) => !common.has(name.text.toLowerCase()));
  const extra = tables[MAX_TABLES];
  if (extra) {
    faults.push({
      code: "too-many-tables",
      span: extra.span,
      message: `${tables.length} tables are named, at most ${MAX_TABLES} are allowed`,
      hint: "a common table expression that is used several times counts once",
    });
  }
  return faults;
}
