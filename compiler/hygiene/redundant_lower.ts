import type { Call, Expression } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";

/** Functions of the dialect for which letters of either case are equal. */
const CASELESS: ReadonlySet<string> = new Set(["contains", "starts_with", "ends_with"]);

/** What ignores case anyway needs no help. */
export const redundantLower: HygieneCheck = {
  code: "redundant-lower",
  docs: {
    what: "lower() or upper() around what LIKE, contains(), starts_with() or ends_with() compares.",
    why:
      "For these, ASCII letters of either case are equal already. The function costs time on every row and keeps the " +
      "condition from being applied where the rows are collected.",
    bad: "SELECT pid FROM processes WHERE lower(name) LIKE 'nc%' AND user_id = 0",
    good: "SELECT pid FROM processes WHERE name LIKE 'nc%' AND user_id = 0",
  },
  *sql({ detection, tree }) {
    const likes = nodesOf(tree.query, "matching").filter(({ operator }) => operator === "LIKE")
      .map(({ operand, pattern }) => ({ by: "LIKE", compared: [operand, pattern] }));
    const calls = nodesOf(tree.query, "call")
      .filter(({ name }) => CASELESS.has(name.text.toLowerCase()))
      .map(({ name, arguments: args }) => ({ by: `${name.text}()`, compared: args }));
    for (const { by, compared } of [...likes, ...calls]) {
      for (const call of compared) {
        if (!isFolding(call)) continue;
        const { start, end } = call.arguments[0]!.span;
        yield {
          span: call.span,
          message: `${by} ignores the case of ASCII letters already`,
          hint: `write ${detection.text.slice(start, end)}`,
        };
      }
    }
  },
};

function isFolding(expression: Expression): expression is Call {
  return expression.type === "call" && expression.arguments.length === 1 &&
    /^(?:lower|upper)$/i.test(expression.name.text);
}
