import type { BinaryOperator, Expression, Join, Node, Select } from "../ast.ts";
import type { Binding, BoundColumn } from "../binding/mod.ts";
import type { BoundSource } from "../binding/scope.ts";
import { nodesOf, walk } from "../walk.ts";

/** The operands of a chain of one operator, from left to right: of `a AND b AND c` the three. */
export function chain(expression: Expression, operator: BinaryOperator): Expression[] {
  const operands: Expression[] = [];
  const waiting: Expression[] = [expression];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === "binary" && node.operator === operator) waiting.push(node.right, node.left);
    else operands.push(node);
  }
  return operands;
}

/** The predicates that AND, OR and NOT combine. */
export function predicatesOf(expression: Expression): Expression[] {
  const predicates: Expression[] = [];
  const waiting: Expression[] = [expression];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === "binary" && (node.operator === "AND" || node.operator === "OR")) {
      waiting.push(node.right, node.left);
    } else if (node.type === "unary" && node.operator === "NOT") waiting.push(node.operand);
    else predicates.push(node);
  }
  return predicates;
}

/** Every condition that a row of a SELECT has to meet: the ANDed parts of WHERE, and of ON and WHEN of every join. */
export function conditionsOf(select: Select): Expression[] {
  const conditions = [select.where];
  for (const { on, auto } of joinsOf(select)) conditions.push(on, auto?.when);
  return conditions.flatMap((condition) => condition ? chain(condition, "AND") : []);
}

/** The joins of a SELECT's own FROM, those in parentheses included. */
export function joinsOf({ from }: Select): Join[] {
  const joins: Join[] = [];
  if (!from) return joins;
  walk(from, (node) => {
    if (node.type === "join") joins.push(node);
    return node.type !== "query";
  });
  return joins;
}

/** The column that an expression stands for, where it is nothing but a column. */
export function columnOf(expression: Expression, binding: Binding): BoundColumn | undefined {
  return expression.type === "column" ? binding.resolutions.get(expression)?.column : undefined;
}

/** The source that a column reference reads, where an expression is nothing else. */
export function sourceOf(expression: Expression, binding: Binding): BoundSource | undefined {
  if (expression.type !== "column") return undefined;
  const resolution = binding.resolutions.get(expression);
  return resolution?.kind === "column" ? resolution.source : undefined;
}

/** The sources whose columns an expression reads, through aliases of the result as well. */
export function sourcesIn(expression: Expression, binding: Binding): Set<BoundSource> {
  const found = new Set<BoundSource>();
  const seen = new Set<Node>();
  const waiting: Expression[] = [expression];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const reference of nodesOf(node, "column")) {
      const resolution = binding.resolutions.get(reference);
      if (resolution?.kind === "column") found.add(resolution.source);
      else if (resolution) waiting.push(resolution.term.expression);
    }
  }
  return found;
}
