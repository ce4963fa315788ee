import type { Expression } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

/** NULL equals nothing. */
export const nullComparison: HygieneCheck = {
  code: "null-comparison",
  docs: {
    what: "`= NULL`, `<> NULL` and other comparisons with a NULL that is written out.",
    why: "The answer is NULL, never true, whatever the value is: the condition matches nothing.",
    bad: "SELECT pid FROM processes WHERE executable_path = NULL",
    good: "SELECT pid FROM processes WHERE executable_path IS NULL",
  },
  *sql({ detection, tree }) {
    for (const { operator, left, right, span } of nodesOf(tree.query, "binary")) {
      if (!COMPARISONS.has(operator) || !(isNull(left) || isNull(right))) continue;
      const other = isNull(right) ? left : right;
      const written = detection.text.slice(other.span.start, other.span.end);
      yield {
        span,
        message: `\`${operator} NULL\` is never true`,
        hint: `write ${written} IS ${operator === "=" ? "" : "NOT "}NULL`,
      };
    }
  },
};

function isNull(expression: Expression): boolean {
  return expression.type === "literal" && expression.kind === "null";
}
