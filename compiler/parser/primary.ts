import type { Case, Expression, Literal, UnaryOperator } from "../ast.ts";
import { isFallback, JOIN_WORDS } from "../keywords.ts";
import { type Token, unquote } from "../lexer.ts";
import { parseCall } from "./call.ts";
import {
  acceptKeyword,
  acceptOperator,
  type Cursor,
  expectKeyword,
  expectName,
  expectOperator,
  fail,
  isKeyword,
  isName,
  isOperator,
  nameOf,
  peek,
  spanFrom,
  take,
} from "./cursor.ts";
import { BINDING, parseExpression, parseExpressions, parseInnerQuery } from "./expression.ts";
import { isQueryStart, parseQuery } from "./query.ts";

/** Parses an operand, with the operators that stand before it. */
export function parsePrimary(cursor: Cursor): Expression {
  const token = peek(cursor);
  switch (token.kind) {
    case "integer":
    case "float":
      take(cursor);
      return numeric(token);
    case "blob":
      take(cursor);
      return literal(token, "blob", token.text.slice(2, -1));
    case "parameter":
      take(cursor);
      return { type: "parameter", name: token.text, span: spanFrom(cursor, token.start) };
    case "string":
      if (!isOperator(cursor, ".", 1)) {
        take(cursor);
        return literal(token, "string", unquote(token));
      }
      return parseNamed(cursor);
    case "name":
      return parseNamed(cursor);
    case "operator":
      return parseSign(cursor, token);
    case "word":
      return parseWord(cursor, token);
    case "end":
      return fail(cursor, "an expression");
  }
}

function literal(token: Token, kind: Literal["kind"], value: Literal["value"]): Literal {
  return { type: "literal", kind, value, span: { start: token.start, end: token.end } };
}

/** A number as SQLite reads it: integers of 64 bits, everything else in floating point. */
function numeric(token: Token): Literal {
  const digits = token.text.replaceAll("_", "");
  if (token.kind === "float") return literal(token, "float", Number(digits));
  const exact = /^0[xX]/.test(digits) ? BigInt.asIntN(64, BigInt(digits)) : BigInt(digits);
  if (exact > 0x7fffffffffffffffn) return literal(token, "float", Number(exact));
  const small = Number(exact);
  return literal(token, "integer", Number.isSafeInteger(small) ? small : exact);
}

function parseSign(cursor: Cursor, token: Token): Expression {
  if (token.text === "(") return parseParenthesised(cursor, take(cursor));
  if (token.text !== "-" && token.text !== "+" && token.text !== "~") {
    return fail(cursor, "an expression");
  }
  take(cursor);
  return unary(cursor, token, token.text, BINDING.collation);
}

function unary(cursor: Cursor, token: Token, operator: UnaryOperator, above: number): Expression {
  const operand = parseExpression(cursor, above);
  return { type: "unary", operator, operand, span: spanFrom(cursor, token.start) };
}

function parseParenthesised(cursor: Cursor, opened: Token): Expression {
  if (isQueryStart(cursor)) {
    const query = parseQuery(cursor);
    expectOperator(cursor, ")", opened);
    return { type: "scalar-query", query, span: spanFrom(cursor, opened.start) };
  }
  const items = parseExpressions(cursor);
  expectOperator(cursor, ")", opened);
  const span = spanFrom(cursor, opened.start);
  return items.length === 1 ? { ...items[0]!, span } : { type: "row", items, span };
}

function parseWord(cursor: Cursor, token: Token): Expression {
  switch (token.keyword) {
    case undefined:
      return parseNamed(cursor);
    case "NULL":
      take(cursor);
      return literal(token, "null", null);
    case "NOT":
      take(cursor);
      return unary(cursor, token, "NOT", BINDING.and);
    case "EXISTS": {
      take(cursor);
      const query = parseInnerQuery(cursor, expectOperator(cursor, "("));
      return { type: "exists", query, span: spanFrom(cursor, token.start) };
    }
    case "CASE":
      take(cursor);
      return parseCase(cursor, token);
    case "CAST":
      take(cursor);
      return parseCast(cursor, token);
    case "CURRENT_DATE":
    case "CURRENT_TIME":
    case "CURRENT_TIMESTAMP":
      take(cursor);
      return {
        type: "current-time",
        keyword: token.keyword,
        span: spanFrom(cursor, token.start),
      };
    case "RAISE":
      return fail(cursor, "an expression", "RAISE belongs to triggers");
    default:
      if (isFallback(token.keyword) || JOIN_WORDS.has(token.keyword)) return parseNamed(cursor);
      if (token.keyword === "INDEXED") return parseNamed(cursor);
      return fail(cursor, "an expression");
  }
}

/** Parses a column, a function call, TRUE or FALSE. */
function parseNamed(cursor: Cursor): Expression {
  const first = take(cursor);
  if (isOperator(cursor, "(") && first.kind !== "string") return parseCall(cursor, first);
  if (!acceptOperator(cursor, ".")) {
    const truth = first.kind === "word" && /^(?:true|false)$/i.exec(first.text);
    if (truth) return literal(first, "boolean", truth[0].toLowerCase() === "true");
    return { type: "column", name: nameOf(first), span: spanFrom(cursor, first.start) };
  }
  const second = expectName(cursor, "the name of a column");
  if (!acceptOperator(cursor, ".")) {
    return {
      type: "column",
      table: nameOf(first),
      name: second,
      span: spanFrom(cursor, first.start),
    };
  }
  const name = expectName(cursor, "the name of a column");
  const span = spanFrom(cursor, first.start);
  return { type: "column", schema: nameOf(first), table: second, name, span };
}

function parseCase(cursor: Cursor, word: Token): Case {
  const operand = isKeyword(cursor, "WHEN") ? undefined : parseExpression(cursor);
  const branches: { when: Expression; then: Expression }[] = [];
  do {
    expectKeyword(cursor, "WHEN");
    const when = parseExpression(cursor);
    expectKeyword(cursor, "THEN");
    branches.push({ when, then: parseExpression(cursor) });
  } while (isKeyword(cursor, "WHEN"));
  const otherwise = acceptKeyword(cursor, "ELSE") && parseExpression(cursor);
  expectKeyword(cursor, "END");
  return {
    type: "case",
    ...(operand && { operand }),
    branches,
    ...(otherwise && { otherwise }),
    span: spanFrom(cursor, word.start),
  };
}

function parseCast(cursor: Cursor, word: Token): Expression {
  const opened = expectOperator(cursor, "(");
  const operand = parseExpression(cursor);
  expectKeyword(cursor, "AS");
  const words: string[] = [];
  while (isName(peek(cursor), "ids")) words.push(unquote(take(cursor)));
  if (words.length > 0 && acceptOperator(cursor, "(")) {
    do {
      if (!acceptOperator(cursor, "-")) acceptOperator(cursor, "+");
      if (!["integer", "float"].includes(peek(cursor).kind)) fail(cursor, "a number");
      take(cursor);
    } while (acceptOperator(cursor, ","));
    expectOperator(cursor, ")");
  }
  expectOperator(cursor, ")", opened);
  const target = words.join(" ").toUpperCase();
  return { type: "cast", operand, target, span: spanFrom(cursor, word.start) };
}
