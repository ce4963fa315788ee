import type { Expression, Query } from "../ast.ts";
import type { Token } from "../lexer.ts";
import { nearestName } from "../nearest.ts";
import { acceptOperator, type Cursor, describe, fail, peek, SqlSyntaxError } from "./cursor.ts";
import { parseExpression } from "./expression.ts";
import { isQueryStart, parseQuery } from "./query.ts";

export { MAX_NESTING, SqlSyntaxError } from "./cursor.ts";

const OTHER_STATEMENTS: ReadonlySet<string> = new Set([
  "ALTER",
  "ANALYZE",
  "ATTACH",
  "BEGIN",
  "COMMIT",
  "CREATE",
  "DELETE",
  "DETACH",
  "DROP",
  "END",
  "EXPLAIN",
  "INSERT",
  "PRAGMA",
  "REINDEX",
  "RELEASE",
  "REPLACE",
  "ROLLBACK",
  "SAVEPOINT",
  "UPDATE",
  "VACUUM",
]);

/**
 * Parses one SELECT statement: SQLite's grammar, and `[LEFT] AUTO JOIN … ON … [WHEN …]`.
 *
 * @throws {SqlSyntaxError} at the first token that does not fit.
 */
export function parseStatement(tokens: readonly Token[]): Query {
  const cursor: Cursor = { tokens, at: 0, depth: 0 };
  const first = peek(cursor);
  if (first.keyword !== undefined && OTHER_STATEMENTS.has(first.keyword)) {
    throw new SqlSyntaxError(
      `${first.keyword} is refused: a detection is one SELECT`,
      first,
      undefined,
      "refused-statement",
    );
  }
  if (first.keyword === "VALUES" || !isQueryStart(cursor)) {
    const meant = first.keyword ? undefined : nearestName(first.text, ["SELECT", "WITH"]);
    throw new SqlSyntaxError(
      `expected SELECT or WITH, found ${describe(first)}`,
      first,
      meant ? `is \`${first.text}\` meant to be ${meant}?` : "a detection is exactly one SELECT",
      first.kind === "end" ? "sql-syntax" : "not-a-select",
    );
  }
  const query = parseQuery(cursor);
  if (acceptOperator(cursor, ";")) {
    while (acceptOperator(cursor, ";"));
    const rest = peek(cursor);
    if (rest.kind === "end") return query;
    throw new SqlSyntaxError(
      "a second statement after `;`",
      { start: rest.start, end: tokens.at(-2)!.end },
      "a detection is exactly one SELECT; another one belongs in another file",
      "not-a-select",
    );
  }
  if (peek(cursor).kind !== "end") fail(cursor, "the end of the SELECT");
  return query;
}

/**
 * Parses a single expression.
 *
 * @throws {SqlSyntaxError} at the first token that does not fit.
 */
export function parseLoneExpression(tokens: readonly Token[]): Expression {
  const cursor: Cursor = { tokens, at: 0, depth: 0 };
  const expression = parseExpression(cursor);
  if (peek(cursor).kind !== "end") fail(cursor, "the end of the expression");
  return expression;
}
