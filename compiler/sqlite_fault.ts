import type { Code } from "../diagnostics/codes.ts";
import type { Fault } from "./binding/mod.ts";
import { type Token, unquote } from "./lexer.ts";

const MESSAGES: readonly (readonly [RegExp, Code])[] = [
  [/^no such table: (.+)$/, "unknown-table"],
  [/^no such column: "?([^"]+?)"?(?: - .*)?$/, "unknown-column"],
  [/^ambiguous column name: (.+)$/, "ambiguous-column"],
  [/^no such function: (.+)$/, "refused-function"],
  [/^not authorized to use function: (.+)$/, "refused-function"],
  [/^wrong number of arguments to function (\w+)\(\)$/, "wrong-arguments"],
  [/^access to (.+) is prohibited$/, "unknown-column"],
  [/^not authorized$/, "refused-statement"],
  [/^near "(.+)": syntax error$/, "sql-syntax"],
  [/^unrecognized token: "(.+)"$/, "sql-syntax"],
  [/^incomplete input$/, "sql-syntax"],
  [/^Expression tree is too large/, "too-deep"],
  [/^parser stack overflow/, "too-deep"],
  [
    /^misuse of (?:window function|aggregate function|aggregate:?|window) ?(\w+)\(\)$/,
    "invalid-sql",
  ],
];

/** SQLite gives no place: its message is put where the name that it speaks of stands, else at the query's first word. */
export function sqliteFault(message: string, tokens: readonly Token[]): Fault {
  for (const [form, code] of MESSAGES) {
    const match = form.exec(message);
    if (!match) continue;
    return { code, span: spanOf(match[1], tokens), message: `SQLite: ${message}` };
  }
  const name = /\b(\w+)\(\)/.exec(message)?.[1];
  return { code: "invalid-sql", span: spanOf(name, tokens), message: `SQLite: ${message}` };
}

function spanOf(name: string | undefined, tokens: readonly Token[]): Fault["span"] {
  const wanted = name?.split(".").at(-1)?.toLowerCase();
  const token = tokens.find((one) =>
    one.text.toLowerCase() === wanted ||
    (one.kind !== "operator" && unquote(one).toLowerCase() === wanted)
  ) ?? tokens[0];
  return { start: token?.start ?? 0, end: token?.end ?? 0 };
}
