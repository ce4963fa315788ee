import type { BinaryOperator, Expression, Matching, Query } from "../ast.ts";
import {
  acceptKeyword,
  acceptOperator,
  commaList,
  type Cursor,
  deeper,
  expectKeyword,
  expectName,
  expectOperator,
  fail,
  isName,
  isOperator,
  peek,
  spanFrom,
  take,
} from "./cursor.ts";
import { parsePrimary } from "./primary.ts";
import { failWithoutQuery, isQueryStart, parseQuery } from "./query.ts";

/**
 * SQLite's precedence, lowest first, as `parse.y` declares it. `NOT` and the signs stand before their operand; ESCAPE
 * belongs to the matching operators; everything else binds to the left.
 */
export const BINDING = {
  none: 0,
  or: 1,
  and: 2,
  not: 3,
  equality: 4,
  comparison: 5,
  bits: 7,
  sum: 8,
  product: 9,
  concatenation: 10,
  collation: 11,
  sign: 12,
} as const;

const BINARY: Readonly<Record<string, readonly [BinaryOperator, number]>> = {
  OR: ["OR", BINDING.or],
  AND: ["AND", BINDING.and],
  "=": ["=", BINDING.equality],
  "==": ["=", BINDING.equality],
  "<>": ["<>", BINDING.equality],
  "!=": ["<>", BINDING.equality],
  "<": ["<", BINDING.comparison],
  "<=": ["<=", BINDING.comparison],
  ">": [">", BINDING.comparison],
  ">=": [">=", BINDING.comparison],
  "&": ["&", BINDING.bits],
  "|": ["|", BINDING.bits],
  "<<": ["<<", BINDING.bits],
  ">>": [">>", BINDING.bits],
  "+": ["+", BINDING.sum],
  "-": ["-", BINDING.sum],
  "*": ["*", BINDING.product],
  "/": ["/", BINDING.product],
  "%": ["%", BINDING.product],
  "||": ["||", BINDING.concatenation],
  "->": ["->", BINDING.concatenation],
  "->>": ["->>", BINDING.concatenation],
};

const MATCHING: ReadonlySet<string> = new Set(["LIKE", "GLOB", "REGEXP", "MATCH"]);

/** Parses an expression whose operators all bind more tightly than `above`. */
export function parseExpression(cursor: Cursor, above: number = BINDING.none): Expression {
  let left = deeper(cursor, () => parsePrimary(cursor));
  for (;;) {
    const next = parseInfix(cursor, left, above);
    if (!next) return left;
    left = next;
  }
}

/** Parses what follows an operand, if it binds more tightly than `above`. */
function parseInfix(cursor: Cursor, left: Expression, above: number): Expression | undefined {
  const token = peek(cursor);
  const word = token.keyword ?? (token.kind === "operator" ? token.text : undefined);
  if (word === undefined) return undefined;

  const binary = BINARY[word];
  if (binary) {
    const [operator, binding] = binary;
    if (binding <= above) return undefined;
    take(cursor);
    return finishBinary(cursor, left, operator, binding);
  }
  if (word === "COLLATE") {
    if (BINDING.collation <= above) return undefined;
    take(cursor);
    const collation = expectName(cursor, "the name of a collation", "ids");
    return { type: "collate", operand: left, collation, span: spanFrom(cursor, left.span.start) };
  }
  if (BINDING.equality <= above) return undefined;
  const negated = word === "NOT";
  const operator = negated ? peek(cursor, 1).keyword : word;
  if (operator === undefined) return undefined;
  if (MATCHING.has(operator)) {
    cursor.at += negated ? 2 : 1;
    return parseMatching(cursor, left, operator as Matching["operator"], negated);
  }
  switch (operator) {
    case "BETWEEN":
      cursor.at += negated ? 2 : 1;
      return parseBetween(cursor, left, negated);
    case "IN":
      cursor.at += negated ? 2 : 1;
      return parseIn(cursor, left, negated);
    case "NULL":
      if (!negated) return undefined;
      cursor.at += 2;
      return nullTest(cursor, left, true);
    case "ISNULL":
    case "NOTNULL":
      if (negated) return undefined;
      take(cursor);
      return nullTest(cursor, left, operator === "NOTNULL");
    case "IS":
      if (negated) return undefined;
      take(cursor);
      return parseIs(cursor, left);
    default:
      return undefined;
  }
}

