import { assert, assertEquals, assertThrows } from "@std/assert";
import process from "node:process";
import fc from "fast-check";
import { loadYara } from "../../../dialect/yara/engine.ts";
import { MAX_STRINGS } from "../../../dialect/yara/types.ts";

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 300);

const bytes = (text: string) => new TextEncoder().encode(text);

const GOOD = `import "pe"
rule a : one two {
  meta: category = "x"
  strings: $t = "text" nocase wide ascii $h = { 74 ?? [1-3] 74 } $r = /t[a-z]+t/
  condition: any of them and filesize < 1MB
}
rule b { condition: a or pe.is_pe }`;

Deno.test("scan() tells which rules match, how often and where", async () => {
  const { scan } = await loadYara();
  assertEquals(scan(bytes("a text"), GOOD).map(({ rule }) => rule), ["a", "b"]);
  assertEquals(scan(bytes("nothing"), GOOD), []);
  const many = scan(bytes("x".repeat(1000)), 'rule x { strings: $x = "xx" condition: $x }');
  assertEquals([many[0]!.count, many[0]!.strings.length], [999, MAX_STRINGS]);
  assertEquals(many[0]!.strings[3], { identifier: "$x", offset: 3, length: 2 });
  assertThrows(() => scan(bytes(""), "rule x {"), SyntaxError, "line 1: syntax error");
  assertThrows(() => scan(bytes(""), "\0"), SyntaxError, "NUL");
});

Deno.test("scan() holds no more memory after many times than after the first", async () => {
  const { scan, memory } = await loadYara();
  scan(bytes("text"), GOOD);
  const held = memory();
  for (let turn = 0; turn < 100; turn++) scan(bytes("text"), GOOD);
  assertEquals(memory(), held);
});

Deno.test("check() finds every fault and runs nothing", async () => {
  const { check } = await loadYara();
  assert(check(GOOD).every(({ warning }) => warning));
  assertEquals(check(""), []);
  assertEquals(check("*").map(({ message }) => message), ["syntax error"]);
  assertEquals(
    check("rule a { condition: x }\n\nrule b { condition: y }").map(({ line }) => line),
    [1, 3],
  );
  for (const open of ["", " /*", " //"]) {
    assertEquals(
      check(`rule a { condition: for all i in (1..99999999999): ( i > 0 ) }${open}`),
      [],
    );
  }
  const bombs = [
    `rule a { strings: $a = /((a{1,1000}){1,1000}){1,1000}/ condition: $a }`,
    `rule a { condition: ${"(".repeat(50_000)}true${")".repeat(50_000)} }`,
    `rule a { strings: $a = { ${"( 00 | 01 ) ".repeat(5000)}} condition: $a }`,
    Array.from({ length: 3000 }, (_, one) => `rule r${one} { condition: r${one - 1} }`).join("\n"),
    "rule a { strings: " + '$ = "abc" '.repeat(20_000) + "condition: any of them }",
  ];
  for (const bomb of bombs) assert(check(bomb).length < 200);
  assert(check(GOOD).every(({ warning }) => warning));
});

Deno.test("loadYara() leaves the errors of the process alone", async () => {
  const before = process.listenerCount("unhandledRejection");
  await loadYara();
  assertEquals(process.listenerCount("unhandledRejection"), before);
});

Deno.test("what is broken in rules and in files is no danger", async () => {
  const { check, scan } = await loadYara();
  const piece = fc.oneof(
    fc.constantFrom(
      ...'rule a { } ( ) condition: strings: meta: $a = " / \\ [ - ] ?? include import 0x for all of them in .. * not # @ ! /* */ //'
        .split(" "),
    ),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(
      fc.nat(GOOD.length),
      fc.nat(20),
      fc.array(piece, { maxLength: 6 }),
      (at, cut, put) => {
        const rules = GOOD.slice(0, at) + put.join(" ") + GOOD.slice(at + cut);
        const good = check(rules).every(({ warning }) => warning);
        if (good) scan(bytes("a text"), rules);
      },
    ),
    { numRuns: RUNS },
  );
  const modules = ["pe", "elf", "dotnet", "math", "hash"].map((name) => `import "${name}"`);
  const rules = `${modules.join("\n")}
rule r { condition: pe.number_of_sections > 1 or elf.number_of_sections > 1 or
  math.entropy(0, filesize) > 7 or hash.md5(0, filesize) == "" }`;
  const headers = ["MZ", "\x7fELF\x02\x01\x01", "\x7fELF\x01\x02\x01", ""].map((text) =>
    Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...headers),
      fc.uint8Array({ maxLength: 2000 }),
      (header, rest) => void scan(new Uint8Array([...header, ...rest]), rules),
    ),
    { numRuns: RUNS },
  );
});
