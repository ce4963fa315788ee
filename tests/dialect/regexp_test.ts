import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { compilePattern, MAX_PATTERN_LENGTH, regexp } from "../../dialect/mod.ts";
import { nativePattern } from "../../dialect/native.ts";

function test(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern);
  assert("test" in compiled, `${pattern} compiles`);
  return compiled.test(text);
}

/** Patterns as people write them, out of few letters so that texts often match; `exotic` ones are seldom. */
function patterns(exotic: readonly string[]): fc.Arbitrary<string> {
  return fc.letrec<{ alternatives: string; sequence: string; item: string; atom: string }>(
    (tie) => ({
      alternatives: fc.oneof(
        { weight: 3, arbitrary: tie("sequence") },
        fc.array(tie("sequence"), { minLength: 2, maxLength: 3 }).map((all) => all.join("|")),
      ),
      sequence: fc.array(tie("item"), { maxLength: 4 }).map((all) => all.join("")),
      item: fc.tuple(
        tie("atom"),
        fc.oneof(
          { weight: 4, arbitrary: fc.constant("") },
          fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}", "{2,}", "{0}"),
        ),
      ).map(([atom, repeat]) => /^(\^|\$|\\b)$/.test(atom) ? atom : atom + repeat),
      atom: fc.oneof(
        { depthSize: "small" },
        { weight: 6, arbitrary: fc.constantFrom(..."aAbBkKsS01_- /é😀]}{", "\u017f", "\u212a") },
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            ".",
            "^",
            "$",
            "\\b",
            "\\d",
            "\\w",
            "\\s",
            "\\W",
            "\\S",
            "\\n",
          ),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom("\\.", "\\\\", "\\-", "\\t", "[ab]", "[^a]", "[a-s]"),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom("[^k\\d]", "[]a]", "[a-]", "[\\w/]", "[\\]b]", "[^\\s]"),
        },
        fc.constantFrom("a", ...exotic),
        { weight: 2, arbitrary: tie("alternatives").map((inner) => `(${inner})`) },
        tie("alternatives").map((inner) => `(?:${inner})`),
      ),
    }),
  ).alternatives;
}

const pattern = fc.oneof(
  { weight: 3, arbitrary: patterns([]) },
  patterns([
    "[a-s-]",
    "[^-a]",
    "[\\w-]",
    "[--/]",
    "\\x41",
    "\\pL",
    "[[:alpha:]]",
    "\\Aa",
    "a\\z",
    "\\Qa.b\\E",
    "\\B",
    "(?i:k)",
    "[-a]",
  ]),
);

const text = fc.array(
  fc.constantFrom(
    ..."aAbBkKsS01_- /.\\",
    "\n",
    "\t",
    "\v",
    "\u2028",
    "\u017f",
    "\u212a",
    "é",
    "😀",
    "]",
    "ab",
    "{",
  ),
  { maxLength: 8 },
).map((all) => all.join(""));

Deno.test("compilePattern() agrees with RE2 whether or not it takes the native way", () => {
  let pairs = 0;
  let exact = 0;
  let filtered = 0;
  let twice = 0;
  fc.assert(
    fc.property(
      fc.tuple(
        fc.constantFrom("", "(?i)"),
        fc.constantFrom("", "", "^", "^(\\S*/)?", "^[^k]*", "(a*b)?"),
        pattern,
      ).map((parts) => parts.join("")),
      fc.array(text, { minLength: 12, maxLength: 12 }),
      (source, texts) => {
        const compiled = compilePattern(source);
        if ("error" in compiled) {
          let refused = false;
          try {
            RE2JS.compile(source);
          } catch {
            refused = true;
          }
          return assert(refused, `${source} is refused by both`);
        }
        const native = nativePattern(source);
        if (native?.exact) exact++;
        else if (native) filtered++;
        if (native?.conditions.length === 2) twice++;
        const linear = RE2JS.compile(source);
        for (const one of texts) {
          pairs++;
          assertEquals(compiled.test(one), linear.test(one), `${source} on ${JSON.stringify(one)}`);
        }
      },
    ),
    { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 3_000), seed: 20260101 },
  );
  assert(pairs >= 20_000, `${pairs} pairs were compared`);
  assert(exact > 300 && filtered > 100, `native: ${exact} exact, ${filtered} as a condition`);
  assert(twice > 30, `${twice} with a second condition`);
});

Deno.test("compilePattern() answers as people expect", () => {
  assert(test("(?i)mimikatz|sekurlsa", "run SEKURLSA::logonpasswords"));
  assert(test("^/(tmp|dev/shm)/", "/dev/shm/x"));
  assert(!test("^/(tmp|dev/shm)/", "/home/tmp/x"));
  assert(test("curl.*\\|\\s*(ba)?sh", "curl http://x/y | bash"));
  assert(!test("curl.*\\|\\s*(ba)?sh$", "curl http://x/y | bash -c"));
  assert(test("\\.(sh|py)$", "a.py"));
  assert(test("", ""));
  assert(test("^$", ""));
  assert(test("[0-9]{1,3}(\\.[0-9]{1,3}){3}", "at 10.0.0.1"));
});

