import type { Expression, InList, InQuery, Query } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";
import { isNullable } from "./nullable.ts";
import type { Tree } from "./tree.ts";

/** NOT IN asks a list without NULL. */
export const nullableNotIn: HygieneCheck = {
  code: "nullable-not-in",
  docs: {
    what: "NOT IN with a subquery, or a list, that can hold NULL.",
    why:
      "One NULL is enough: `x NOT IN (…, NULL)` is never true, so that the detection falls silent on that host.",
    bad: "SELECT pid FROM processes WHERE process_key NOT IN (SELECT parent_key FROM processes)",
    good:
      "SELECT pid FROM processes WHERE process_key NOT IN (SELECT parent_key FROM processes WHERE parent_key IS NOT NULL)",
  },
  *sql({ detection, tree }) {
    for (const node of negatedIns(tree)) {
      if (node.type === "in-list") {
        const item = node.items.find((one) => one.type === "literal" && one.kind === "null");
        if (!item) continue;
        yield {
          span: item.span,
          message: "NOT IN with a NULL in the list is never true",
          hint: "leave NULL out; IS NOT NULL asks for it",
        };
      } else if (isNullable(node.query, 0, tree)) {
        const written = firstValue(node.query, detection.text);
        yield {
          span: node.query.span,
          message: `${
            written === undefined ? "a value" : `\`${written}\``
          } can be NULL here, and NOT IN is never true then`,
          hint: `add ${written ?? "…"} IS NOT NULL to the subquery's WHERE`,
        };
      }
    }
  },
};

/** What a SELECT gives, as it is written. */
function firstValue({ body }: Query, text: string): string | undefined {
  const term = body.type === "select" ? body.columns[0] : undefined;
  if (term?.type !== "result") return undefined;
  return text.slice(term.expression.span.start, term.expression.span.end);
}

/** `x NOT IN …` and `NOT x IN …`. */
function negatedIns({ query }: Tree): (InList | InQuery)[] {
  const isIn = (node: Expression): node is InList | InQuery =>
    node.type === "in-list" || node.type === "in-query";
  const negated = [...nodesOf(query, "in-list"), ...nodesOf(query, "in-query")]
    .filter((node) => node.negated);
  const below = nodesOf(query, "unary").filter(({ operator }) => operator === "NOT")
    .map(({ operand }) => operand).filter(isIn).filter((node) => !node.negated);
  return [...negated, ...below];
}
