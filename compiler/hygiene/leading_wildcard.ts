import type { Expression } from "../ast.ts";
import { constantText } from "../checks/constant.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";
import { predicatesOf } from "./conditions.ts";

/** Something narrows the rows down before text is searched. */
export const leadingWildcard: HygieneCheck = {
  code: "leading-wildcard",
  docs: {
    what: "A WHERE over a virtual table that only asks whether texts contain or end in something.",
    why:
      "Every text of every row is searched from its beginning to its end, and whatever holds the words by chance matches.",
    bad: "SELECT pid FROM processes WHERE command_line LIKE '%nc -e%'",
    good: "SELECT pid FROM processes WHERE name IN ('nc', 'ncat') AND command_line LIKE '% -e%'",
  },
  *sql({ tree }) {
    for (const select of nodesOf(tree.query, "select")) {
      const { where } = select;
      if (!where || !tree.binding.scopes.get(select)?.sources.some(({ shape }) => shape)) continue;
      const predicates = predicatesOf(where);
      if (!predicates.every(isUnanchored)) continue;
      yield {
        span: predicates[0]!.span,
        message: "nothing but a search through whole texts narrows the rows down",
        hint: "ask for something else as well: a name, a user, a path that begins with …",
      };
    }
  },
};

const SEARCHES: ReadonlySet<string> = new Set(["contains", "ends_with"]);

/** Whether a predicate must look at a whole text: a pattern that begins with a wildcard, or a search. */
function isUnanchored(predicate: Expression): boolean {
  if (predicate.type === "call") return SEARCHES.has(predicate.name.text.toLowerCase());
  if (predicate.type !== "matching" || predicate.negated) return false;
  const pattern = constantText(predicate.pattern);
  if (pattern === undefined) return false;
  return predicate.operator === "LIKE"
    ? pattern.startsWith("%")
    : predicate.operator === "GLOB" && pattern.startsWith("*");
}