Deno.test("nativePattern() says all of the patterns that detections are made of", () => {
  const patterns = [
    "(?i)xmrig|minerd|cpuminer",
    "^/(tmp|var/tmp|dev/shm)/",
    "\\.(sh|py|pl)$",
    "\\bnc(\\.traditional)? ",
    "--donate-level[= ]\\d+",
    ".*base64 -d.*",
    "^(\\S*/)?(nc|ncat|netcat)( -e)?( |$)",
    "(\\S*/)?(nc|ncat) -e",
    "^\\S*/bash$",
    "[-a][a-z0-9-]",
  ];
  for (const one of patterns) assertEquals(nativePattern(one)?.exact, true, one);
  assertEquals(nativePattern("curl.*\\|")?.exact, false);
  // Only the first repetition behind the start of the text can be tried at every place.
  const wiped = nativePattern("^(\\S*/)?(shred|wipe) (.* )?/dev/sd[a-z]+")!;
  assertEquals(wiped.exact, false);
  assertEquals(
    ["/bin/wipe -k /dev/sda", "echo; wipe /dev/sda", "shred", "wipe /home"].map((one) =>
      wiped.conditions.map((condition) => condition.test(one))
    ),
    [[true, true], [false, true], [false, false], [true, false]],
  );
});

Deno.test("compilePattern() reports what is wrong, and where", () => {
  const cases: [string, number | undefined][] = [
    ["abc[de", 3],
    ["a(b", undefined],
    ["a(?=b)", 1],
    ["x**", 1],
    ["(a)\\1", 3],
    ["x{2,1}", 1],
    ["(?<=a)b", 0],
  ];
  for (const [source, offset] of cases) {
    const compiled = compilePattern(source);
    assert("error" in compiled, `${source} is refused`);
    assert(compiled.error.length > 5);
    if (offset !== undefined) assertEquals(compiled.offset, offset, source);
  }
});

Deno.test("compilePattern() refuses what would cost too much to compile", () => {
  for (
    const source of ["a".repeat(MAX_PATTERN_LENGTH + 1), "((a{100}){100}){100}", "(".repeat(4000)]
  ) {
    assert("error" in compilePattern(source), source.slice(0, 20));
  }
});

Deno.test("compilePattern() compiles a pattern once", () => {
  assertEquals(compilePattern("a+b") === compilePattern("a+b"), true);
  const kept = compilePattern("kept|[");
  compilePattern("other");
  assertEquals(compilePattern("kept|[") === kept, true);
  const many = Array.from({ length: 40 }, (_, index) => `many${index}`);
  const first = many.map(compilePattern);
  assertEquals(many.map(compilePattern).every((one, index) => one === first[index]), true);
  for (let count = 0; count < 1_100; count++) compilePattern(`filler${count}`);
  assertEquals(compilePattern("a+b") === compilePattern("a+b"), true);
});

Deno.test("compilePattern() stays linear where backtracking explodes", () => {
  const hostile = [
    "(a+)+$",
    "(a|a)*c",
    "(a|aa)+$",
    "(a*)*b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*a){20}b",
    "(a?){200}a{200}b",
    "(x+x+)+y",
    "(?:a?){8}(?:a?){8}(?:a?){8}b",
    "((a|b|aa|bb)(a|b|aa|bb)(a|b|aa|bb)(a|b|aa|bb)){2}c",
    "[ab]{0,999}[ab]{0,999}c",
    "(?:a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}a{0,9}a{0,9})c",
    "(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)c",
    "(?i)(a|b|ab)*c",
    "^a*a*a*a*c",
    "^(a*)?(a*)?(a*)?(a*)?(a*)?c",
    "^(a*a|a*aa|a+){3}c",
    "(^a*)*c",
    "(^|a)a*a*b",
    "^a*[ab]{0,250}c",
    "^(a*/)?(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)(a|aa)c",
  ];
  for (const source of hostile) {
    for (const size of [32, 65_536]) {
      // A backtracking engine would not come back from the first of these.
      assertEquals(test(source, "a".repeat(size) + "!"), false, `${source} at ${size}`);
    }
  }
});

Deno.test("regexp() is NULL of NULL, and of a bad pattern, which it reports", () => {
  const errors: string[] = [];
  const report = (message: string) => errors.push(message);
  assertEquals(regexp(null, "a", report), null);
  assertEquals(regexp("a", null, report), null);
  assertEquals(errors, []);
  assertEquals(regexp("[", "a", report), null);
  assertEquals(errors.length, 1);
  assertEquals(regexp("^4[0-9]$", 42), true);
});
