import { quoteIdentifier } from "../../schema/ddl.ts";
import type { Expression, Node, Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { columnOf } from "../binding/scope.ts";
import { hasRightJoin } from "../joins.ts";
import { type Edit, plainSql } from "../rewrite.ts";
import { parentsOf } from "../walk.ts";
import { conjuncts, type Placed, readsOf } from "./conditions.ts";
import type { MergedColumn, Request } from "./keys.ts";

/** Which column identifies the process that a pid column means. */
const IDENTITY: Readonly<Record<string, string>> = {
  pid: "process_key",
  process_pid: "process_key",
  ppid: "parent_key",
};

/** SQL that gives keys, and whether its second column identifies their processes. */
export interface KeyRows {
  readonly sql: string;
  readonly process: boolean;
}

/** What all keys of a query are made from. */
export interface KeyRowsContext {
  readonly text: string;
  readonly query: Query;
  readonly binding: Binding;
  readonly parents: ReadonlyMap<Node, Node>;
  /** What else is to be changed in the SQL. */
  readonly edits: readonly Edit[];
}

/** Prepares for {@linkcode keyRows}. */
export function keyRowsContext(
  query: Query,
  binding: Binding,
  text: string,
  edits: readonly Edit[] = [],
): KeyRowsContext {
  return { text, query, binding, parents: parentsOf(query), edits };
}

/** The query for the keys that the rows to the left, or those of a subquery, have for a source. */
export function keyRows(
  context: KeyRowsContext,
  placed: Placed,
  request: Exclude<Request, { kind: "constants" }>,
): KeyRows {
  const plain = (...nodes: Node[]) => plainSql(nodes, context.text, context.edits);
  if (request.kind === "query") {
    const inner = `SELECT DISTINCT * FROM (${plain(request.query)})`;
    return { sql: withCommonTables(context, inner, placed.select), process: false };
  }
  const { value } = request;
  const written = keyText(value, context.text);
  const identity = request.key === "pid" ? identityOf(value, context.binding) : undefined;
  const columns = identity === undefined ? written : `${written}, ${identity}`;
  const conditions = leftConditions(placed, context.binding).map((node) => `(${plain(node)})`);
  const from = plain(...leftNodes(placed));
  const where = [`${written} IS NOT NULL`, ...conditions].join(" AND ");
  const inner = `SELECT DISTINCT ${columns} FROM ${from} WHERE ${where}`;
  return {
    sql: withCommonTables(context, inner, placed.select),
    process: identity !== undefined,
  };
}

/** The value of the rows to the left that is the key, as SQL. */
export function keyText(value: Expression | MergedColumn, text: string): string {
  return value.type === "merged"
    ? firstOf(value.sources.map((source) => qualified(source.name, value.column)))
    : `(${plainSql([value], text)})`;
}

/** What FROM joins to the left of a source. */
export function leftNodes({ from, leftEnd }: Placed): Node[] {
  return [from.first, ...from.joins].filter(({ span }) => span.end <= leftEnd);
}

/** The conditions that a row to the left must meet by itself before it is asked for. */
export function leftConditions(placed: Placed, binding: Binding): readonly Expression[] {
  const { join, select, scope } = placed;
  // After RIGHT and FULL a row that WHERE drops may still keep another one from being made up.
  const where = hasRightJoin(select.from!) ? undefined : select.where;
  const when = conjuncts(join?.auto?.when);
  return [
    ...when,
    ...[...conjuncts(join?.on), ...conjuncts(where)].filter((condition) => {
      const { sources, others } = readsOf(condition, scope, binding);
      return sources.size > 0 && !others && [...sources].every((one) => placed.left.includes(one));
    }),
  ];
}

/** The first of some values that is not NULL. */
function firstOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `coalesce(${values.join(", ")})`;
}

function qualified(table: string, column: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(column)}`;
}

/** The column that says which process a pid means, where the same table has one. */
function identityOf(value: Expression | MergedColumn, binding: Binding): string | undefined {
  const found = value.type === "merged" ? value : sourceColumn(value, binding);
  const identity = found && IDENTITY[found.column];
  if (!identity) return undefined;
  const columns = found.sources.flatMap((source) =>
    source.shape && columnOf(source, identity) ? [qualified(source.name, identity)] : []
  );
  return columns.length < found.sources.length ? undefined : firstOf(columns);
}

function sourceColumn(value: Expression, binding: Binding): Omit<MergedColumn, "type"> | undefined {
  const resolution = value.type === "column" ? binding.resolutions.get(value) : undefined;
  if (resolution?.kind !== "column") return undefined;
  return { sources: [resolution.source], column: resolution.column.name };
}

/** Puts the WITH clauses around a place before a query that is taken from there. */
function withCommonTables(
  { text, parents, edits }: KeyRowsContext,
  sql: string,
  from: Node,
): string {
  let result = sql;
  for (let node = parents.get(from); node; node = parents.get(node)) {
    if (node.type !== "query" || node.with.length === 0) continue;
    const common = plainSql(node.with, text, edits);
    const inner = result.startsWith("WITH ") ? `SELECT * FROM (${result})` : result;
    result = `WITH ${node.recursive ? "RECURSIVE " : ""}${common} ${inner}`;
  }
  return result;
}
