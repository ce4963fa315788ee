import type { Matching } from "../ast.ts";
import { constantText } from "../checks/constant.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";

/** What a pattern of each operator is written with, and what authors of the other write. */
const WILDCARDS: Readonly<Partial<Record<Matching["operator"], { own: string; other: string }>>> = {
  LIKE: { own: "%", other: "*" },
  GLOB: { own: "*", other: "%" },
};

/** LIKE has %, GLOB has *. */
export const wrongWildcard: HygieneCheck = {
  code: "wrong-wildcard",
  docs: {
    what: "LIKE with `*`, or GLOB with `%`, where a wildcard was meant.",
    why: "The character stands for itself there, so that the pattern matches next to nothing.",
    bad: "SELECT pid FROM processes WHERE executable_path LIKE '/tmp/*'",
    good: "SELECT pid FROM processes WHERE executable_path LIKE '/tmp/%'",
  },
  *sql({ tree }) {
    for (const { operator, pattern } of nodesOf(tree.query, "matching")) {
      const wildcards = WILDCARDS[operator];
      const text = constantText(pattern);
      if (!wildcards || text === undefined) continue;
      const { own, other } = wildcards;
      if (text.includes(own) || !(text.startsWith(other) || text.endsWith(other))) continue;
      yield {
        span: pattern.span,
        message: `\`${other}\` stands for itself in a ${operator} pattern`,
        hint: `any text is \`${own}\`: ${operator} '${
          text.replaceAll(other, own).replaceAll("'", "''")
        }'`,
      };
    }
  },
};
