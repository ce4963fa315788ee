import { assert, assertEquals } from "@std/assert";
import { HYGIENE_CHECKS } from "../../../compiler/hygiene/mod.ts";
import { complete, hygiene } from "./support.ts";

for (const { code, docs } of HYGIENE_CHECKS) {
  Deno.test(`${code}: the documented examples show it`, () => {
    const others = [complete(docs.bad).text];
    const codes = (part: string, fixtures: string[]) =>
      hygiene(complete(part).text, { fixtures, others }).map((one) => one.code);
    const bad = codes(docs.bad, []);
    assert(bad.includes(code), `bad: ${bad}`);
    // What would be said of a file in any case says nothing of the example.
    assertEquals(codes(docs.good, ["nightly_backup", "silent"]).filter((one) => one === code), []);
  });
}

Deno.test("every check has a code of its own", () => {
  const codes = HYGIENE_CHECKS.map(({ code }) => code);
  assertEquals(new Set(codes).size, codes.length);
});
