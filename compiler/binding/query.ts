import type {
  Body,
  Expression,
  OrderTerm,
  Query,
  ResultTerm,
  Select,
  Subquery,
  Values,
} from "../ast.ts";
import { type CommonState, type Context, type Env, markRead, report } from "./context.ts";
import { bindExpression, bindWindow } from "./expression.ts";
import { bindFrom, bindJoinConditions } from "./from.ts";
import { type BoundColumn, columnOf, emptyScope, type Scope, sourceOf } from "./scope.ts";
import { unify } from "./types.ts";
import { folded } from "../fold.ts";
import { hasRightJoin } from "../joins.ts";

type Columns = readonly BoundColumn[] | undefined;

/** SQLite refuses more columns; nested stars double them at every level, so that it must not be asked. */
const MAX_COLUMNS = 2_000;

/** Binds a query; `outer` is the scope that it may refer to, `outerEnv` the common tables that it may name. */
export function bindQuery(
  context: Context,
  query: Query,
  outerEnv: Env | undefined,
  outer: Scope | undefined,
  self?: CommonState,
): Columns {
  const tables = new Map<string, CommonState>();
  const env: Env = { tables, parent: outerEnv };
  for (const node of query.with) {
    tables.set(folded(node.name.text), {
      node,
      env,
      outer,
      state: "waiting",
      columns: undefined,
    });
  }
  const columns = bindBody(context, query.body, env, outer, query.orderBy, self);
  // What nothing names is never read; its names are looked up all the same, for their faults.
  const unread: Context = { ...context, tables: [], reads: new Map() };
  for (const state of tables.values()) bindCommon(unread, state);
  for (const amount of [query.limit, query.offset]) {
    if (amount) bindExpression(context, amount, emptyScope(undefined), env);
  }
  context.queries.set(query, columns);
  return columns;
}

/** Binds a common table expression, once. One that refers to itself gets the columns of its first SELECT. */
export function bindCommon(context: Context, state: CommonState): Columns {
  if (state.state !== "waiting") return state.columns;
  state.state = "binding";
  const columns = bindQuery(context, state.node.query, state.env, state.outer, state);
  state.columns = named(state, columns);
  state.state = "bound";
  return state.columns;
}

function named(state: CommonState, columns: Columns): Columns {
  const names = state.node.columns;
  return names && columns?.length === names.length
    ? columns.map((column, index) => ({ ...column, name: names[index]!.text }))
    : columns;
}

function bindBody(
  context: Context,
  body: Body,
  env: Env,
  outer: Scope | undefined,
  orderBy: readonly OrderTerm[],
  self: CommonState | undefined,
): Columns {
  if (body.type === "select") return bindSelect(context, body, env, outer, orderBy);
  if (body.type === "values") return bindValues(context, body, env, outer);
  const left = bindBody(context, body.left, env, outer, [], self);
  if (self && !self.columns) self.columns = named(self, left);
  const right = bindBody(context, body.right, env, outer, [], undefined);
  bindCompoundOrder(context, body, orderBy, env, outer, left);
  if (!left || !right) return undefined;
  if (left.length !== right.length) {
    report(
      context,
      "sql-syntax",
      body.right.span,
      `the SELECTs of a ${body.operator} have ${left.length} and ${right.length} columns`,
      "both sides need the same number",
    );
    return undefined;
  }
  return left.map((column, index) => merge(column, right[index]!));
}

function merge(left: BoundColumn, right: BoundColumn): BoundColumn {
  const same = left.origin && left.origin.table === right.origin?.table &&
    left.origin.column === right.origin.column;
  const definition = eitherOf([left.definition, right.definition]);
  return {
    name: left.name,
    class: unify(left.class, right.class),
    ...(same && { origin: left.origin }),
    ...(definition && { definition }),
  };
}

/** Expressions that may each give the value, as one. */
function eitherOf(definitions: readonly (Expression | undefined)[]): Expression | undefined {
  const items = definitions.flatMap((one) => one?.type === "row" ? one.items : one ?? []);
  return items[0] && { type: "row", items, span: items[0].span };
}

function bindValues(context: Context, values: Values, env: Env, outer: Scope | undefined): Columns {
  const rows = values.rows.map((row) =>
    row.map((item) => bindExpression(context, item, emptyScope(outer), env))
  );
  return rows[0]?.map((_, index) => {
    const definition = eitherOf(values.rows.map((row) => row[index]));
    return {
      name: `column${index + 1}`,
      class: rows.map((row) => row[index] ?? "any").reduce(unify),
      ...(definition && { definition }),
    };
  });
}

