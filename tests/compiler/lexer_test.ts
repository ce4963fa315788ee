import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { lex, unquote } from "../../compiler/lexer.ts";

/** Kind and text of each token. */
function kinds(sql: string): string[] {
  return lex(sql).tokens.map(({ kind, text }) => kind === "end" ? "end" : `${kind} ${text}`);
}

Deno.test("lex() tells every kind of token", () => {
  const sql =
    "a [b c] \"d\"\"e\" `f` 'g''h' 1 .5 1e3 0xFF 1_0 x'aB' :now ?1 ->> -> <> || naïve$ /* x */ -- y";
  assertEquals(kinds(sql), [
    "word a",
    "name [b c]",
    'name "d""e"',
    "name `f`",
    "string 'g''h'",
    "integer 1",
    "float .5",
    "float 1e3",
    "integer 0xFF",
    "integer 1_0",
    "blob x'aB'",
    "parameter :now",
    "parameter ?1",
    "operator ->>",
    "operator ->",
    "operator <>",
    "operator ||",
    "word naïve$",
    "end",
  ]);
});

Deno.test("lex() keeps spans when it reads a part of a text", () => {
  const text = "---\nSELECT 'a' -- b";
  assertEquals(lex(text, 4).tokens.map(({ start, end }) => text.slice(start, end)), [
    "SELECT",
    "'a'",
    "",
  ]);
});

Deno.test("lex() reports every fault at once", () => {
  const { faults } = lex("SELECT 1a, ! , x'0', @ , 'open");
  assertEquals(faults.map(({ start, end }) => [start, end]), [
    [7, 9],
    [11, 12],
    [15, 19],
    [21, 22],
    [25, 30],
  ]);
});

Deno.test("unquote() undoes each quoting", () => {
  const values = lex("'it''s' \"a\"\"b\" `c``d` [e f] g").tokens.slice(0, -1).map(unquote);
  assertEquals(values, ["it's", 'a"b', "c`d", "e f", "g"]);
});

Deno.test("lex() takes in every character of any text once, in order", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      let at = 0;
      for (
        const { start, end } of [...lex(text).tokens, ...lex(text).faults].sort((a, b) =>
          a.start - b.start
        )
      ) {
        if (start > end || end > text.length || start < 0) {
          throw new Error("span outside of the text");
        }
        at = Math.max(at, end);
      }
      assertEquals(lex(text).tokens.at(-1), {
        kind: "end",
        start: text.length,
        end: text.length,
        text: "",
      });
    }),
  );
});
