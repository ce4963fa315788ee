import type { Span } from "../diagnostics/source.ts";
import type { Expression, Query, Table } from "./ast.ts";
import type { Binding, Fault } from "./binding/mod.ts";
import { measure } from "./extent.ts";
import { heightOf, nodesOf } from "./walk.ts";

/** The most SQL, in bytes of UTF-8. */
export const MAX_SQL_BYTES = 64 * 1024;

/** The most tables that a query may name in FROM, each time counted. */
export const MAX_TABLES = 16;

/**
 * The most SELECTs and tables that a query may have once every common table expression is put in the place of its name,
 * and conditions are copied into subqueries: SQLite does both, and a small text that doubles keeps it busy for hours.
 */
const MAX_EXPANDED_PARTS = 512;

/** The most window functions: SQLite nests the query once more for each. */
const MAX_WINDOWS = 100;

/** How deep an expression may be, chains of operators included: SQLite's own limit. */
const MAX_HEIGHT = 1_000;

/**
 * The most terms that expressions may have once every column of a subquery is replaced by what computes it: SQLite does
 * that, too.
 */
const MAX_EXPANDED_TERMS = 10_000;

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
  const named: Table[] = [];
  const expanded = measure(query, named, MAX_HEIGHT);
  // What stands in the place of names only makes it higher.
  if (expanded.height > MAX_HEIGHT && heightOf(query) > MAX_HEIGHT) {
    faults.push({
      code: "too-deep",
      span: query.span,
      message: `an expression is more than ${MAX_HEIGHT} operators deep`,
      hint: "x = 1 OR x = 2 OR … is shorter as x IN (1, 2, …), and many LIKE as one REGEXP",
    });
  } else if (expanded.height > MAX_HEIGHT) {
    faults.push({
      code: "too-deep",
      span: query.span,
      message:
        `common table expressions that name each other are more than ${MAX_HEIGHT} levels deep`,
    });
  }
  const windows = nodesOf(query, "call").filter(({ over }) => over);
  const window = windows[MAX_WINDOWS];
  if (window) {
    faults.push({
      code: "too-deep",
      span: window.span,
      message: `there are ${windows.length} window functions, at most ${MAX_WINDOWS} are allowed`,
    });
  }
  const extra = named[MAX_TABLES];
  if (extra) {
    faults.push({
      code: "too-many-tables",
      span: extra.span,
      message: `${named.length} tables are named, at most ${MAX_TABLES} are allowed`,
      hint: "a common table expression that is used several times counts once",
    });
  } else if (expanded.parts > MAX_EXPANDED_PARTS) {
    faults.push({
      code: "too-many-tables",
      span: query.span,
      message:
        `written out as SQLite does it, there are more than ${MAX_EXPANDED_PARTS} SELECTs and tables`,
      hint:
        "name each common table expression fewer times, and nest fewer subqueries in conditions",
    });
  }
  return faults;
}

/** The fault of columns that are computed from columns that are computed, and so on, where that grows too much. */
export function computedFault(query: Query, { resolutions }: Binding): Fault | undefined {
  const sizes = new Map<Expression, number>();
  let terms = 0;
  for (const { column } of resolutions.values()) {
    if (column.definition) terms += sizeOf(column.definition);
  }
  if (terms <= MAX_EXPANDED_TERMS) return undefined;
  return {
    code: "too-deep",
    span: query.span,
    message:
      `with every column replaced by what computes it, expressions have more than ${MAX_EXPANDED_TERMS} terms`,
    hint: "compute less from what is computed already",
  };

  function sizeOf(definition: Expression): number {
    const known = sizes.get(definition);
    if (known !== undefined) return known;
    sizes.set(definition, 1);
    // Of the values of a set operation each SELECT computes its own.
    const size = definition.type === "row"
      ? definition.items.reduce((most, item) => Math.max(most, sizeOf(item)), 0)
      : nodesOf(definition).reduce((sum, node) => {
        const inner = node.type === "column" && resolutions.get(node)?.column.definition;
        return sum + (inner ? sizeOf(inner) : 1);
      }, 0);
    sizes.set(definition, size);
    return size;
  }
}