function bindSelect(
  context: Context,
  select: Select,
  env: Env,
  outer: Scope | undefined,
  orderBy: readonly OrderTerm[],
): Columns {
  const scope = emptyScope(outer, select);
  context.scopes.set(select, scope);
  if (select.from) bindFrom(context, select.from, scope, env);
  const columns: BoundColumn[] = [];
  let known = true;
  for (const term of select.columns) {
    const bound = bindResultTerm(context, term, scope, env);
    if (!bound) {
      known = false;
      continue;
    }
    context.terms.set(term, bound);
    columns.push(...bound);
    if (columns.length <= MAX_COLUMNS) continue;
    report(context, "invalid-sql", select.span, `a SELECT has more than ${MAX_COLUMNS} columns`);
    return undefined;
  }
  for (const term of select.columns) {
    if (term.type !== "result" || !term.alias) continue;
    const alias = folded(term.alias.text);
    const column = context.terms.get(term)?.[0];
    if (column && !scope.aliases.has(alias)) scope.aliases.set(alias, { term, column });
  }
  const bind = (expression: Parameters<typeof bindExpression>[1]) =>
    bindExpression(context, expression, scope, env);
  if (select.from) bindJoinConditions(context, select.from, scope, env);
  if (select.where) bind(select.where);
  select.groupBy.forEach(bind);
  if (select.having) bind(select.having);
  for (const { window } of select.windows) bindWindow(context, window, scope, env);
  for (const { expression } of orderBy) bindExpression(context, expression, scope, env, true);
  return known ? columns : undefined;
}

function bindResultTerm(context: Context, term: ResultTerm, scope: Scope, env: Env): Columns {
  if (term.type === "result") {
    const { expression, alias } = term;
    const valueClass = bindExpression(context, expression, scope, env);
    const resolution = expression.type === "column"
      ? context.resolutions.get(expression)
      : undefined;
    const column = resolution?.column;
    const merged = expression.type === "column" && !expression.table &&
      resolution?.kind === "column" && isOfSeveral(resolution.column, resolution.scope);
    return [{
      name: alias?.text ?? column?.name ??
        context.text.slice(expression.span.start, expression.span.end),
      class: valueClass,
      ...(column?.origin && !merged && { origin: column.origin }),
      ...(column
        ? column.definition && { definition: column.definition }
        : { definition: expression }),
    }];
  }
  const wanted = term.table && folded(term.table.text);
  const sources = scope.sources.filter((source) =>
    wanted === undefined || folded(source.name) === wanted
  );
  if (sources.length === 0) {
    const message = term.table
      ? `there is no table \`${term.table.text}\` in this FROM`
      : "`*` without FROM";
    report(context, "unknown-table", term.span, message);
    return undefined;
  }
  const columns: BoundColumn[] = [];
  for (const source of sources) {
    if (!source.columns) return undefined;
    if (source.shape?.differs) {
      report(
        context,
        "platform-column",
        term.span,
        `\`*\` stands for other columns of \`${source.shape.spec.name}\` on each of the declared platforms`,
        "name the columns",
      );
    }
    for (const column of source.columns) {
      markRead(context, column);
      if (wanted === undefined && source.merged.has(folded(column.name))) continue;
      const { origin: _, ...merged } = column;
      columns.push(wanted === undefined && isOfSeveral(column, scope) ? merged : column);
    }
    // More are of no use, and could be more than memory holds.
    if (columns.length > MAX_COLUMNS) break;
  }
  return columns;
}

/** Whether a column that USING merges may have the value of any of its tables: that of a row which RIGHT or FULL keeps. */
function isOfSeveral({ name }: BoundColumn, { sources, select }: Scope): boolean {
  const lower = folded(name);
  return sources.some(({ merged }) => merged.has(lower)) &&
    select?.from !== undefined && hasRightJoin(select.from);
}

/** ORDER BY of a set operation names result columns, of the first SELECT for the most part. */
function bindCompoundOrder(
  context: Context,
  body: Body,
  orderBy: readonly OrderTerm[],
  env: Env,
  outer: Scope | undefined,
  columns: Columns,
): void {
  const scope = emptyScope(outer);
  const node: Subquery = { type: "subquery", query: EMPTY, span: body.span };
  scope.sources.push(sourceOf({ name: "", node, columns }));
  for (const { expression } of orderBy) {
    // A term may also repeat an expression of any SELECT; that is SQLite's to judge.
    const name = expression.type === "column" && !expression.table ? expression.name : undefined;
    if (name && columns && columnOf(scope.sources[0]!, folded(name.text))) {
      bindExpression(context, expression, scope, env);
    }
  }
}

const EMPTY: Query = {
  type: "query",
  recursive: false,
  with: [],
  body: { type: "values", rows: [], span: { start: 0, end: 0 } },
  orderBy: [],
  span: { start: 0, end: 0 },
};
