import type { Predicate } from "../../model/predicate.ts";

/** A predicate that looks at one column. */
export type Test = Exclude<Predicate, { readonly op: "and" | "or" | "not" }>;

/**
 * A predicate that is true of every row of which another one is, and of more: a test of it passes, negated or not, also
 * where what `doubt` says of it is true. `undefined` where nothing is left that a row could fail.
 */
export function loosen(
  predicate: Predicate,
  doubt: (test: Test) => Predicate | boolean,
  negated = false,
): Predicate | undefined {
  switch (predicate.op) {
    case "not":
      return loosen(predicate.of, doubt, !negated);
    case "and":
    case "or": {
      const parts = predicate.of.map((one) => loosen(one, doubt, negated));
      const known = parts.filter((part) => part !== undefined);
      // De Morgan's laws hold in three-valued logic, too.
      const op = (predicate.op === "and") !== negated ? "and" : "or";
      if (known.length === 0 || (op === "or" && known.length < parts.length)) return undefined;
      return known.length === 1 ? known[0] : { op, of: known };
    }
    default: {
      const doubtful = doubt(predicate);
      if (doubtful === true) return undefined;
      const test: Predicate = negated ? { op: "not", of: predicate } : predicate;
      return doubtful === false ? test : { op: "or", of: [test, doubtful] };
    }
  }
}
