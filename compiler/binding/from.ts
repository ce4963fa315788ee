import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import type { From, Join, Name, Source, Table, TableFunction } from "../ast.ts";
import { type Context, type Env, markRead, report } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { nearest } from "../nearest.ts";
import { bindCommon, bindQuery } from "./query.ts";
import { type BoundColumn, type BoundSource, columnOf, type Scope, sourceOf } from "./scope.ts";
import type { ValueClass } from "./types.ts";
import { folded } from "../fold.ts";

/** Adds the sources of a FROM clause to a scope, from left to right. */
export function bindFrom(context: Context, from: From, scope: Scope, env: Env): void {
  bindSource(context, from.first, scope, env);
  for (const join of from.joins) {
    const before = scope.sources.length;
    bindSource(context, join.source, scope, env);
    if (join.using || join.natural) mergeColumns(context, join, scope, before);
  }
}

/** Binds ON, WHEN and the arguments of table functions, which see every source of their FROM. */
export function bindJoinConditions(context: Context, from: From, scope: Scope, env: Env): void {
  bindArguments(context, from.first, scope, env);
  for (const join of from.joins) {
    bindArguments(context, join.source, scope, env);
    if (join.on) bindExpression(context, join.on, scope, env);
    if (join.auto?.when) bindExpression(context, join.auto.when, scope, env);
  }
}

function bindArguments(context: Context, source: Source, scope: Scope, env: Env): void {
  if (source.type === "join-group") bindJoinConditions(context, source.from, scope, env);
  if (source.type !== "table-function") return;
  for (const argument of source.arguments) bindExpression(context, argument, scope, env);
}

function bindSource(context: Context, source: Source, scope: Scope, env: Env): void {
  switch (source.type) {
    case "table":
      addSource(context, scope, bindTable(context, source, env));
      return;
    case "table-function":
      addSource(context, scope, bindTableFunction(context, source));
      return;
    case "subquery": {
      const columns = bindQuery(context, source.query, env, scope.outer);
      const name = source.alias?.text ?? "";
      addSource(context, scope, sourceOf({ name, node: source, columns }));
      return;
    }
    case "join-group":
      bindFrom(context, source.from, scope, env);
      if (source.alias) {
        const name = source.alias.text;
        addSource(context, scope, sourceOf({ name, node: source, columns: undefined }));
      }
      return;
  }
}

/** Finds what a name in FROM stands for: a common table expression, else a virtual table. */
export function bindTable(context: Context, table: Table, env: Env): BoundSource {
  const wanted = folded(table.name.text);
  const base = { name: table.alias?.text ?? table.name.text, node: table };
  if (table.schema) {
    const hint = context.shapes.get(wanted) ? `write ${table.name.text}` : undefined;
    report(context, "unknown-table", table.schema.span, "tables have no schema here", hint);
    return sourceOf({ ...base, columns: undefined });
  }
  for (let at: Env | undefined = env; at; at = at.parent) {
    const state = at.tables.get(wanted);
    if (!state) continue;
    context.common.set(table, state.node);
    return sourceOf({ ...base, columns: bindCommon(context, state) });
  }
  const given = context.given.get(wanted);
  if (given) return sourceOf({ ...base, columns: given });
  const shape = context.shapes.get(wanted);
  if (!shape) {
    reportUnknownTable(context, table.name, env);
    return sourceOf({ ...base, columns: undefined });
  }
  if (!context.reads.has(shape.spec.name)) context.reads.set(shape.spec.name, new Set());
  const source = sourceOf({ ...base, columns: shape.columns, shape });
  context.tables.push(source);
  return source;
}

function reportUnknownTable(context: Context, name: Name, env: Env): void {
  const { text, span } = name;
  if (/^(?:sqlite_|pragma_)/i.test(text) || ["dbstat", "bytecode"].includes(text.toLowerCase())) {
    const message = `\`${text}\` is SQLite's own and not part of the dialect`;
    report(context, "unknown-table", span, message, "`daemoneye schema` lists the tables");
    return;
  }
  const known = [...context.shapes.names];
  for (let at: Env | undefined = env; at; at = at.parent) {
    for (const { node } of at.tables.values()) known.push(node.name.text);
  }
  const hint = nearest(text, known) ?? "`daemoneye schema` lists the tables";
  report(context, "unknown-table", span, `there is no table \`${text}\``, hint);
}

const ELEMENT_COLUMNS: readonly (readonly [string, ValueClass])[] = [
  ["key", "any"],
  ["value", "any"],
  ["type", "text"],
  ["atom", "any"],
  ["id", "integer"],
  ["parent", "integer"],
  ["fullkey", "text"],
  ["path", "text"],
];

/** Binds a table-valued function without its arguments. */
export function bindTableFunction(context: Context, source: TableFunction): BoundSource {
  const name = source.name.text;
  const spec = ALLOWED_FUNCTIONS.get(name.toLowerCase());
  const base = { name: source.alias?.text ?? name, node: source };
  if (spec?.kind !== "table") {
    const tables = [...ALLOWED_FUNCTIONS].filter(([, { kind }]) => kind === "table");
    report(
      context,
      "refused-function",
      source.name.span,
      `\`${name}\` is no table function of the dialect`,
      `there are ${tables.map(([one]) => one).join(" and ")}`,
    );
    return sourceOf({ ...base, columns: undefined });
  }
  const columns = ELEMENT_COLUMNS.map(([column, of]): BoundColumn => ({ name: column, class: of }));
  return sourceOf({ ...base, columns });
}

/**
 * Merges the columns that USING names, or NATURAL finds, with those of the sources on the left. Of several sources in
 * parentheses the first one that has a column gives it.
 */
function mergeColumns(context: Context, join: Join, scope: Scope, before: number): void {
  const left = scope.sources.slice(0, before);
  const right = scope.sources.slice(before);
  const unsure = scope.sources.some(({ columns }) => !columns);
  for (const text of join.using?.map((name) => name.text) ?? common(left, right)) {
    const lower = folded(text);
    const own = right.find((one) => columnOf(one, lower)) ?? right.find(({ columns }) => !columns);
    const theirs = left.flatMap((one) => columnOf(one, lower) ?? []);
    if ((!own || theirs.length === 0) && !unsure) {
      const span = join.using?.find((name) => name.text === text)?.span ?? join.span;
      report(context, "unknown-column", span, `\`${text}\` is not a column of both sides`);
    }
    const merged = own && columnOf(own, lower);
    for (const column of merged ? [merged, ...theirs] : theirs) markRead(context, column);
    own?.merged.add(lower);
    for (const source of right) source.hidden.add(lower);
  }
}

function common(left: readonly BoundSource[], right: readonly BoundSource[]): string[] {
  const names = right.flatMap(({ columns = [] }) => columns.map(({ name }) => name));
  return [...new Set(names)]
    .filter((name) => left.some((source) => columnOf(source, folded(name))));
}

function addSource(context: Context, scope: Scope, source: BoundSource): void {
  scope.sources.push(source);
  context.sources.set(source.node, source);
}
