import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import { MAX_HINTS, nearest } from "../nearest.ts";
import { nodesOf } from "../walk.ts";
import type { Check, Finding } from "./check.ts";

const WHY_NOT: ReadonlyMap<string, string> = new Map(Object.entries({
  random: "a detection gives the same result for the same rows",
  randomblob: "a detection gives the same result for the same rows",
  load_extension: "a detection only reads",
  zeroblob: "it only takes memory",
  readfile: "a detection reads virtual tables, not files",
  writefile: "a detection only reads",
  match: "LIKE, GLOB, REGEXP and contains() search text",
  jsonb: "use json()",
}));

const NAMES = [...ALLOWED_FUNCTIONS.keys()].filter((name) => /^\w+$/.test(name));

/** Only functions of the dialect may be called. */
export const functions: Check = {
  code: "refused-function",
  docs: {
    what: "A function that is not part of the dialect.",
    why:
      "What is not on the list may read the clock, chance or files, or exist on one host and not on another.",
    bad: "SELECT pid FROM processes ORDER BY random()",
    good: "SELECT pid FROM processes ORDER BY pid",
  },
  *check({ query }) {
    let hints = MAX_HINTS;
    for (const { name } of nodesOf(query, "call")) {
      const spec = ALLOWED_FUNCTIONS.get(name.text.toLowerCase());
      if (spec && spec.kind !== "table") continue;
      yield refusal(name.text, name.span, spec !== undefined, --hints >= 0);
    }
    for (const { operator, span } of nodesOf(query, "matching")) {
      if (operator === "MATCH") yield refusal("match", span, false, true);
    }
  },
};

function refusal(name: string, span: Finding["span"], isTable: boolean, near: boolean): Finding {
  if (isTable) {
    return {
      span,
      message: `\`${name}\` gives rows and stands in FROM`,
      hint: `FROM processes p, ${name}(p.arguments) element`,
    };
  }
  const hint = WHY_NOT.get(name.toLowerCase()) ?? (near ? nearest(name, NAMES) : undefined);
  return {
    span,
    message: `\`${name}\` is not a function of the dialect`,
    ...(hint !== undefined && { hint }),
  };
}
