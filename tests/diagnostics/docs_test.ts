import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compileText } from "../../compiler/mod.ts";
import { CHECKS } from "../../compiler/checks/mod.ts";
import { type Code, CODES } from "../../diagnostics/codes.ts";
import { docsOf } from "../../diagnostics/docs.ts";
import { CODE_DOCS, type CodeDocs } from "../../docs/codes.ts";
import { DIAGNOSTICS_PAGE, diagnosticsPage, DOCUMENTED_CODES } from "../../docs/diagnostics.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { complete } from "../compiler/hygiene/support.ts";

Deno.test("docs/diagnostics.md is what codes and checks say; `deno task docs` makes it so", async () => {
  assertEquals(
    (await Deno.readTextFile(DIAGNOSTICS_PAGE)).split("\n"),
    diagnosticsPage().split("\n"),
  );
});

Deno.test("every code is explained once, where docsOf() says", () => {
  assertEquals([...DOCUMENTED_CODES].sort(), Object.keys(CODES).sort());
  const page = diagnosticsPage();
  for (const code of DOCUMENTED_CODES) {
    assertEquals(docsOf(code), `docs/diagnostics.md#${code}`);
    assertEquals(page.split(`\n### ${code}\n`).length, 2, code);
    assertStringIncludes(page, `_${CODES[code].severity}_: ${CODES[code].title}.`);
  }
});

/** What compiling says of an example. */
function said(example: string, code: Code): string[] {
  const whole = example.startsWith("---\n") || code === "front-matter-missing";
  const text = whole ? example : complete(example).text;
  return compileText(text, "rule.sql", CATALOGUE).diagnostics.map((one) => one.code);
}

const EXAMPLES: readonly (readonly [Code, CodeDocs])[] = [
  ...Object.entries(CODE_DOCS).map(([code, docs]) => [code as Code, docs] as const),
  ...CHECKS.map(({ code, docs }) => [code, docs] as const),
];

for (const [code, { what, bad, good }] of EXAMPLES) {
  if (bad === undefined || good === undefined) continue;
  Deno.test(`${code}: the documented examples show it: ${what}`, () => {
    const found = said(bad, code);
    assert(found.includes(code), `bad: ${found}`);
    assertEquals(said(good, code), []);
  });
}
