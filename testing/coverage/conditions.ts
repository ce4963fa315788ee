import type { Expression, Node } from "../../compiler/ast.ts";
import { walk } from "../../compiler/walk.ts";

/** Where a condition stands: what it decides. */
export type ConditionKind =
  | "where"
  | "on"
  | "when"
  | "having"
  | "filter"
  | "case"
  /** A column of a result that is made with AND, OR or NOT. */
  | "result"
  | "exception";

/** An expression that is true, false or NULL. */
export interface Condition {
  /** Where it stands. */
  readonly kind: ConditionKind;
  /** The whole expression. */
  readonly root: Expression;
  /** The x of `CASE x WHEN root`: the condition is then `x = root`. */
  readonly operand?: Expression;
}

/** The conditions at and below a node, in the order of the text. Those in ORDER BY decide nothing and are left out. */
export function conditionsOf(root: Node): readonly Condition[] {
  const conditions: Condition[] = [];
  const add = (kind: ConditionKind, root: Expression | undefined, operand?: Expression) => {
    if (root) conditions.push({ kind, root, ...(operand && { operand }) });
  };
  walk(root, (node) => {
    switch (node.type) {
      case "order-term":
        return false;
      case "select":
        add("where", node.where);
        add("having", node.having);
        break;
      case "join":
        add("on", node.on);
        add("when", node.auto?.when);
        break;
      case "call":
        add("filter", node.filter);
        if (/^i?if$/i.test(node.name.text)) {
          // if(a, b, c, d, e) is CASE WHEN a THEN b WHEN c THEN d ELSE e END.
          node.arguments.slice(0, -1).forEach((one, index) => index % 2 === 0 && add("case", one));
        }
        break;
      case "result":
        if (isCombined(node.expression)) add("result", node.expression);
        break;
      case "case":
        for (const { when } of node.branches) add("case", when, node.operand);
    }
    return true;
  });
  return conditions.sort((left, right) => left.root.span.start - right.root.span.start);
}

function isCombined(node: Expression): boolean {
  const type = connectiveOf(node)?.type;
  return type !== undefined && type !== "test";
}

/** What a node of a condition does with the truth of what is below it. */
export type Connective =
  | { readonly type: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly type: "not"; readonly operand: Expression }
  /** `IS [NOT] TRUE` and `IS [NOT] FALSE`. */
  | { readonly type: "test"; readonly negated: boolean; readonly of: boolean; operand: Expression };

/** How a node of a condition is made of other conditions; `undefined` where it is a clause of its own. */
export function connectiveOf(node: Expression): Connective | undefined {
  if (node.type === "unary") {
    return node.operator === "NOT" ? { type: "not", operand: node.operand } : undefined;
  }
  if (node.type !== "binary") return undefined;
  const { operator, left, right } = node;
  if (operator === "AND" || operator === "OR") {
    return { type: operator === "AND" ? "and" : "or", operands: chainOf(node, operator) };
  }
  if (operator !== "IS" && operator !== "IS NOT") return undefined;
  if (right.type !== "literal" || right.kind !== "boolean") return undefined;
  return { type: "test", negated: operator === "IS NOT", of: right.value === true, operand: left };
}

/** The operands of `a AND b AND c`, however they are grouped. */
function chainOf(node: Expression, operator: "AND" | "OR"): readonly Expression[] {
  const operands: Expression[] = [];
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.type === "binary" && next.operator === operator) waiting.push(next.right, next.left);
    else operands.push(next);
  }
  return operands;
}

/** The clauses of a condition: the leaves of its AND, OR, NOT and IS TRUE. TRUE and FALSE themselves say nothing. */
export function clausesOf({ root, operand }: Condition): readonly Expression[] {
  if (operand) return [root];
  const clauses: Expression[] = [];
  const waiting: Expression[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const connective = connectiveOf(node);
    if (connective) {
      waiting.push(...("operands" in connective ? connective.operands : [connective.operand]));
    } else if (node.type !== "literal") clauses.push(node);
  }
  return clauses.sort((left, right) => left.span.start - right.span.start);
}
