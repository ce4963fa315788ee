import type { AutoJoin, Expression, From, Join, Name, Source } from "../ast.ts";
import { JOIN_WORDS } from "../keywords.ts";
import type { Token } from "../lexer.ts";
import {
  acceptKeyword,
  acceptOperator,
  type Cursor,
  deeper,
  expectKeyword,
  expectName,
  expectOperator,
  fail,
  isKeyword,
  isName,
  isOperator,
  peek,
  spanFrom,
  SqlSyntaxError,
  take,
} from "./cursor.ts";
import { parseExpression, parseExpressions, parseInnerQuery } from "./expression.ts";
import { isQueryStart, parseAlias, parseNames } from "./query.ts";

/** Parses what follows FROM. */
export function parseFrom(cursor: Cursor): From {
  const { start } = peek(cursor);
  const first = parseSource(cursor);
  const joins: Join[] = [];
  for (let join = parseJoin(cursor); join; join = parseJoin(cursor)) joins.push(join);
  return { type: "from", first, joins, span: spanFrom(cursor, start) };
}

/** AUTO is a keyword only before JOIN. */
function isAuto(cursor: Cursor, ahead = 0): boolean {
  const token = peek(cursor, ahead);
  return token.kind === "word" && /^auto$/i.test(token.text) &&
    isKeyword(cursor, "JOIN", ahead + 1);
}

interface JoinOperator {
  readonly kind: Join["kind"];
  readonly natural: boolean;
  readonly auto?: Token;
}

function parseJoin(cursor: Cursor): Join | undefined {
  const { start } = peek(cursor);
  const operator = parseJoinOperator(cursor);
  if (!operator) return undefined;
  const operatorSpan = spanFrom(cursor, start);
  const source = parseSource(cursor);
  const on = acceptKeyword(cursor, "ON") && parseExpression(cursor);
  const using = !on && !operator.auto && acceptKeyword(cursor, "USING")
    ? (expectOperator(cursor, "("), parseNames(cursor))
    : undefined;
  const auto = operator.auto && parseAutoTail(cursor, operator.auto, on);
  return {
    type: "join",
    kind: operator.kind,
    natural: operator.natural,
    operator: operatorSpan,
    source,
    ...(on && { on }),
    ...(using && { using }),
    ...(auto && { auto }),
    span: spanFrom(cursor, start),
  };
}

function parseAutoTail(cursor: Cursor, auto: Token, on: Expression | undefined): AutoJoin {
  if (!on) fail(cursor, "ON", "AUTO JOIN table ON table.key = … names the key to collect by");
  const span = { start: auto.start, end: auto.end };
  const word = acceptKeyword(cursor, "WHEN");
  if (!word) return { auto: span };
  const when = parseExpression(cursor);
  return { auto: span, whenWord: { start: word.start, end: word.end }, when };
}

function parseJoinOperator(cursor: Cursor): JoinOperator | undefined {
  if (acceptOperator(cursor, ",")) return { kind: "comma", natural: false };
  if (isAuto(cursor)) {
    const auto = take(cursor);
    take(cursor);
    return { kind: "inner", natural: false, auto };
  }
  if (acceptKeyword(cursor, "JOIN")) return { kind: "inner", natural: false };
  const first = peek(cursor);
  if (first.keyword === undefined || !JOIN_WORDS.has(first.keyword)) return undefined;
  const words: string[] = [];
  while (words.length < 3 && JOIN_WORDS.has(peek(cursor).keyword ?? "")) {
    words.push(take(cursor).keyword!);
  }
  const auto = isAuto(cursor) ? take(cursor) : undefined;
  expectKeyword(cursor, "JOIN");
  const has = (word: string) => words.includes(word);
  const span = { start: first.start, end: peek(cursor, -1).start };
  if (auto && (words.length > 1 || !has("LEFT")) && !(has("LEFT") && has("OUTER"))) {
    throw new SqlSyntaxError(
      `${words.join(" ")} AUTO JOIN does not exist`,
      span,
      "there are AUTO JOIN and LEFT AUTO JOIN",
    );
  }
  const outer = has("LEFT") || has("RIGHT") || has("FULL");
  if (has("OUTER") && !outer || outer && (has("INNER") || has("CROSS"))) {
    throw new SqlSyntaxError(`${words.join(" ")} JOIN does not exist`, span);
  }
  const kind = has("FULL") || (has("LEFT") && has("RIGHT"))
    ? "full"
    : has("LEFT")
    ? "left"
    : has("RIGHT")
    ? "right"
    : has("CROSS")
    ? "cross"
    : "inner";
  return { kind, natural: has("NATURAL"), ...(auto && { auto }) };
}

function parseSource(cursor: Cursor): Source {
  const first = peek(cursor);
  const opened = acceptOperator(cursor, "(");
  if (opened) {
    const inner = isQueryStart(cursor)
      ? { type: "subquery" as const, query: parseInnerQuery(cursor, opened) }
      : { type: "join-group" as const, from: deeper(cursor, () => parseFrom(cursor)) };
    if (inner.type === "join-group") expectOperator(cursor, ")", opened);
    return withAlias(cursor, inner, first.start);
  }
  if (!isName(first, "nm")) fail(cursor, "the name of a table or `(`");
  let name: Name = expectName(cursor, "the name of a table");
  const schema = acceptOperator(cursor, ".") && name;
  if (schema) name = expectName(cursor, "the name of a table");
  const open = acceptOperator(cursor, "(");
  if (open) {
    const args = isOperator(cursor, ")") ? [] : parseExpressions(cursor);
    expectOperator(cursor, ")", open);
    const call = { type: "table-function" as const, ...(schema && { schema }), name };
    return withAlias(cursor, { ...call, arguments: args }, first.start);
  }
  const table = withAlias(
    cursor,
    { type: "table" as const, ...(schema && { schema }), name },
    first.start,
  );
  if (isKeyword(cursor, "NOT") && isKeyword(cursor, "INDEXED", 1)) cursor.at += 2;
  return table;
}

function withAlias<T extends object>(cursor: Cursor, source: T, start: number): T & {
  alias?: Name;
  span: Join["span"];
} {
  const alias = isAuto(cursor) ? undefined : parseAlias(cursor);
  return { ...source, ...(alias && { alias }), span: spanFrom(cursor, start) };
}