function finishBinary(
  cursor: Cursor,
  left: Expression,
  operator: BinaryOperator,
  binding: number,
): Expression {
  const right = parseExpression(cursor, binding);
  return { type: "binary", operator, left, right, span: spanFrom(cursor, left.span.start) };
}

function nullTest(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  return { type: "null-test", negated, operand, span: spanFrom(cursor, operand.span.start) };
}

function parseIs(cursor: Cursor, left: Expression): Expression {
  const negated = acceptKeyword(cursor, "NOT") !== undefined;
  const distinct = acceptKeyword(cursor, "DISTINCT") !== undefined;
  if (distinct) expectKeyword(cursor, "FROM");
  return finishBinary(cursor, left, negated === distinct ? "IS" : "IS NOT", BINDING.equality);
}

function parseMatching(
  cursor: Cursor,
  operand: Expression,
  operator: Matching["operator"],
  negated: boolean,
): Expression {
  const pattern = parseExpression(cursor, BINDING.equality);
  const escape = acceptKeyword(cursor, "ESCAPE") && parseExpression(cursor, BINDING.equality);
  return {
    type: "matching",
    operator,
    negated,
    operand,
    pattern,
    ...(escape && { escape }),
    span: spanFrom(cursor, operand.span.start),
  };
}

function parseBetween(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const low = deeper(cursor, () => parseExpression(cursor, BINDING.and));
  expectKeyword(cursor, "AND");
  const high = parseExpression(cursor, BINDING.equality);
  const span = spanFrom(cursor, operand.span.start);
  return { type: "between", negated, operand, low, high, span };
}

function parseIn(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const { start } = operand.span;
  const opened = acceptOperator(cursor, "(");
  if (!opened) return parseInTable(cursor, operand, negated);
  if (isQueryStart(cursor)) {
    const query = deeper(cursor, () => parseQuery(cursor));
    expectOperator(cursor, ")", opened);
    return { type: "in-query", negated, operand, query, span: spanFrom(cursor, start) };
  }
  const items = isOperator(cursor, ")") ? [] : deeper(cursor, () => parseExpressions(cursor));
  expectOperator(cursor, ")", opened);
  return { type: "in-list", negated, operand, items, span: spanFrom(cursor, start) };
}

function parseInTable(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const from = peek(cursor);
  if (!isName(from, "nm")) fail(cursor, "`(` or the name of a table");
  let name = expectName(cursor, "the name of a table");
  const schema = acceptOperator(cursor, ".") && name;
  if (schema) name = expectName(cursor, "the name of a table");
  const opened = acceptOperator(cursor, "(");
  const args = opened &&
    (isOperator(cursor, ")") ? [] : deeper(cursor, () => parseExpressions(cursor)));
  if (opened) expectOperator(cursor, ")", opened);
  const span = spanFrom(cursor, from.start);
  const source = args
    ? { type: "table-function" as const, ...(schema && { schema }), name, arguments: args, span }
    : { type: "table" as const, ...(schema && { schema }), name, span };
  return { type: "in-table", negated, operand, source, span: spanFrom(cursor, operand.span.start) };
}

/** Parses expressions separated by commas. */
export function parseExpressions(cursor: Cursor): Expression[] {
  return commaList(cursor, () => parseExpression(cursor));
}

/** Parses a query in parentheses whose `(` has been taken. */
export function parseInnerQuery(cursor: Cursor, opened: ReturnType<typeof take>): Query {
  if (!isQueryStart(cursor)) failWithoutQuery(cursor);
  const query = deeper(cursor, () => parseQuery(cursor));
  expectOperator(cursor, ")", opened);
  return query;
}
