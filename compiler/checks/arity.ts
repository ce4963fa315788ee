import { ALLOWED_FUNCTIONS, type FunctionSpec } from "../../dialect/mod.ts";
import { nodesOf } from "../walk.ts";
import type { Check } from "./check.ts";

/** Functions take so many arguments as they are declared with. */
export const arity: Check = {
  code: "wrong-arguments",
  docs: {
    what: "A function with too many or too few arguments.",
    why: "SQLite refuses it.",
    bad: "SELECT contains(name) FROM processes",
    good: "SELECT contains(name, 'ssh') FROM processes",
  },
  *check({ query }) {
    for (const type of ["call", "table-function"] as const) {
      for (const node of nodesOf(query, type)) {
        const spec = ALLOWED_FUNCTIONS.get(node.name.text.toLowerCase());
        const given = node.arguments.length;
        // Date functions without an argument are a matter of the clock, which has its own check.
        if (
          !spec || (given >= spec.minArgs && given <= spec.maxArgs) || readsClock(node.name.text)
        ) {
          continue;
        }
        yield {
          span: node.span,
          message: `\`${node.name.text}\` takes ${wanted(spec)}, not ${given}`,
          hint: spec.description,
        };
      }
    }
  },
};

function readsClock(name: string): boolean {
  return /^(?:date|time|datetime|julianday|unixepoch|strftime)$/i.test(name);
}

function wanted({ minArgs, maxArgs }: FunctionSpec): string {
  const plural = (count: number) => `${count} argument${count === 1 ? "" : "s"}`;
  if (maxArgs === Infinity) return `at least ${plural(minArgs)}`;
  return minArgs === maxArgs ? plural(minArgs) : `${minArgs} to ${plural(maxArgs)}`;
}
