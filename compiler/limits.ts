import type { Span } from "../diagnostics/source.ts";
import type { Expression, Node, Query, Table } from "./ast.ts";
import type { Binding, Fault } from "./binding/mod.ts";
import { childrenOf, heightOf, nodesOf } from "./walk.ts";
import { folded } from "./fold.ts";

/** The most SQL, in bytes of UTF-8. */
export const MAX_SQL_BYTES = 64 * 1024;

/** The most tables that a query may name in FROM, each time counted. */
export const MAX_TABLES = 16;

/**
 * The most SELECTs and tables that a query may have once every common table expression is put in the place of its name:
 * SQLite does that, and a few that each name the one before twice keep it busy for hours.
 */
const MAX_EXPANDED_PARTS = 512;

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
  const expanded = extentOf(query, new Map(), named, 0);
  if (heightOf(query) > MAX_HEIGHT) {
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
        `with every common table expression in the place of its name, there are more than ${MAX_EXPANDED_PARTS} SELECTs and tables`,
      hint: "name each of them fewer times",
    });
  }
  return faults;
}

/** What a query comes to once every common table expression stands in the place of its name. */
interface Extent {
  /** SELECTs and tables in it. */
  readonly parts: number;
  /** Nodes on its longest way down. */
  readonly height: number;
}

/** The common table expressions that may be named somewhere, by name in lower case. */
type Extents = ReadonlyMap<string, (above: number) => Extent>;

/** Where it does not matter any more how large a query is. */
const BEYOND: Extent = { parts: 0, height: Infinity };

/**
 * Measures a query.
 *
 * @param named is given every name in it that stands for a table
 * @param above how many nodes lie above it: what is far too deep is not looked into, so that no stack is exhausted
 */
function extentOf(query: Query, outer: Extents, named: Table[], above: number): Extent {
  if (above > MAX_HEIGHT) return BEYOND;
  // Where a query adds none the names are not copied: there may be thousands of both.
  const adds = query.with.length > 0;
  const own = new Map(adds ? outer : []);
  const extents: Extents = adds ? own : outer;
  for (const { name, query: inner } of query.with) {
    let extent: Extent | undefined;
    own.set(folded(name.text), (level) => {
      if (extent) return extent;
      // One that names itself reads its own rows there, as if they were a table.
      extent = { parts: 1, height: 1 };
      return extent = extentOf(inner, extents, named, level);
    });
  }
  let parts = 0;
  let height = 0;
  const waiting: { node: Node; depth: number }[] = [{ node: query, depth: 1 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth } = next;
    const inner = extentBelow(node, above + depth);
    height = Math.max(height, depth + (inner?.height ?? 0));
    if (inner) {
      // A common table expression counts where it is named.
      if (node.type !== "common-table") parts += inner.parts;
      continue;
    }
    if (node.type === "table") named.push(node);
    if (node.type === "table" || node.type === "select") parts++;
    const children = childrenOf(node).reverse();
    waiting.push(...children.map((child) => ({ node: child, depth: depth + 1 })));
  }
  return { parts, height };

  function extentBelow(node: Node, level: number): Extent | undefined {
    switch (node.type) {
      case "query":
        return node === query ? undefined : extentOf(node, extents, named, level);
      case "table":
        return node.schema ? undefined : extents.get(folded(node.name.text))?.(level);
      case "common-table":
        return extents.get(folded(node.name.text))?.(level);
      default:
        return undefined;
    }
  }
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
