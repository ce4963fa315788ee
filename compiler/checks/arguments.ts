import { ALLOWED_FUNCTIONS, type ValueClass as ArgumentClass } from "../../dialect/mod.ts";
import { classPhrase, type ValueClass } from "../binding/types.ts";
import { nodesOf } from "../walk.ts";
import type { Check } from "./check.ts";
import { isNotText, phrase, valued, written } from "./values.ts";

/** Functions that pass JSON on, or do not look into it. */
const TAKES_JSON: ReadonlySet<string> = new Set([
  "coalesce",
  "count",
  "first_value",
  "if",
  "ifnull",
  "iif",
  "lag",
  "last_value",
  "lead",
  "likelihood",
  "likely",
  "max",
  "min",
  "nth_value",
  "typeof",
  "unlikely",
]);

/** Functions take arguments of the classes that they are declared with. */
export const argumentClasses: Check = {
  code: "type-mismatch",
  docs: {
    what: "An argument of a class that the function does not take.",
    why: "SQLite converts it silently, and the result means something else.",
    bad: "SELECT pid FROM processes WHERE contains(arguments, 'xmrig')",
    good: "SELECT pid FROM processes WHERE contains(command_line, 'xmrig')",
  },
  *check(context) {
    for (const type of ["call", "table-function"] as const) {
      for (const node of nodesOf(context.query, type)) {
        const name = node.name.text.toLowerCase();
        const classes = ALLOWED_FUNCTIONS.get(name)?.args;
        if (!classes) continue;
        for (const [index, argument] of node.arguments.entries()) {
          const wanted = classes[Math.min(index, classes.length - 1)] ?? "any";
          const given = valued(context, argument);
          if (takes(name, wanted, given.class)) continue;
          const text = written(context, argument);
          yield {
            span: argument.span,
            message: `${phrase(context, given)}; ${name}() takes ${NAMES[wanted]} here`,
            ...(given.class === "json" && {
              hint: `take a part of it: ${text} ->> '$.key', or json_each(${text}) in FROM`,
            }),
          };
        }
      }
    }
  },
};

const NAMES: Readonly<Record<ArgumentClass, string>> = {
  any: "no JSON",
  text: classPhrase("text"),
  number: classPhrase("number"),
  boolean: classPhrase("boolean"),
  json: classPhrase("json"),
};

function takes(name: string, wanted: ArgumentClass, given: ValueClass): boolean {
  if (given === "any" || given === "null") return true;
  if (given === "json") {
    return wanted === "json" || TAKES_JSON.has(name) || name.startsWith("json_");
  }
  switch (wanted) {
    case "any":
      return true;
    case "text":
      return !isNotText(given) && given !== "blob";
    case "number":
    case "boolean":
      return given !== "text" && given !== "blob";
    case "json":
      return given === "text" || given === "blob";
  }
}
