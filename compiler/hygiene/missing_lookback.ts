import { isPathView, isView } from "../../schema/view.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";

/** What sums up a history is given one. */
export const missingLookback: HygieneCheck = {
  code: "missing-lookback",
  docs: {
    what: "A table that sums up stored history, such as `traffic_patterns`, without `lookback`.",
    why:
      "The detection then sees the newest scan alone: no window has one before it to be compared with, so that " +
      "`baseline_value` and `anomaly_score` are NULL, and of a beacon there is no more than the last minute.",
    bad: "SELECT destination_ip FROM traffic_patterns WHERE pattern_type = 'beacon'",
    good:
      "lookback: 30m\n---\nSELECT destination_ip FROM traffic_patterns WHERE pattern_type = 'beacon'",
  },
  *sql({ detection, tree }) {
    if (detection.meta.lookback !== undefined) return;
    for (const select of nodesOf(tree.query, "select")) {
      for (const { node, shape } of tree.binding.scopes.get(select)?.sources ?? []) {
        if (!shape || !isView(shape.spec) || isPathView(shape.spec)) continue;
        yield {
          span: node.span,
          message: `without \`lookback\`, \`${shape.spec.name}\` is made of the newest scan alone`,
          hint: "lookback: 30m, or as long as what is looked for takes to show itself",
        };
      }
    }
  },
};
