import { assert, assertEquals } from "@std/assert";
import { setColorEnabled } from "@std/fmt/colors";
import type { Code } from "../../diagnostics/codes.ts";
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { SourceText } from "../../diagnostics/source.ts";
import { renderText } from "../../diagnostics/text.ts";

/** How a fault at `»…«` of a text is shown, without colours. */
function shown(marked: string, code: Code = "unknown-column", hint?: string): string {
  const start = marked.indexOf("»");
  const end = marked.indexOf("«") - 1;
  const source = new SourceText("rules/a.sql", marked.replace("»", "").replace("«", ""));
  setColorEnabled(false);
  return renderText(diagnostic(code, source, { start, end }, "what is wrong", hint), source);
}

function assertShown(actual: string, expected: string): void {
  assertEquals(actual.split("\n"), expected.replace(/^\n/, "").split("\n"));
}

Deno.test("renderText() shows the line, the place in it, and what to do", () => {
  assertShown(
    shown("SELECT pid,\n  »nam«\nFROM processes", "unknown-column", "did you mean `name`?"),
    `
error[unknown-column]: what is wrong
 --> rules/a.sql:2:3
  |
2 |   nam
  |   ^^^
  = hint: did you mean \`name\`?`,
  );
});

Deno.test("renderText() without a hint ends with the place", () => {
  assertShown(
    shown("SELECT »*« FROM t", "select-star"),
    `
warning[select-star]: what is wrong
 --> rules/a.sql:1:8
  |
1 | SELECT * FROM t
  |        ^`,
  );
});

Deno.test("renderText() shows a place over several lines, and of a long one its beginning", () => {
  assertShown(
    shown(`${"\n".repeat(8)}WHERE »a\n  OR b\n\n  OR c«`),
    `
error[unknown-column]: what is wrong
  --> rules/a.sql:9:7
   |
 9 | WHERE a
   |       ^
10 |   OR b
   |   ^^^^
12 |   OR c
   |   ^^^^`,
  );
  const long = shown(`»a\n${"b\n".repeat(50)}c«`).split("\n");
  assertEquals(long.length, 12);
  assertEquals(long.at(-1), "   | …");
});

Deno.test("renderText() puts the marks below wide characters, tabs and escapes", () => {
  assertShown(
    shown("\tname = '日本\x1b' AND »x«"),
    `
error[unknown-column]: what is wrong
 --> rules/a.sql:1:19
  |
1 |  name = '日本\\x1b' AND x
  |                        ^`,
  );
});

Deno.test("renderText() shows a window of a long line", () => {
  const lines = shown(`${"a, ".repeat(20_000)}»x«${", b".repeat(20_000)}`).split("\n");
  assert(lines.every((line) => line.length < 130), String(lines.map((line) => line.length)));
  const [text, marks] = lines.slice(3);
  assertEquals(text![marks!.indexOf("^")], "x");
  assertEquals([text![4], text!.at(-1)], ["…", "…"]);
});

Deno.test("renderText() marks an empty place, also behind the end", () => {
  assertShown(
    shown("SELECT»«"),
    `
error[unknown-column]: what is wrong
 --> rules/a.sql:1:7
  |
1 | SELECT
  |       ^`,
  );
});

Deno.test("renderText() of an empty file, or without its text, shows no line", () => {
  const empty = new SourceText("gone.sql", "");
  const fault = diagnostic("unreadable-file", empty, { start: 0, end: 0 }, "gone", "look for it");
  for (const text of [renderText(fault, empty), renderText(fault)]) {
    assertShown(text, "error[unreadable-file]: gone\n --> gone.sql:1:1\n  = hint: look for it");
  }
});

Deno.test("renderText() lets nothing of a file reach the terminal", () => {
  const source = new SourceText("\x1b[2J.sql", "\x1b]0;x\x07");
  const text = renderText(
    diagnostic("sql-syntax", source, { start: 0, end: 3 }, "\x1b[31m", "\u202e"),
    source,
  );
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(text), text);
});
