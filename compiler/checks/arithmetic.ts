import type { Expression } from "../ast.ts";
import { walk } from "../walk.ts";
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
    walk(context.query, (node) => {
      switch (node.type) {
        case "binary":
          if (ARITHMETIC.has(node.operator)) {
            number(node.left, node.operator);
            number(node.right, node.operator);
          } else if (node.operator === "AND" || node.operator === "OR") {
            condition(node.left);
            condition(node.right);
          } else if (node.operator === "||") {
            for (const side of [node.left, node.right]) {
              if (valued(context, side).class !== "json") continue;
              const message = `${phrase(context, valued(context, side))}; \`||\` joins text`;
              const hint = `take a part of it: ${written(context, side)} ->> '$.key'`;
              found.push({ span: side.span, message, hint });
            }
          }
          break;
        case "unary":
          if (node.operator === "NOT") condition(node.operand);
          else if (node.operator !== "+") number(node.operand, node.operator);
          break;
        case "select":
          condition(node.where);
          condition(node.having);
          break;
        case "join":
          condition(node.on);
          condition(node.auto?.when);
          break;
        case "call":
          condition(node.filter);
          break;
        case "case":
          if (!node.operand) { for (const { when } of node.branches) condition(when); }
          break;
        default:
          break;
      }
    });
    yield* found;
  },
};
