import type { Call, Expression, FrameBound, Name, OrderTerm, Window } from "../ast.ts";
import type { Token } from "../lexer.ts";
import {
  acceptKeyword,
  acceptOperator,
  commaList,
  type Cursor,
  expectKeyword,
  expectOperator,
  fail,
  isKeyword,
  isName,
  isOperator,
  isWindowName,
  nameOf,
  peek,
  spanFrom,
  take,
} from "./cursor.ts";
import { parseExpression, parseExpressions } from "./expression.ts";

/** Parses a function call, from its `(` on. */
export function parseCall(cursor: Cursor, name: Token): Expression {
  const opened = expectOperator(cursor, "(");
  const star = acceptOperator(cursor, "*") !== undefined;
  const distinct = !star && acceptKeyword(cursor, "DISTINCT") !== undefined;
  if (!star && !distinct) acceptKeyword(cursor, "ALL");
  const none = star || isOperator(cursor, ")") || isKeyword(cursor, "ORDER");
  const args = none ? [] : parseExpressions(cursor);
  const orderBy = !star && acceptKeyword(cursor, "ORDER") ? parseOrderTerms(cursor) : [];
  expectOperator(cursor, ")", opened);
  const filter = parseFilter(cursor);
  const over = parseOver(cursor);
  const call: Call = {
    type: "call",
    name: nameOf(name),
    distinct,
    star,
    arguments: args,
    orderBy,
    ...(filter && { filter }),
    ...(over && { over }),
    span: spanFrom(cursor, name.start),
  };
  return call;
}

function parseFilter(cursor: Cursor): Expression | undefined {
  if (!isKeyword(cursor, "FILTER") || !isOperator(cursor, "(", 1)) return undefined;
  take(cursor);
  const opened = take(cursor);
  expectKeyword(cursor, "WHERE");
  const condition = parseExpression(cursor);
  expectOperator(cursor, ")", opened);
  return condition;
}

function parseOver(cursor: Cursor): Window | Name | undefined {
  if (!isKeyword(cursor, "OVER")) return undefined;
  const next = peek(cursor, 1);
  if (isOperator(cursor, "(", 1)) {
    take(cursor);
    return parseWindow(cursor);
  }
  if (!isWindowName(next)) return undefined;
  take(cursor);
  return nameOf(take(cursor));
}

/** Parses a window's definition in parentheses. */
export function parseWindow(cursor: Cursor): Window {
  const opened = expectOperator(cursor, "(");
  const starts = ["PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"];
  const named = isName(peek(cursor), "nm") && !starts.includes(peek(cursor).keyword ?? "");
  const base = named ? nameOf(take(cursor)) : undefined;
  const partitionBy: Expression[] = [];
  if (acceptKeyword(cursor, "PARTITION")) {
    expectKeyword(cursor, "BY");
    partitionBy.push(...parseExpressions(cursor));
  }
  const orderBy = acceptKeyword(cursor, "ORDER") ? parseOrderTerms(cursor) : [];
  const frame = parseFrame(cursor);
  expectOperator(cursor, ")", opened);
  return {
    type: "window",
    ...(base && { base }),
    partitionBy,
    orderBy,
    ...(frame && { frame }),
    span: spanFrom(cursor, opened.start),
  };
}

function parseFrame(cursor: Cursor): Window["frame"] {
  const unit = peek(cursor).keyword;
  if (unit !== "ROWS" && unit !== "RANGE" && unit !== "GROUPS") return undefined;
  take(cursor);
  const between = acceptKeyword(cursor, "BETWEEN") !== undefined;
  const start = parseBound(cursor, "PRECEDING");
  let end: FrameBound | undefined;
  if (between) {
    expectKeyword(cursor, "AND");
    end = parseBound(cursor, "FOLLOWING");
  }
  const exclude = acceptKeyword(cursor, "EXCLUDE") && parseExclusion(cursor);
  return { unit, start, ...(end && { end }), ...(exclude && { exclude }) };
}

/** Parses one end of a frame, which may only be unbounded towards its own side. */
function parseBound(cursor: Cursor, outward: "PRECEDING" | "FOLLOWING"): FrameBound {
  if (acceptKeyword(cursor, "CURRENT")) {
    expectKeyword(cursor, "ROW");
    return { kind: "current row" };
  }
  if (acceptKeyword(cursor, "UNBOUNDED")) {
    expectKeyword(cursor, outward);
    return { kind: outward === "PRECEDING" ? "unbounded preceding" : "unbounded following" };
  }
  const offset = parseExpression(cursor);
  const side = acceptKeyword(cursor, "PRECEDING") ?? acceptKeyword(cursor, "FOLLOWING");
  if (!side) return fail(cursor, "PRECEDING or FOLLOWING");
  const kind = side.keyword === "PRECEDING" ? "preceding" : "following";
  return { kind, offset };
}

function parseExclusion(cursor: Cursor): NonNullable<NonNullable<Window["frame"]>["exclude"]> {
  if (acceptKeyword(cursor, "NO")) {
    expectKeyword(cursor, "OTHERS");
    return "NO OTHERS";
  }
  if (acceptKeyword(cursor, "CURRENT")) {
    expectKeyword(cursor, "ROW");
    return "CURRENT ROW";
  }
  if (acceptKeyword(cursor, "GROUP")) return "GROUP";
  expectKeyword(cursor, "TIES");
  return "TIES";
}

/** Parses the terms of ORDER BY, from BY on. */
export function parseOrderTerms(cursor: Cursor): OrderTerm[] {
  expectKeyword(cursor, "BY");
  return commaList(cursor, () => {
    const expression = parseExpression(cursor);
    const descending = acceptKeyword(cursor, "DESC") !== undefined;
    if (!descending) acceptKeyword(cursor, "ASC");
    const nulls = acceptKeyword(cursor, "NULLS") &&
      (acceptKeyword(cursor, "FIRST") ?? expectKeyword(cursor, "LAST"));
    return {
      type: "order-term",
      expression,
      descending,
      ...(nulls && { nulls: nulls.keyword as "FIRST" | "LAST" }),
      span: spanFrom(cursor, expression.span.start),
    };
  });
}
