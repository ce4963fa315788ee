import { at, type HygieneCheck } from "./check.ts";
import { identifyingColumns, isOfScan, isVolatile } from "./volatile.ts";

/** What is to be recognized again does not change by itself. */
export const volatileIdentity: HygieneCheck = {
  code: "volatile-identity",
  docs: {
    what:
      "A column that changes from scan to scan (a counter, a rate, `scan_id`) in `identity`, `threshold.by`, " +
      "`suppression.by`, or an `alert.entity` that suppression goes by.",
    why: "Nothing is ever the same then: each scan alerts anew, and no threshold is reached.",
    bad: "suppression: { by: [process_key, cpu_usage], for: 1h }",
    good: "suppression: { by: [process_key], for: 1h }",
  },
  *sql({ detection, tree }) {
    const { identity, threshold, suppression, alert } = detection.meta;
    const lists = {
      identity,
      "threshold.by": threshold?.by,
      "suppression.by": suppression.by,
      "alert.entity": suppression.by ? undefined : alert.entity,
    };
    for (const [path, names] of Object.entries(lists)) {
      for (const [index, name] of (names ?? []).entries()) {
        const column = tree.binding.result?.find((one) => one.name === name);
        // A threshold may well count within a scan.
        const ofScan = column && isOfScan(column) && path !== "threshold.by";
        if (!column || !(ofScan || isVolatile(column, tree))) continue;
        const keys = identifyingColumns(tree);
        yield {
          span: at(detection, `${path}.${index}`),
          message: `\`${name}\` changes from scan to scan, so nothing is the same twice`,
          hint: keys.length > 0
            ? `${keys.join(", ")} ${keys.length === 1 ? "says" : "say"} what a row is about`
            : "name columns that say what a row is about",
        };
      }
    }
  },
};
