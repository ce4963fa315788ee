import type { Predicate, PredicateValue } from "../model/predicate.ts";

/** A predicate as SQL would write it, for people. */
export function renderPredicate(predicate: Predicate): string {
  switch (predicate.op) {
    case "and":
    case "or":
      return `(${predicate.of.map(renderPredicate).join(` ${predicate.op.toUpperCase()} `)})`;
    case "not":
      return `NOT ${renderPredicate(predicate.of)}`;
    case "in":
      return `${predicate.column} IN (${predicate.values.map(value).join(", ")})`;
    case "between":
      return `${predicate.column} BETWEEN ${value(predicate.low)} AND ${value(predicate.high)}`;
    case "like":
    case "glob":
    case "regexp": {
      const escape = predicate.escape === undefined ? "" : ` ESCAPE ${value(predicate.escape)}`;
      return `${predicate.column} ${predicate.op.toUpperCase()} ${
        value(predicate.pattern)
      }${escape}`;
    }
    case "null":
      return `${predicate.column} IS NULL`;
    default:
      return `${predicate.column} ${predicate.op} ${value(predicate.value)}`;
  }
}

function value(one: PredicateValue): string {
  return typeof one === "string" ? `'${one.replaceAll("'", "''")}'` : String(one).toUpperCase();
}
