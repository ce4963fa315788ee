import type { Predicate } from "../model/predicate.ts";

/**
 * What predicates ask of some columns, each test once: what a collector that has to be told where to look, or what for, is
 * told.
 */
export function testsOn(
  columns: readonly string[],
  predicates: readonly Predicate[],
): readonly Predicate[] {
  const asked = columns.length === 0 ? [] : predicates.flatMap(testsOf)
    .filter((test) => "column" in test && columns.includes(test.column));
  return [...new Map(asked.map((test) => [JSON.stringify(test), test])).values()];
}

/** The tests that a predicate is made of. What stands under NOT asks for nothing. */
function testsOf(predicate: Predicate): readonly Predicate[] {
  switch (predicate.op) {
    case "and":
    case "or":
      return predicate.of.flatMap(testsOf);
    case "not":
      return [];
    default:
      return [predicate];
  }
}
