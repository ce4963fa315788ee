import { PLATFORM_NAMES } from "../../schema/types.ts";
import type {
  Binary,
  Call,
  Collate,
  ColumnReference,
  Expression,
  Literal,
  Window,
} from "../ast.ts";
import { type Context, type Env, markRead, report } from "./context.ts";
import { bindTable, bindTableFunction } from "./from.ts";
import { classOfCall } from "./function_class.ts";
import { MAX_HINTS, nearest } from "../nearest.ts";
import { bindQuery } from "./query.ts";
import { type BoundColumn, type BoundSource, emptyScope, lookup, type Scope } from "./scope.ts";
import { unify, type ValueClass } from "./types.ts";
import { folded, isRowId } from "../fold.ts";

/**
 * Binds an expression and everything below it; gives its class.
 *
 * @param aliasesFirst whether a name by itself stands for an alias of the result rather than for a column, as a term of
 * ORDER BY does; a name that is a part of the term does not
 */
export function bindExpression(
  context: Context,
  expression: Expression,
  scope: Scope,
  env: Env,
  aliasesFirst = false,
): ValueClass {
  const alone = aliasesFirst && expression.type === "collate";
  const bind = (inner: Expression) => bindExpression(context, inner, scope, env, alone);
  const valueClass = compute();
  context.classes.set(expression, valueClass);
  return valueClass;

  function compute(): ValueClass {
    switch (expression.type) {
      case "literal":
        return classOfLiteral(expression);
      case "current-time":
        return "text";
      case "parameter":
        return PARAMETER_CLASSES[expression.name] ?? "any";
      case "column":
        return bindColumn(context, expression, scope, aliasesFirst);
      case "unary": {
        const of = bind(expression.operand);
        if (expression.operator === "NOT") return "boolean";
        if (expression.operator === "~") return "integer";
        return of === "float" || of === "integer"
          ? of
          : expression.operator === "+"
          ? of
          : "number";
      }
      case "binary":
        return classOfBinary(expression, bind(expression.left), bind(expression.right));
      case "null-test":
        bind(expression.operand);
        return "boolean";
      case "matching":
        bind(expression.operand);
        bind(expression.pattern);
        if (expression.escape) bind(expression.escape);
        return "boolean";
      case "between":
        bind(expression.operand);
        bind(expression.low);
        bind(expression.high);
        return "boolean";
      case "in-list":
        bind(expression.operand);
        expression.items.forEach(bind);
        return "boolean";
      case "in-query":
        bind(expression.operand);
        bindQuery(context, expression.query, env, scope);
        return "boolean";
      case "in-table":
        bind(expression.operand);
        bindInTable();
        return "boolean";
      case "case": {
        if (expression.operand) bind(expression.operand);
        const values = expression.branches.map(({ when, then }) => (bind(when), bind(then)));
        return [...values, expression.otherwise ? bind(expression.otherwise) : "null"].reduce(
          unify,
        );
      }
      case "cast":
        return classOfCast(bind(expression.operand), expression.target);
      case "collate":
        checkCollation(context, expression);
        return bind(expression.operand);
      case "call":
        return bindCall(expression);
      case "exists":
        bindQuery(context, expression.query, env, scope);
        return "boolean";
      case "scalar-query":
        return bindQuery(context, expression.query, env, scope)?.[0]?.class ?? "any";
      case "row":
        expression.items.forEach(bind);
        return "any";
    }
  }

  function bindInTable(): void {
    if (expression.type !== "in-table") return;
    const { source } = expression;
    const bound = source.type === "table"
      ? bindTable(context, source, env)
      : bindTableFunction(context, source);
    context.sources.set(source, bound);
    bound.columns?.forEach((column) => markRead(context, column));
    if (source.type === "table-function") source.arguments.forEach(bind);
  }

  function bindCall(call: Call): ValueClass {
    const args = call.arguments.map(bind);
    for (const term of call.orderBy) bind(term.expression);
    if (call.filter) bind(call.filter);
    if (call.over && "type" in call.over) bindWindow(context, call.over, scope, env);
    return classOfCall(call, args);
  }
}

const COLLATIONS: ReadonlySet<string> = new Set(["binary", "nocase", "rtrim"]);

/** SQLite looks a collation up only where it compares, which may be as late as when the query runs. */
function checkCollation(context: Context, { collation }: Collate): void {
  if (COLLATIONS.has(folded(collation.text))) return;
  const message = `there is no collation \`${collation.text}\``;
  const hint = "the collations are BINARY, NOCASE and RTRIM";
  report(context, "invalid-sql", collation.span, message, hint);
}

/** Binds the definition of a window. */
export function bindWindow(context: Context, window: Window, scope: Scope, env: Env): void {
  for (const inner of window.partitionBy) bindExpression(context, inner, scope, env);
  for (const { expression } of window.orderBy) bindExpression(context, expression, scope, env);
  for (const bound of [window.frame?.start, window.frame?.end]) {
    if (bound && "offset" in bound) bindExpression(context, bound.offset, emptyScope(scope), env);
  }
}

const PARAMETER_CLASSES: Readonly<Record<string, ValueClass>> = {
  ":now": "timestamp",
  ":since": "timestamp",
  ":scan_id": "integer",
};

function classOfLiteral({ kind }: Literal): ValueClass {
  return kind === "string" ? "text" : kind;
}

function classOfCast(operand: ValueClass, target: string): ValueClass {
  const time = operand === "timestamp" || operand === "seconds";
  if (target.includes("INT")) return time ? operand : "integer";
  if (/CHAR|CLOB|TEXT/.test(target)) return "text";
  if (target === "" || target.includes("BLOB")) return "blob";
  if (/REAL|FLOA|DOUB/.test(target)) return time ? operand : "float";
  return time ? operand : "number";
}

