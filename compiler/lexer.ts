import type { Span } from "../diagnostics/source.ts";
import { keywordOf } from "./keywords.ts";

/** What a token is. `name` is a quoted identifier, `word` an unquoted one or a keyword. */
export type TokenKind =
  | "word"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "blob"
  | "parameter"
  | "operator"
  | "end";

/** A token of SQL with its place in the text that it was read from. */
export interface Token extends Span {
  readonly kind: TokenKind;
  /** The characters as they stand. */
  readonly text: string;
  /** The keyword in upper case, where an unquoted word spells one. */
  readonly keyword?: string | undefined;
}

/** A place where the text is no token of SQL. */
export interface LexicalFault extends Span {
  readonly message: string;
  readonly hint?: string;
}

/** Tokens without comments and white space; the last one is of kind `end`. */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly faults: readonly LexicalFault[];
}

const OPERATORS = ["->>", "->", "<<", "<=", "<>", ">>", ">=", "==", "!=", "||"];
const SINGLE = new Set("-();+*/%=<>|,&~.");
const FIRST_OF_SEVERAL = new Set(OPERATORS.map((operator) => operator[0]!));
const NUMBER =
  /0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const PARAMETER = /\?\d*|[:@$][A-Za-z0-9_$\u0080-\uffff]+/y;
const SPACE = /(?:[ \t\n\f\r\ufeff]+|--[^\n]*|\/\*(?=[^])[^]*?(?:\*\/|$))+/y;
const STRING_HINT = "a quote inside a string is written twice: 'it''s'";

/** Splits SQL from `start` to `end` of a text as SQLite does. Spans are offsets in the whole text. */
export function lex(text: string, start = 0, end: number = text.length): Lexed {
  const source = end === text.length ? text : text.slice(0, end);
  const tokens: Token[] = [];
  const faults: LexicalFault[] = [];
  const match = (pattern: RegExp, at: number): number => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : at;
  };
  const push = (kind: TokenKind, from: number, to: number) => {
    tokens.push({ kind, start: from, end: to, text: source.slice(from, to) });
    return to;
  };
  const fault = (from: number, to: number, message: string, hint?: string) => {
    faults.push({ start: from, end: to, message, ...(hint !== undefined && { hint }) });
    return to;
  };
  /** Reads up to the closing quote, which is written twice to stand for itself. */
  const quoted = (kind: TokenKind, from: number, open: number, quote: string) => {
    for (let at = open + 1;;) {
      const close = source.indexOf(quote, at);
      if (close < 0) {
        const what = kind === "name" ? "quoted name" : kind;
        return fault(from, source.length, `the ${what} that begins here has no end`, STRING_HINT);
      }
      if (quote !== "]" && source[close + 1] === quote) at = close + 2;
      else return push(kind, from, close + 1);
    }
  };

  // Also within comments, where it would hide from SQLite whatever stands behind it.
  const nul = source.indexOf("\0", start);
  if (nul >= 0) fault(nul, nul + 1, "a NUL byte, where SQLite would stop reading");

  const half = /\p{Surrogate}/gu;
  half.lastIndex = start;
  const found = source.isWellFormed() ? null : half.exec(source);
  if (found) fault(found.index, found.index + 1, "half a character, which SQLite reads as another");

  let at = start;
  while ((at = match(SPACE, at)) < source.length) {
    const char = source[at]!;
    if (
      (char >= "a" && char <= "z") || (char >= "A" && char <= "Z") || char === "_" ||
      char >= "\u0080"
    ) {
      if ((char === "x" || char === "X") && source[at + 1] === "'") {
        const from = at;
        at = quoted("blob", from, at + 1, "'");
        if (
          !/^[xX]'(?:[0-9a-fA-F]{2})*'$/.test(source.slice(from, at)) &&
          tokens.at(-1)?.start === from
        ) {
          fault(from, at, "a blob is an even number of hexadecimal digits");
        }
        continue;
      }
      const to = match(WORD, at);
      const word = source.slice(at, to);
      tokens.push({ kind: "word", start: at, end: to, text: word, keyword: keywordOf(word) });
      at = to;
    } else if (char >= "0" && char <= "9" || (char === "." && /\d/.test(source[at + 1] ?? ""))) {
      const to = match(NUMBER, at);
      const tail = match(/[A-Za-z0-9_$\u0080-\uffff]+/y, to);
      if (tail > to) {
        at = fault(at, tail, `${JSON.stringify(source.slice(at, tail))} is not a number`);
        continue;
      }
      at = push(/^0[xX]|^[\d_]+$/.test(source.slice(at, to)) ? "integer" : "float", at, to);
    } else if (char === "'") {
      at = quoted("string", at, at, "'");
    } else if (char === '"' || char === "`") {
      at = quoted("name", at, at, char);
    } else if (char === "[") {
      at = quoted("name", at, at, "]");
    } else if (char === "?" || char === ":" || char === "@" || char === "$") {
      const to = match(PARAMETER, at);
      at = to > at
        ? push("parameter", at, to)
        : fault(at, at + 1, `${JSON.stringify(char)} is not SQL here`);
    } else {
      const several = FIRST_OF_SEVERAL.has(char)
        ? OPERATORS.find((one) => source.startsWith(one, at))
        : undefined;
      const operator = several ?? (SINGLE.has(char) ? char : undefined);
      if (operator) at = push("operator", at, at + operator.length);
      else if (char === "\0") at++;
      else at = fault(at, at + 1, `${JSON.stringify(char)} is not SQL`);
    }
  }
  push("end", source.length, source.length);
  return { tokens, faults };
}

/** The value of a string literal, or the name in an identifier of any quoting. */
export function unquote(token: Token): string {
  const { text } = token;
  if (token.kind === "word") return text;
  const quote = text[0]!;
  const inner = text.slice(1, -1);
  return quote === "[" ? inner : inner.replaceAll(quote + quote, quote);
}
