/**
 * A value that a predicate compares with: text for a string column, a number for an integer, float or timestamp (ms
 * since the epoch) column, a boolean for a boolean column.
 */
export type PredicateValue = number | string | boolean;

/** Comparisons of a column with a value. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/**
 * A condition on the rows of one table, as plain data that travels as JSON. It means what SQLite means by it, in
 * three-valued logic: a comparison with NULL is neither true nor false, and so is its `not`; a row satisfies the
 * predicate where it is true. Text is compared by code points and case; `like` takes ASCII letters of either case for
 * equal; `regexp` is RE2 syntax and matches anywhere in the text.
 *
 * A predicate only ever leaves out rows that the query would leave out itself. Whoever cannot apply one may ignore it.
 */
export type Predicate =
  | { readonly op: "and" | "or"; readonly of: readonly Predicate[] }
  | { readonly op: "not"; readonly of: Predicate }
  | { readonly op: Comparison; readonly column: string; readonly value: PredicateValue }
  | { readonly op: "in"; readonly column: string; readonly values: readonly PredicateValue[] }
  /** Both ends count as inside. */
  | {
    readonly op: "between";
    readonly column: string;
    readonly low: PredicateValue;
    readonly high: PredicateValue;
  }
  | {
    readonly op: "like" | "glob" | "regexp";
    readonly column: string;
    readonly pattern: string;
    /** For `like`: the character that takes the meaning from the wildcard after it. */
    readonly escape?: string;
  }
  /** Whether the value is NULL: always true or false. */
  | { readonly op: "null"; readonly column: string };
