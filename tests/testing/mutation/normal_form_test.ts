import { assertEquals } from "@std/assert";
import { lex } from "../../../compiler/lexer.ts";
import { parseStatement } from "../../../compiler/parser/mod.ts";
import { normalForm } from "../../../testing/mutation/normal_form.ts";

const form = (condition: string) =>
  normalForm(parseStatement(lex(`SELECT a FROM t WHERE ${condition}`).tokens));

Deno.test("normalForm() is equal for what says the same", () => {
  const pairs: readonly (readonly [string, string])[] = [
    ["a = 1", "( A=1 ) -- one"],
    ["a = 1", "1 = a"],
    ["a IS b", "b IS a"],
    ["a AND b AND c", "c AND (b AND a) AND a"],
    ["a OR b", "b OR FALSE OR a"],
    ["a AND b", "a AND TRUE AND b"],
    ["a OR TRUE", "TRUE"],
    ["a IN (1, 2)", "a IN (2, 1, 2)"],
    ["a IN (SELECT DISTINCT b FROM u)", "a IN (SELECT b FROM u)"],
    ["EXISTS (SELECT DISTINCT b FROM u)", "EXISTS (SELECT b FROM u)"],
    ["a = (SELECT max(DISTINCT b) FROM u)", "a = (SELECT max(b) FROM u)"],
  ];
  for (const [left, right] of pairs) assertEquals(form(left), form(right), `${left} and ${right}`);
});

Deno.test("normalForm() differs for what says something else", () => {
  const pairs: readonly (readonly [string, string])[] = [
    ["a = 1", "a = 2"],
    ["a = 1", "a = '1'"],
    ["a < b", "b < a"],
    ["a AND b", "a OR b"],
    ["a AND (b OR c)", "(a AND b) OR c"],
    ["a IS TRUE", "TRUE IS a"],
    ["a IN (1, 2)", "a IN (1, 3)"],
    ["a IN (SELECT DISTINCT b FROM u LIMIT 2)", "a IN (SELECT b FROM u LIMIT 2)"],
    ["a = (SELECT count(DISTINCT b) FROM u)", "a = (SELECT count(b) FROM u)"],
    ["a - b", "b - a"],
    ["a = 'x'", "a = 'X'"],
  ];
  for (const [left, right] of pairs) {
    assertEquals(form(left) === form(right), false, `${left} and ${right}`);
  }
});
