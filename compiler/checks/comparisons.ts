import type { Expression } from "../ast.ts";
import { classPhrase } from "../binding/types.ts";
import { walk } from "../walk.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { mismatch, phrase, valued } from "./values.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]);

/** Only values of the same class are compared. */
export const comparisons: Check = {
  code: "type-mismatch",
  docs: {
    what: "Comparing values of different classes: a number with text, milliseconds with seconds.",
    why: "SQLite compares them without complaint, and the answer is always the same one.",
    bad: "SELECT pid FROM processes WHERE start_time > unixepoch('2026-01-01')",
    good: "SELECT pid FROM processes WHERE start_time > unixepoch('2026-01-01') * 1000",
  },
  *check(context) {
    const pairs: (readonly [Expression, Expression])[] = [];
    walk(context.query, (node) => {
      switch (node.type) {
        case "binary":
          if (COMPARISONS.has(node.operator)) pairs.push(...paired(node.left, node.right));
          break;
        case "between":
          pairs.push(...paired(node.operand, node.low), ...paired(node.operand, node.high));
          break;
        case "in-list":
          for (const item of node.items) pairs.push(...paired(node.operand, item));
          break;
        case "case":
          for (const { when } of node.branches) {
            if (node.operand) pairs.push(...paired(node.operand, when));
          }
          break;
        default:
          break;
      }
    });
    for (const [left, right] of pairs) yield* comparePair(context, left, right);
    yield* compareQueries(context);
  },
};

/** Row values are compared item by item. */
function paired(left: Expression, right: Expression): (readonly [Expression, Expression])[] {
  if (left.type !== "row" || right.type !== "row") return [[left, right]];
  return left.items.flatMap((item, index) => {
    const other = right.items[index];
    return other ? paired(item, other) : [];
  });
}

function* comparePair(
  context: CheckContext,
  left: Expression,
  right: Expression,
): Iterable<Finding> {
  if (isNull(left) || isNull(right)) return;
  const found = mismatch(context, valued(context, left), valued(context, right));
  if (!found) return;
  // The literal is what an author would change; of two columns the left one.
  const span = right.type === "literal" || left.type !== "literal" ? right.span : left.span;
  const json = valued(context, left).class === "json" ? left.span : span;
  yield { span: json, ...found };
}

function isNull(node: Expression): boolean {
  return node.type === "literal" && node.kind === "null";
}

/** `x IN (SELECT y …)` compares x with y. */
function* compareQueries(context: CheckContext): Iterable<Finding> {
  const found: Finding[] = [];
  walk(context.query, (node) => {
    if (node.type !== "in-query") return;
    const column = context.binding.queries.get(node.query)?.[0];
    if (!column || node.operand.type === "row") return;
    const fault = mismatch(context, valued(context, node.operand), {
      node: node.operand,
      class: column.class,
    });
    if (!fault) return;
    const message = `${
      phrase(context, valued(context, node.operand))
    }, \`${column.name}\` of the query is ${classPhrase(column.class)}`;
    found.push({ span: node.operand.span, message });
  });
  yield* found;
}
