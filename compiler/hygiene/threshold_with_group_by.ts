import type { HygieneCheck } from "./check.ts";
import { selectsOf } from "./tree.ts";

/** Something is counted once. */
export const thresholdWithGroupBy: HygieneCheck = {
  code: "threshold-with-group-by",
  docs: {
    what: "A `threshold` over a query that groups its rows.",
    why:
      "GROUP BY leaves one row of each group, so that the threshold counts groups, or scans, and not what they consist of.",
    bad:
      "lookback: 10m\nthreshold: { by: [user_name], count: 5, within: 10m }\n---\nSELECT user_name, count(*) AS failures FROM logins GROUP BY user_name",
    good:
      "lookback: 10m\nthreshold: { by: [user_name], count: 5, within: 10m }\n---\nSELECT user_name, session_id FROM logins",
  },
  *sql({ detection, tree }) {
    if (!detection.meta.threshold) return;
    for (const { groupBy } of selectsOf(tree.query.body)) {
      if (groupBy.length === 0) continue;
      yield {
        span: { start: groupBy[0]!.span.start, end: groupBy.at(-1)!.span.end },
        message: "the rows are grouped before `threshold` counts them",
        hint: "leave the counting to `threshold`, or replace it by HAVING count(*) >= …",
      };
    }
  },
};
