import type { Body, ColumnReference, Expression, Query, Select } from "../ast.ts";
import type { BoundSource } from "../binding/scope.ts";
import { conditionsOf, joinsOf } from "./conditions.ts";
import type { Tree } from "./tree.ts";

/**
 * Whether a column of a query's result, counted from 0, can be NULL: it is an optional column of a table, or comes from
 * the outer side of a join, and no condition rules NULL out. What is computed counts as never NULL, for lack of proof.
 */
export function isNullable(
  query: Query,
  index: number,
  tree: Tree,
  above: ReadonlySet<Query> = new Set(),
): boolean {
  // A recursive expression is as nullable as its beginning.
  if (above.has(query)) return false;
  return inBody(query.body, index, tree, new Set([...above, query]));
}

function inBody(body: Body, index: number, tree: Tree, above: ReadonlySet<Query>): boolean {
  switch (body.type) {
    case "values":
      return body.rows.some((row) => isNullLiteral(row[index]));
    case "compound":
      return inBody(body.left, index, tree, above) ||
        (body.operator.startsWith("UNION") && inBody(body.right, index, tree, above));
    case "select":
      return inSelect(body, index, tree, above);
  }
}

function inSelect(select: Select, index: number, tree: Tree, above: ReadonlySet<Query>): boolean {
  if (select.columns.some(({ type }) => type === "star")) return false;
  const term = select.columns[index];
  if (term?.type !== "result") return false;
  const { expression } = term;
  if (expression.type !== "column") return isNullLiteral(expression);
  const found = tree.binding.resolutions.get(expression);
  if (found?.kind !== "column") return false;
  if (conditionsOf(select).some((condition) => rejectsNull(condition, expression, tree))) {
    return false;
  }
  const { source, column } = found;
  if (outerSources(select).has(source.node)) return true;
  if (source.shape) return tree.specOf(column)?.optional === true;
  const inner = tree.queryOf(source);
  const at = source.columns?.findIndex(({ name }) => name === column.name) ?? -1;
  return inner !== undefined && at >= 0 && isNullable(inner, at, tree, above);
}

function isNullLiteral(expression: Expression | undefined): boolean {
  return expression?.type === "literal" && expression.kind === "null";
}

/** What a LEFT, RIGHT or FULL JOIN can leave without a row. */
function outerSources(select: Select): ReadonlySet<BoundSource["node"]> {
  const outer = new Set<BoundSource["node"]>();
  for (const { kind, source } of joinsOf(select)) {
    if (kind === "left" || kind === "full") outer.add(source);
  }
  return outer;
}

/** Whether a condition is never true where the column is NULL. */
function rejectsNull(condition: Expression, column: ColumnReference, { binding }: Tree): boolean {
  const wanted = binding.resolutions.get(column);
  const isIt = (expression: Expression) => {
    const found = expression.type === "column" ? binding.resolutions.get(expression) : undefined;
    return found?.kind === "column" && wanted?.kind === "column" &&
      found.source === wanted.source && found.column.name === wanted.column.name;
  };
  switch (condition.type) {
    case "null-test":
      return condition.negated && isIt(condition.operand);
    case "binary":
      if (condition.operator === "IS NOT") {
        return isIt(condition.left) && isNullLiteral(condition.right);
      }
      return /^(?:=|<>|<=?|>=?)$/.test(condition.operator) &&
        (isIt(condition.left) || isIt(condition.right));
    case "matching":
    case "between":
    case "in-list":
    case "in-query":
      return isIt(condition.operand);
    default:
      return isIt(condition);
  }
}
