import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import type { From, Join, Name, Source, Table, TableFunction } from "../ast.ts";
import { type Context, type Env, markRead, report } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { nearest } from "../nearest.ts";
import { bindCommon, bindQuery } from "./query.ts";
import { type BoundColumn, type BoundSource, columnOf, type Scope } from "./scope.ts";
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
      addSource(context, scope, { name, node: source, columns, merged: new Set() });
      return;
    }
    case "join-group":
      bindFrom(context, source.from, scope, env);
      if (source.alias) {
        const name = source.alias.text;
        addSource(context, scope, { name, node: source, columns: undefined, merged: new Set() });
      }
      return;
  }
}

/** Finds what a name in FROM stands for: a common table expression, else a virtual table. */
export function bindTable(context: Context, table: Table, env: Env): BoundSource {
  const wanted = folded(table.name.text);
  const base = {
    name: table.alias?.text ?? table.name.text,
    node: table,
    merged: new Set<string>(),
  };
  if (table.schema) {
    const hint = context.shapes.has(wanted) ? `write ${table.name.text}` : undefined;
    report(context, "unknown-table", table.schema.span, "tables have no schema here", hint);
    return { ...base, columns: undefined };
  }
  for (let at: Env | undefined = env; at; at = at.parent) {
    const state = at.tables.get(wanted);
    if (!state) continue;
    context.common.set(table, state.node);
    return { ...base, columns: bindCommon(context, state) };
  }
  const given = context.given.get(wanted);
  if (given) return { ...base, columns: given };
  const shape = context.shapes.get(wanted);
  if (!shape) {
    reportUnknownTable(context, table.name, env);
    return { ...base, columns: undefined };
  }
  if (!context.reads.has(shape.spec.name)) context.reads.set(shape.spec.name, new Set());
  const source: BoundSource = { ...base, columns: shape.columns, shape };
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
  const known = [...context.shapes.values()].map(({ spec }) => spec.name);
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
  const base = { name: source.alias?.text ?? name, node: source, merged: new Set<string>() };
  if (spec?.kind !== "table") {
    const tables = [...ALLOWED_FUNCTIONS].filter(([, { kind }]) => kind === "table");
    report(
      context,
      "refused-function",
      source.name.span,
      `\`${name}\` is no table function of the dialect`,
      `there are ${tables.map(([one]) => one).join(" and ")}`,
    );
    return { ...base, columns: undefined };
  }
  const columns = ELEMENT_COLUMNS.map(([column, of]): BoundColumn => ({ name: column, class: of }));
  return { ...base, columns };
}

/** Merges the columns that USING names, or NATURAL finds, with those of the sources on the left. */
function mergeColumns(context: Context, join: Join, scope: Scope, before: number): void {
  const left = scope.sources.slice(0, before);
  for (const source of scope.sources.slice(before)) {
    const names = join.using?.map(({ text }) => text) ?? common(left, source);
    for (const text of names) {
      const lower = folded(text);
      const own = columnOf(source, lower);
      const theirs = left.flatMap((one) => columnOf(one, lower) ?? []);
      const unsure = !source.columns || left.some((one) => !one.columns);
      if ((!own || theirs.length === 0) && !unsure) {
        const span = join.using?.find((name) => name.text === text)?.span ?? join.span;
        report(context, "unknown-column", span, `\`${text}\` is not a column of both sides`);
      }
      for (const column of own ? [own, ...theirs] : theirs) markRead(context, column);
      source.merged.add(lower);
    }
  }
}

function common(left: readonly BoundSource[], right: BoundSource): string[] {
  return (right.columns ?? []).map(({ name }) => name)
    .filter((name) => left.some((source) => columnOf(source, folded(name))));
}

function addSource(context: Context, scope: Scope, source: BoundSource): void {
  scope.sources.push(source);
  context.sources.set(source.node, source);
}
