import type {
  Body,
  CommonTable,
  Compound,
  Name,
  Query,
  ResultTerm,
  Select,
  Values,
} from "../ast.ts";
import type { Token } from "../lexer.ts";
import { parseOrderTerms, parseWindow } from "./call.ts";
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
  isKeyword,
  isName,
  isOperator,
  isWindowName,
  nameOf,
  peek,
  spanFrom,
  SqlSyntaxError,
  take,
} from "./cursor.ts";
import { parseExpression, parseExpressions, parseInnerQuery } from "./expression.ts";
import { parseFrom } from "./from.ts";

/** Whether a query begins at the cursor, which stands where only a query may begin with these words. */
export function isQueryStart(cursor: Cursor): boolean {
  const { keyword } = peek(cursor);
  return keyword === "SELECT" || keyword === "VALUES" || keyword === "WITH";
}

const WRITES: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/** Parses a query: WITH, SELECTs joined by set operations, ORDER BY, LIMIT. */
export function parseQuery(cursor: Cursor): Query {
  const { start } = peek(cursor);
  const withWord = acceptKeyword(cursor, "WITH");
  const recursive = withWord !== undefined && acceptKeyword(cursor, "RECURSIVE") !== undefined;
  const common = withWord ? commaList(cursor, () => parseCommonTable(cursor)) : [];
  let body: Body = parseOne(cursor);
  for (let operator = setOperator(cursor); operator; operator = setOperator(cursor)) {
    const right = parseOne(cursor);
    body = { type: "compound", operator, left: body, right, span: spanFrom(cursor, start) };
  }
  // VALUES has neither, not even as the last part of a set operation.
  const ordered = (body.type === "compound" ? body.right : body).type === "select";
  const orderBy = ordered && acceptKeyword(cursor, "ORDER") ? parseOrderTerms(cursor) : [];
  if (orderBy.length > 0 || isKeyword(cursor, "LIMIT")) refuseEarlyOrder(cursor);
  let limit = ordered ? acceptKeyword(cursor, "LIMIT") && parseExpression(cursor) : undefined;
  let offset = limit && acceptKeyword(cursor, "OFFSET") && parseExpression(cursor);
  if (limit && !offset && acceptOperator(cursor, ",")) {
    offset = limit;
    limit = parseExpression(cursor);
  }
  refuseEarlyOrder(cursor);
  return {
    type: "query",
    recursive,
    with: common,
    body,
    orderBy,
    ...(limit && { limit }),
    ...(offset && { offset }),
    span: spanFrom(cursor, start),
  };
}

function refuseEarlyOrder(cursor: Cursor): void {
  const { keyword } = peek(cursor);
  if (keyword !== "UNION" && keyword !== "EXCEPT" && keyword !== "INTERSECT") return;
  throw new SqlSyntaxError(
    `ORDER BY and LIMIT stand after ${keyword}, not before it`,
    peek(cursor),
    "they hold for the whole of a set operation; a part of it takes them as SELECT * FROM (SELECT … LIMIT …)",
  );
}

function setOperator(cursor: Cursor): Compound["operator"] | undefined {
  if (acceptKeyword(cursor, "EXCEPT")) return "EXCEPT";
  if (acceptKeyword(cursor, "INTERSECT")) return "INTERSECT";
  if (!acceptKeyword(cursor, "UNION")) return undefined;
  return acceptKeyword(cursor, "ALL") ? "UNION ALL" : "UNION";
}

function parseCommonTable(cursor: Cursor): CommonTable {
  const name = expectName(cursor, "the name of a common table expression");
  const columns = acceptOperator(cursor, "(") && parseNames(cursor);
  expectKeyword(cursor, "AS");
  const not = acceptKeyword(cursor, "NOT");
  if (not) expectKeyword(cursor, "MATERIALIZED");
  else acceptKeyword(cursor, "MATERIALIZED");
  const query = parseInnerQuery(cursor, expectOperator(cursor, "("));
  return {
    type: "common-table",
    name,
    ...(columns && { columns }),
    query,
    span: spanFrom(cursor, name.span.start),
  };
}

