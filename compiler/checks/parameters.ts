import { PARAMETERS } from "../../model/compiled.ts";
import { nearest } from "../nearest.ts";
import { nodesOf } from "../walk.ts";
import type { Check } from "./check.ts";

const KNOWN: readonly string[] = PARAMETERS.map((name) => `:${name}`);

/** Only the parameters that the engine binds may be named. */
export const parameters: Check = {
  code: "unknown-parameter",
  docs: {
    what: "A parameter other than :now, :since and :scan_id.",
    why: "Nothing gives it a value, so that it would be NULL and the comparison would never hold.",
    bad: "SELECT pid FROM processes WHERE start_time > :yesterday",
    good: "SELECT pid FROM processes WHERE start_time > :now - 86400000",
  },
  *check({ query }) {
    for (const node of nodesOf(query, "parameter")) {
      if (KNOWN.includes(node.name)) continue;
      yield {
        span: node.span,
        message: `there is no parameter \`${node.name}\``,
        hint: nearest(node.name, KNOWN) ?? `the parameters are ${KNOWN.join(", ")}`,
      };
    }
  },
};
