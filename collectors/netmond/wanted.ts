import type { Predicate } from "../../model/predicate.ts";

/**
 * The values of a column that a predicate leaves possible, as text; `undefined` where it does not say. Rows of other
 * values need not even be read: the predicate would leave them out.
 */
export function possibleValues(
  where: Predicate | undefined,
  column: string,
): ReadonlySet<string> | undefined {
  if (!where) return undefined;
  switch (where.op) {
    case "=":
      return where.column === column ? new Set([String(where.value)]) : undefined;
    case "in":
      return where.column === column ? new Set(where.values.map(String)) : undefined;
    case "and":
      return where.of.map((part) => possibleValues(part, column))
        .reduce((one, other) => one && other ? one.intersection(other) : one ?? other, undefined);
    case "or": {
      const parts = where.of.map((part) => possibleValues(part, column));
      return parts.reduce((one, other) => one && other?.union(one), new Set<string>());
    }
    default:
      return undefined;
  }
}
