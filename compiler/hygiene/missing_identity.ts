import { at, type HygieneCheck } from "./check.ts";
import { identifyingColumns, isOfScan, isVolatile } from "./volatile.ts";

/** A differential detection says what makes a row the same row. */
export const missingIdentity: HygieneCheck = {
  code: "missing-identity",
  docs: {
    what: "Mode differential without `identity`.",
    why:
      "Rows are then compared as a whole, so that any column that changes makes an old row look new, and adding a column " +
      "makes all of them new.",
    bad: "mode: differential",
    good: "mode: differential\nidentity: [process_key]",
  },
  *sql({ detection, tree }) {
    const { mode, identity } = detection.meta;
    if (mode !== "differential" || identity) return;
    const restless = (tree.binding.result ?? [])
      .filter((column) => isVolatile(column, tree) || isOfScan(column));
    const keys = identifyingColumns(tree);
    yield {
      span: at(detection, "mode"),
      message: restless.length === 0
        ? "a differential detection without `identity` compares whole rows"
        : `without \`identity\` every row is new in every scan, because of \`${
          restless[0]!.name
        }\``,
      hint: keys.length > 0
        ? `identity: [${keys.join(", ")}]`
        : "name the result columns that say which thing a row is about",
    };
  },
};
