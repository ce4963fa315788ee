import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import type { Expression } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { parseLoneExpression, parseStatement, SqlSyntaxError } from "../../compiler/parser/mod.ts";
import { nodesOf } from "../../compiler/walk.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import { constantExpressions, soup, STATEMENTS } from "./support/arbitrary.ts";
import { printExpression, printQuery } from "./support/print.ts";

const db = new DatabaseSync(":memory:");
registerFunctions(db);
db.exec("CREATE TABLE t(a INTEGER, b TEXT, c REAL); CREATE TABLE u(a INTEGER, d TEXT)");

/**
 * What SQLite says of a statement: nothing, that it is no SQL, some other fault. A fault that it finds while it parses
 * says nothing of the rest of the text.
 */
function sqliteSays(sql: string): "fine" | "syntax" | "other" | "half" {
  try {
    db.prepare(sql);
    return "fine";
  } catch (error) {
    const syntax =
      /syntax error|incomplete input|unrecognized token|unknown join type|clause should come after|JOIN clause is required/;
    const { message } = error as Error;
    if (/not supported for window functions|terms? - expected|row value misused/.test(message)) {
      return "half";
    }
    return syntax.test(message) ? "syntax" : "other";
  }
}

function evaluate(expression: string): string {
  try {
    const statement = db.prepare(`SELECT quote(${expression}) AS value`);
    return String((statement.get() as { value: string }).value);
  } catch (error) {
    return `error: ${(error as Error).message.replace(/near ".*"/, "near")}`;
  }
}

function parse(sql: string) {
  const { tokens, faults } = lex(sql);
  assertEquals(faults, []);
  return parseStatement(tokens);
}

Deno.test("parseLoneExpression() binds operators as SQLite does", () => {
  fc.assert(
    fc.property(constantExpressions(), (text) => {
      const { tokens } = lex(text);
      let tree: Expression;
      try {
        tree = parseLoneExpression(tokens);
      } catch (error) {
        if (!(error instanceof SqlSyntaxError)) throw error;
        assertEquals(sqliteSays(`SELECT ${text}`), "syntax", `refused: ${text}`);
        return;
      }
      const [printed, written] = [evaluate(printExpression(tree)), evaluate(text)];
      // Whether a fault in an operand that does not matter is noticed depends on parentheses.
      if (written.startsWith("error") || printed.startsWith("error")) return;
      assertEquals(printed, written, printExpression(tree));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("parseStatement() accepts exactly what SQLite's grammar accepts", () => {
  const edit = fc.tuple(fc.nat(1000), fc.constantFrom("drop", "insert", "replace"), soup());
  const statement = fc.constantFrom(...STATEMENTS);
  fc.assert(
    fc.property(statement, fc.array(edit, { minLength: 1, maxLength: 2 }), (sql, edits) => {
      const words = lex(sql).tokens.slice(0, -1).map(({ text }) => text);
      for (const [place, what, word] of edits) {
        words.splice(
          place % words.length,
          what === "insert" ? 0 : 1,
          ...what === "drop" ? [] : [word],
        );
      }
      const edited = words.join(" ");
      const says = sqliteSays(edited);
      if (says === "half") return;
      try {
        const printed = printQuery(parseStatement(lex(edited).tokens));
        if (says === "syntax") throw new Error(`accepted: ${edited}`);
        assertEquals(sqliteSays(printed), says, printed);
      } catch (error) {
        if (!(error instanceof SqlSyntaxError)) throw error;
        // SQLite prepares the first statement and leaves the rest alone; other statements are not for us.
        if (error.code !== "sql-syntax") return;
        assertEquals(says, "syntax", `refused: ${edited}: ${error.message}`);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("parseStatement() gives every expression the span of its own text", () => {
  for (const sql of STATEMENTS) {
    const query = parse(sql);
    assertEquals(sql.slice(query.span.start, query.span.end), sql);
    for (const node of nodesOf(query)) {
      if (!(node.type in PRINTABLE)) continue;
      const text = sql.slice(node.span.start, node.span.end);
      const again = parseLoneExpression(lex(text).tokens);
      assertEquals(printExpression(again), printExpression(node as Expression), text);
    }
  }
});

/** Nodes that stand alone as an expression. */
const PRINTABLE: Readonly<Partial<Record<string, true>>> = Object.fromEntries(
  ("literal parameter column unary binary null-test matching between in-list in-query in-table case cast collate call " +
    "exists scalar-query row").split(" ").map((type) => [type, true]),
);

Deno.test("a span takes in the parentheses around an expression", () => {
  const sql = "SELECT ( a ) + (( b ))";
  const [sum] = nodesOf(parse(sql), "binary");
  const slice = ({ span }: Expression) => sql.slice(span.start, span.end);
  assertEquals([slice(sum!), slice(sum!.left), slice(sum!.right)], [
    "( a ) + (( b ))",
    "( a )",
    "(( b ))",
  ]);
});

Deno.test("parseStatement() reads AUTO JOIN with its WHEN, and auto as a name elsewhere", () => {
  const sql =
    "SELECT auto.a FROM auto LEFT AUTO JOIN u ON u.a = auto.a WHEN auto.b IS NOT NULL AUTO JOIN t x ON x.a = 1";
  const [left, inner] = nodesOf(parse(sql), "join");
  assertEquals([left!.kind, inner!.kind], ["left", "inner"]);
  assertEquals(
    sql.slice(left!.auto!.when!.span.start, left!.auto!.when!.span.end),
    "auto.b IS NOT NULL",
  );
  assertEquals(inner!.auto!.when, undefined);
  assertEquals(nodesOf(parse("SELECT 1 FROM t auto"), "table")[0]!.alias!.text, "auto");
  const wrong = lex("SELECT 1 FROM t RIGHT AUTO JOIN u ON 1").tokens;
  assertThrows(() => parseStatement(wrong), SqlSyntaxError, "RIGHT AUTO JOIN does not exist");
});

Deno.test("backslashes and comments do not end or begin strings", () => {
  const sql = "SELECT 1 FROM t WHERE b = '\\' OR a = 1 -- ' AND\n/* WHEN ' */ AND a = 2";
  const [or] = nodesOf(parse(sql), "binary");
  assertEquals(or!.operator, "OR");
});

Deno.test("parseStatement() stops at 256 levels", () => {
  const nested = (levels: number) => `SELECT ${"(".repeat(levels)}1${")".repeat(levels)}`;
  parse(nested(250));
  const error = assertThrows(() => parse(nested(5000)), SqlSyntaxError);
  assertEquals(error.code, "too-deep");
});
