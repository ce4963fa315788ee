import type { Span } from "../../diagnostics/source.ts";
import type { Name } from "../ast.ts";
import { isFallback, JOIN_WORDS } from "../keywords.ts";
import { type Token, unquote } from "../lexer.ts";
import { nearestName } from "../nearest.ts";

/** How many levels SQL may nest. */
export const MAX_NESTING = 256;

/** SQL that does not parse, with the place where it stopped making sense. */
export class SqlSyntaxError extends SyntaxError {
  /**
   * @param span where it stopped making sense
   * @param hint what to do about it
   * @param code which fault it is
   */
  constructor(
    message: string,
    readonly span: Span,
    readonly hint?: string,
    readonly code: "sql-syntax" | "not-a-select" | "refused-statement" | "too-deep" = "sql-syntax",
  ) {
    super(message);
  }
}

/** A place in a list of tokens, and how deep the grammar's rules are nested there. */
export interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

/** The token at the cursor, or so many further on. */
export function peek(cursor: Cursor, ahead = 0): Token {
  return cursor.tokens[cursor.at + ahead] ?? cursor.tokens[cursor.tokens.length - 1]!;
}

/** Where the last token that was taken ends. */
export function lastEnd(cursor: Cursor): number {
  return cursor.tokens[cursor.at - 1]?.end ?? 0;
}

/** Takes the token at the cursor. */
export function take(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind !== "end") cursor.at++;
  return token;
}

/** Whether an operator stands at the cursor. */
export function isOperator(cursor: Cursor, text: string, ahead = 0): boolean {
  const token = peek(cursor, ahead);
  return token.kind === "operator" && token.text === text;
}

/** Whether a keyword stands at the cursor. */
export function isKeyword(cursor: Cursor, keyword: string, ahead = 0): boolean {
  return peek(cursor, ahead).keyword === keyword;
}

/** Takes an operator if it stands at the cursor. */
export function acceptOperator(cursor: Cursor, text: string): Token | undefined {
  return isOperator(cursor, text) ? take(cursor) : undefined;
}

/** Takes a keyword if it stands at the cursor. */
export function acceptKeyword(cursor: Cursor, keyword: string): Token | undefined {
  return isKeyword(cursor, keyword) ? take(cursor) : undefined;
}

/** Takes an operator that must stand here; `opened` is the bracket that it closes. */
export function expectOperator(cursor: Cursor, text: string, opened?: Token): Token {
  const token = acceptOperator(cursor, text);
  if (token) return token;
  if (opened && peek(cursor).kind === "end") {
    throw new SqlSyntaxError(`this \`${opened.text}\` is never closed`, opened);
  }
  return fail(cursor, `\`${text}\``);
}

/** Takes a keyword that must stand here. */
export function expectKeyword(cursor: Cursor, keyword: string): Token {
  return acceptKeyword(cursor, keyword) ?? fail(cursor, keyword);
}

/** Ends the parse: something else was expected at the cursor. */
export function fail(cursor: Cursor, expected: string, hint?: string): never {
  const token = peek(cursor);
  throw new SqlSyntaxError(
    `expected ${expected}, found ${describe(token)}`,
    token,
    hint ?? hintFor(cursor, expected),
  );
}

/** Words that begin a clause; a misspelt one reads as an alias, and what follows it makes no sense. */
const CLAUSES = "SELECT FROM WHERE GROUP ORDER HAVING LIMIT JOIN UNION VALUES".split(" ");

function hintFor(cursor: Cursor, expected: string): string | undefined {
  const before = peek(cursor, -1);
  const token = peek(cursor);
  for (const one of [before, token]) {
    if (one.kind !== "word" || one.keyword || one.text.length < 4) continue;
    const clause = nearestName(one.text, CLAUSES);
    if (clause) return `is \`${one.text}\` meant to be ${clause}?`;
  }
  if (before.text === "," && token.keyword) return `no comma stands before ${token.keyword}`;
  const keyword = token.keyword ?? "";
  if (CLAUSES.includes(keyword)) {
    if (before.keyword === "CASE") return quotedHint(before);
    if (expected === "a name after AS") return quotedHint(token);
    return expected === "the end of the SELECT" ? ORDER_HINT : undefined;
  }
  return keyword !== "" && !isFallback(keyword) ? quotedHint(token) : undefined;
}

const ORDER_HINT = "the order is SELECT, FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT";

function quotedHint(token: Token): string {
  return `${token.keyword} is a keyword; as a name it is written "${token.text}"`;
}

/** A token as a message names it. */
export function describe(token: Token): string {
  if (token.kind === "end") return "the end of the SQL";
  const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
  return token.keyword ?? `\`${text}\``;
}

/** Parses one level deeper. */
export function deeper<T>(cursor: Cursor, parse: () => T): T {
  if (++cursor.depth > MAX_NESTING) {
    throw new SqlSyntaxError(
      `more than ${MAX_NESTING} levels of nesting`,
      peek(cursor),
      undefined,
      "too-deep",
    );
  }
  const result = parse();
  cursor.depth--;
  return result;
}

/** Which words may be names at a place: SQLite's `id`, `ids` (or a string), `nm` (also JOIN words). */
export type NameKind = "ids" | "nm";

/** Whether the token can be a name there. */
export function isName(token: Token, kind: NameKind): boolean {
  switch (token.kind) {
    case "name":
    case "string":
      return true;
    case "word":
      if (token.keyword === undefined || isFallback(token.keyword)) return true;
      return kind === "nm" && (JOIN_WORDS.has(token.keyword) || token.keyword === "INDEXED");
    default:
      return false;
  }
}

/** Whether the token makes WINDOW or OVER before it a keyword, as SQLite's lexer looks ahead. */
export function isWindowName(token: Token): boolean {
  return isName(token, "nm") && token.keyword !== "INDEXED" && token.keyword !== "FILTER";
}

/** The name in a token. */
export function nameOf(token: Token): Name {
  return {
    text: unquote(token),
    quoted: token.kind !== "word",
    span: { start: token.start, end: token.end },
  };
}

/** Takes a name that must stand here. */
export function expectName(cursor: Cursor, what: string, kind: NameKind = "nm"): Name {
  if (!isName(peek(cursor), kind)) fail(cursor, what);
  return nameOf(take(cursor));
}

/** Parses a list separated by commas. */
export function commaList<T>(cursor: Cursor, parse: () => T): T[] {
  const items = [parse()];
  while (acceptOperator(cursor, ",")) items.push(parse());
  return items;
}

/** The span from a token or node to the last token that was taken. */
export function spanFrom(cursor: Cursor, start: number): Span {
  return { start, end: lastEnd(cursor) };
}