/** Parses names in parentheses whose `(` has been taken. */
export function parseNames(cursor: Cursor): Name[] {
  const names = commaList(cursor, () => expectName(cursor, "the name of a column"));
  expectOperator(cursor, ")");
  return names;
}

function parseOne(cursor: Cursor): Select | Values {
  const word = peek(cursor);
  if (acceptKeyword(cursor, "VALUES")) return parseValues(cursor, word);
  if (acceptKeyword(cursor, "SELECT")) return parseSelect(cursor, word);
  return failWithoutQuery(cursor);
}

/** Ends the parse where a query must begin and something else does. */
export function failWithoutQuery(cursor: Cursor): never {
  const word = peek(cursor);
  if (word.keyword === undefined || !WRITES.has(word.keyword)) fail(cursor, "SELECT");
  throw new SqlSyntaxError(
    `${word.keyword} is refused: a detection only reads`,
    word,
    undefined,
    "refused-statement",
  );
}

function parseValues(cursor: Cursor, word: Token): Values {
  const rows = commaList(cursor, () => {
    const opened = expectOperator(cursor, "(");
    const row = parseExpressions(cursor);
    expectOperator(cursor, ")", opened);
    return row;
  });
  return { type: "values", rows, span: spanFrom(cursor, word.start) };
}

function parseSelect(cursor: Cursor, word: Token): Select {
  const distinct = acceptKeyword(cursor, "DISTINCT") !== undefined;
  if (!distinct) acceptKeyword(cursor, "ALL");
  const columns = commaList(cursor, () => parseResultTerm(cursor));
  const from = acceptKeyword(cursor, "FROM") && deeper(cursor, () => parseFrom(cursor));
  const where = acceptKeyword(cursor, "WHERE") && parseExpression(cursor);
  const groupBy = acceptKeyword(cursor, "GROUP")
    ? (expectKeyword(cursor, "BY"), parseExpressions(cursor))
    : [];
  const having = acceptKeyword(cursor, "HAVING") && parseExpression(cursor);
  const windows = isWindowClause(cursor)
    ? (take(cursor), commaList(cursor, () => parseNamedWindow(cursor)))
    : [];
  return {
    type: "select",
    distinct,
    columns,
    ...(from && { from }),
    ...(where && { where }),
    groupBy,
    ...(having && { having }),
    windows,
    span: spanFrom(cursor, word.start),
  };
}

/** WINDOW is a keyword only where a name and AS follow. */
export function isWindowClause(cursor: Cursor): boolean {
  return isKeyword(cursor, "WINDOW") && isWindowName(peek(cursor, 1)) && isKeyword(cursor, "AS", 2);
}

function parseNamedWindow(cursor: Cursor): Select["windows"][number] {
  const name = expectName(cursor, "the name of a window");
  expectKeyword(cursor, "AS");
  return { name, window: parseWindow(cursor) };
}

function parseResultTerm(cursor: Cursor): ResultTerm {
  const first = peek(cursor);
  if (acceptOperator(cursor, "*")) return { type: "star", span: spanFrom(cursor, first.start) };
  if (isName(first, "nm") && isOperator(cursor, ".", 1) && isOperator(cursor, "*", 2)) {
    cursor.at += 3;
    return { type: "star", table: nameOf(first), span: spanFrom(cursor, first.start) };
  }
  const expression = parseExpression(cursor);
  const alias = parseAlias(cursor);
  return {
    type: "result",
    expression,
    ...(alias && { alias }),
    span: spanFrom(cursor, first.start),
  };
}

/** Parses `AS name` or a bare name, if one follows. */
export function parseAlias(cursor: Cursor): Name | undefined {
  if (acceptKeyword(cursor, "AS")) return expectName(cursor, "a name after AS");
  const token = peek(cursor);
  if (!isName(token, "ids") || isWindowClause(cursor)) return undefined;
  return nameOf(take(cursor));
}