function classOfBinary(
  { operator, right: rightNode }: Binary,
  left: ValueClass,
  right: ValueClass,
): ValueClass {
  switch (operator) {
    case "||":
      return "text";
    case "->":
    case "->>":
      return "any";
    case "&":
    case "|":
    case "<<":
    case ">>":
      return "integer";
    case "+":
    case "-":
      return classOfSum(operator, left, right);
    case "*":
      if (left === "seconds" || right === "seconds") {
        return isThousand(rightNode) || left !== "seconds" ? "timestamp" : "number";
      }
      return classOfProduct(left, right);
    case "/":
      if (left === "timestamp" && isThousand(rightNode)) return "seconds";
      return classOfProduct(left, right);
    case "%":
      return classOfProduct(left, right);
    default:
      return "boolean";
  }
}

/** A time and a span make a time; two times make a span. */
function classOfSum(operator: "+" | "-", left: ValueClass, right: ValueClass): ValueClass {
  const isTime = (value: ValueClass) => value === "timestamp" || value === "seconds";
  if (isTime(left) && isTime(right)) return "number";
  if (isTime(left)) return left;
  if (isTime(right) && operator === "+") return right;
  return classOfProduct(left, right);
}

function classOfProduct(left: ValueClass, right: ValueClass): ValueClass {
  const whole = (value: ValueClass) => value === "integer" || value === "boolean";
  if (whole(left) && whole(right)) return "integer";
  return left === "float" || right === "float" ? "float" : "number";
}

function isThousand(expression: Expression): boolean {
  return expression.type === "literal" && Number(expression.value) === 1000;
}

function bindColumn(
  context: Context,
  reference: ColumnReference,
  scope: Scope,
  aliasesFirst: boolean,
): ValueClass {
  const { schema, table, name, span } = reference;
  if (schema) {
    const hint = `write ${table?.text}.${name.text}`;
    report(context, "unknown-column", schema.span, "tables have no schema here", hint);
    return "any";
  }
  const found = lookup(scope, table, name, aliasesFirst);
  switch (found.kind) {
    case "column":
      context.resolutions.set(reference, found);
      markMerged(context, found.scope, folded(name.text), table !== undefined);
      markRead(context, found.column);
      return found.column.class;
    case "alias":
      context.resolutions.set(reference, found);
      return found.column.class;
    case "ambiguous": {
      const options = found.sources.map((source) => `${source.name}.${name.text}`);
      const message = `\`${name.text}\` is a column of ${found.sources.length} tables`;
      report(context, "ambiguous-column", span, message, `write ${options.join(" or ")}`);
      return "any";
    }
    case "unsure":
      if (isRowId(name.text)) reportUnknown(context, reference, scope, true);
      return "any";
    case "unknown":
      reportUnknown(context, reference, scope, found.tableKnown);
      return "any";
  }
}

/** A column that USING merges is read from every table that has it. */
function markMerged(context: Context, scope: Scope, lower: string, qualified: boolean): void {
  if (qualified) return;
  for (const source of scope.sources) {
    if (!source.merged.has(lower)) continue;
    const column = source.columns?.find(({ name }) => folded(name) === lower);
    if (column) markRead(context, column);
  }
}

function reportUnknown(
  context: Context,
  reference: ColumnReference,
  scope: Scope,
  tableKnown: boolean,
): void {
  const { table, name, span } = reference;
  const sources = visible(scope);
  if (table && !tableKnown) {
    const names = context.faults.length < MAX_HINTS ? sources.map((source) => source.name) : [];
    const hint = nearest(table.text, names) ?? sourcesHint(sources);
    const message = `there is no table or alias \`${table.text}\` here`;
    report(context, "unknown-table", table.span, message, hint);
    return;
  }
  const among = table
    ? sources.filter((source) => folded(source.name) === folded(table.text))
    : sources;
  for (const { shape } of among) {
    const platforms = shape?.platformsOf.get(folded(name.text));
    if (!platforms) continue;
    const has = platforms.map((platform) => PLATFORM_NAMES[platform]).join(" and ");
    report(
      context,
      "platform-column",
      name.span,
      `\`${shape!.spec.name}.${name.text}\` exists on ${has} only`,
      `declare \`platforms: [${platforms.join(", ")}]\`, or leave the column out`,
    );
    return;
  }
  const columns = among.flatMap((source) => source.columns ?? []);
  const only = among.length === 1 ? among[0]!.shape?.spec.name : undefined;
  const own = only === undefined
    ? `there is no column \`${name.text}\``
    : `\`${only}\` has no column \`${name.text}\``;
  report(
    context,
    "unknown-column",
    table ? name.span : span,
    own,
    context.faults.length < MAX_HINTS ? columnHint(name, columns, only) : undefined,
  );
}

function columnHint(
  { text, quoted }: { readonly text: string; readonly quoted: boolean },
  columns: readonly BoundColumn[],
  table: string | undefined,
): string | undefined {
  const near = nearest(text, columns.map(({ name }) => name));
  if (near) return near;
  if (quoted) return `a string stands in single quotes: '${text.replaceAll("'", "''")}'`;
  return table === undefined ? undefined : `\`daemoneye schema ${table}\` lists its columns`;
}

function visible(scope: Scope): BoundSource[] {
  const sources: BoundSource[] = [];
  for (let at: Scope | undefined = scope; at; at = at.outer) sources.push(...at.sources);
  return sources;
}

function sourcesHint(sources: readonly BoundSource[]): string | undefined {
  const names = [...new Set(sources.map(({ name }) => name).filter((name) => name !== ""))];
  return names.length > 0 && names.length <= 8 ? `in reach: ${names.join(", ")}` : undefined;
}
