import type { Expression } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { Check, Finding } from "./check.ts";
import { numberHint, phrase, valued, written } from "./values.ts";

const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "&", "|", "<<", ">>"]);

/** Arithmetic and conditions take numbers; `||` takes anything but JSON. */
export const arithmetic: Check = {
  code: "type-mismatch",
  docs: {
    what: "Arithmetic on text, text as a condition, JSON joined with `||`.",
    why: "SQLite reads text as 0 where it does not begin with digits.",
    bad: "SELECT name + executable_path AS both FROM processes",
    good: "SELECT name || executable_path AS both FROM processes",
  },
  *check(context) {
    const found: Finding[] = [];
    const number = (node: Expression, operator: string) => {
      const { class: of } = valued(context, node);
      if (of !== "text" && of !== "json" && of !== "blob") return;
      found.push({
        span: node.span,
        message: `${phrase(context, valued(context, node))}; \`${operator}\` takes numbers`,
        hint: operator === "+" && of === "text"
          ? "text is joined with ||"
          : of === "json"
          ? `take a part of it: ${written(context, node)} ->> '$.key'`
          : numberHint(context, node),
      });
    };
    const condition = (node: Expression | undefined) => {
      if (!node) return;
      const value = valued(context, node);
      if (value.class !== "text" && value.class !== "json" && value.class !== "blob") return;
      const message = `${phrase(context, value)}, not a condition`;
      found.push({ span: node.span, message, hint: `${written(context, node)} IS NOT NULL` });
    };
    for (const { operator, left, right } of nodesOf(context.query, "binary")) {
      if (ARITHMETIC.has(operator)) {
        number(left, operator);
        number(right, operator);
      } else if (operator === "AND" || operator === "OR") {
        condition(left);
        condition(right);
      } else if (operator === "||") {
        for (const side of [left, right]) {
          const value = valued(context, side);
          if (value.class !== "json") continue;
          const message = `${phrase(context, value)}; \`||\` joins text`;
          const hint = `take a part of it: ${written(context, side)} ->> '$.key'`;
          found.push({ span: side.span, message, hint });
        }
      }
    }
    for (const { operator, operand } of nodesOf(context.query, "unary")) {
      if (operator === "NOT") condition(operand);
      else if (operator !== "+") number(operand, operator);
    }
    for (const { where, having } of nodesOf(context.query, "select")) {
      condition(where);
      condition(having);
    }
    for (const { on, auto } of nodesOf(context.query, "join")) {
      condition(on);
      condition(auto?.when);
    }
    for (const { filter } of nodesOf(context.query, "call")) condition(filter);
    for (const { operand, branches } of nodesOf(context.query, "case")) {
      if (!operand) { for (const { when } of branches) condition(when); }
    }
    yield* found;
  },
};
