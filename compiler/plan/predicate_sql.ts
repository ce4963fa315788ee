import type { Predicate, PredicateValue } from "../../model/predicate.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";

/** A predicate as SQL that people read and SQLite evaluates. */
export function predicateSql(predicate: Predicate): string {
  switch (predicate.op) {
    case "and":
    case "or":
      return predicate.of.map((one) =>
        one.op === "and" || one.op === "or" ? `(${predicateSql(one)})` : predicateSql(one)
      ).join(predicate.op === "and" ? " AND " : " OR ");
    case "not":
      return negation(predicate.of);
    case "in":
      return `${name(predicate.column)} IN (${predicate.values.map(literal).join(", ")})`;
    case "between":
      return `${name(predicate.column)} BETWEEN ${literal(predicate.low)} AND ${
        literal(predicate.high)
      }`;
    case "like":
    case "glob":
    case "regexp": {
      const escape = predicate.escape === undefined ? "" : ` ESCAPE ${literal(predicate.escape)}`;
      const operator = predicate.op.toUpperCase();
      return `${name(predicate.column)} ${operator} ${literal(predicate.pattern)}${escape}`;
    }
    case "null":
      return `${name(predicate.column)} IS NULL`;
    default:
      return `${name(predicate.column)} ${predicate.op} ${literal(predicate.value)}`;
  }
}

function negation(of: Predicate): string {
  return of.op === "null" ? `${name(of.column)} IS NOT NULL` : `NOT (${predicateSql(of)})`;
}

function name(column: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(column) ? column : quoteIdentifier(column);
}

function literal(value: PredicateValue): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "boolean") return String(value).toUpperCase();
  // Digits alone would be an integer, and another one.
  const whole = Number.isInteger(value) && !Number.isSafeInteger(value);
  return whole ? value.toExponential() : String(value);
}
