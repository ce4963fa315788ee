import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readRuleHeads } from "../../../dialect/yara/rule_heads.ts";

Deno.test("readRuleHeads() reads names, tags and metadata", () => {
  const text = `// rule no {
import "pe" /* rule no : x { */
private global rule a : one two {
  meta:
    text = "a \\"b\\" \\x41\\n" number = -3 hex = 0x10 size = 2KB yes = true no = false
    text = "again" __proto__ = "p"
  strings: $a = "} rule c { meta: x = 1" $h = { 6f [1-2] 20 /* } */ } $r = /}[{]"\\/ rule/
  condition: any of them
}
rule b{condition:true}
rule c : T { meta: category = "miner" condition: a and b }`;
  const heads = readRuleHeads(text);
  assertEquals(heads.map(({ name, tags }) => [name, ...tags]), [["a", "one", "two"], ["b"], [
    "c",
    "T",
  ]]);
  assertEquals(Object.entries(heads[0]!.meta), [
    ["text", 'a "b" A\n'],
    ["number", -3],
    ["hex", 16],
    ["size", 2048],
    ["yes", true],
    ["no", false],
    ["__proto__", "p"],
  ]);
  assertEquals(heads[2]!.meta, { category: "miner" });
});

Deno.test("readRuleHeads() ends on any text, in time that grows with it", () => {
  const piece = fc.oneof(
    fc.constantFrom(...'rule a { } : = - " / \\ meta: /* */ // 0x1'.split(" ")),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => void readRuleHeads(pieces.join(" "))),
    { numRuns: 500 },
  );
  for (const one of ["rule a {", "/", '"', "/*", "rule a : ", "meta:", "\\", "{", '"\\']) {
    readRuleHeads(one.repeat(200_000));
  }
});
