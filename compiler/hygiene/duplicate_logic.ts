import type { Span } from "../../diagnostics/source.ts";
import type { Detection } from "../../model/detection.ts";
import { lex, type Token, unquote } from "../lexer.ts";
import type { HygieneCheck } from "./check.ts";
import { firstBy } from "./corpus.ts";

const firstOfLogic = firstBy(logicOf);

/** Something is detected once. */
export const duplicateLogic: HygieneCheck = {
  code: "duplicate-logic",
  docs: {
    what:
      "SQL that another detection has as well, white space, comments, letter case and quoting of names aside, under the " +
      "same mode, lookback and threshold.",
    why:
      "One event then raises two alerts, and a correction of one of the two is forgotten in the other.",
    bad: "SELECT pid FROM processes WHERE name = 'xmrig' -- once more",
    good: "SELECT pid FROM processes WHERE name = 'xmrig' AND user_id = 0",
  },
  *check({ detection, corpus }) {
    const first = firstOfLogic(detection, corpus);
    if (!first || first === detection) return;
    yield {
      span: firstWord(detection),
      message: `${first.file} has the same SQL`,
      hint:
        "keep one of the two; `platforms`, `exceptions` and `enabled` can hold what sets them apart",
    };
  },
};

/** Words that SQLite reads over. */
const NOISE: ReadonlySet<string> = new Set(["AS", "INNER", "OUTER", "ASC"]);

const SYNONYMS: Readonly<Record<string, string>> = { "==": "=", "!=": "<>" };

/** The SQL with everything that makes no difference left out, and what evaluation does with its rows. */
function logicOf({ text, sql, sqlStart, meta }: Detection): string {
  const { tokens } = lex(text, sqlStart, sqlStart + sql.length);
  const words = tokens.filter(({ kind, keyword, text }) =>
    kind !== "end" && text !== ";" && !(keyword && NOISE.has(keyword))
  ).map(plain);
  const { mode, emit, remember, lookback, threshold } = meta;
  return JSON.stringify([
    words,
    mode,
    mode === "differential" && [emit, remember],
    lookback,
    threshold,
  ]);
}

function plain(token: Token): string {
  switch (token.kind) {
    case "word":
    case "name":
      return unquote(token).toLowerCase();
    case "string":
      return token.text;
    default:
      return SYNONYMS[token.text] ?? token.text.toLowerCase();
  }
}

function firstWord({ sql, sqlStart }: Detection): Span {
  return { start: sqlStart, end: sqlStart + /^\w*/.exec(sql)![0].length };
}
