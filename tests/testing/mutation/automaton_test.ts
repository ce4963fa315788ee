import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { compareRegExps, shortestMatch } from "../../../testing/mutation/automaton.ts";
import { parseRegExp } from "../../../testing/mutation/regexp.ts";

function compare(left: string, right: string): string | true | undefined {
  const relation = compareRegExps(parseRegExp(left)!.root, parseRegExp(right)!.root);
  return relation && (relation.equal ? true : relation.text);
}

Deno.test("compareRegExps() knows patterns that find the same, and a text that tells others apart", () => {
  const cases: readonly (readonly [string, string, string | true])[] = [
    ["a+", "a", true],
    ["^a+$", "^a$", "aa"],
    ["^a{0,3}$", "^a?a?a?$", true],
    ["x$|y$", "(x|y)$", true],
    ["(foo|bar|baz)/x", "(foo|bar)/x", "baz/x"],
    ["(foo|bar|foo)", "(foo|bar)", true],
    ["\\bfoo\\b", "foo", "afoo"],
    ["\\Bfoo", "foo", "foo"],
    ["(?i)^foo", "^foo", "foO"],
    ["^\\s*x", "x", "ax"],
    ["^[^/]+$", "^.+$", "/"],
    ["^.*x", "x", "\nx"],
    ["(?s)^.*x", "x", true],
    ["[0-9]{2,5}(\\s|$)", "[0-9]{2,5}", "00a"],
    ["[[:alpha:]]", "[A-Za-z]", true],
    ["[^\\W_]", "[0-9A-Za-z]", true],
    ["a|b|", "", true],
  ];
  for (const [left, right, expected] of cases) {
    assertEquals(compare(left, right), expected, `${left} and ${right}`);
  }
});

Deno.test("shortestMatch() gives a text of a fixture's kind", () => {
  const match = (pattern: string) => shortestMatch(parseRegExp(pattern)!.root);
  assertEquals(match("^/(tmp|var/tmp)/[^/]+$"), "/tmp/a");
  assertEquals(match("a\\Bb\\b"), "ab");
  assertEquals(match("a\\bb"), undefined);
});

Deno.test("compareRegExps() gives up what would take too long", () => {
  assertEquals(compare("(a|b)*a(a|b){20}$", "(a|b)*a(a|b){19}$"), undefined);
  assertEquals(compare("(((a{50}){50}){50})", "b"), undefined);
});

Deno.test("parseRegExp() leaves alone what is not valid and what few patterns use", () => {
  const odd = ["(", "a)", "[a", "*a", "a**", "a{2}{3}", "a\\", "\\1", "(?=a)", "\\pL", "(?<n"];
  for (const pattern of odd) assertEquals(parseRegExp(pattern), undefined, pattern);
  const { root } = parseRegExp("a{b{2}c{,3}")!;
  assertEquals(shortestMatch(root), "a{bbc{,3}");
});

/** Patterns over few letters, so that they meet. */
function patterns(): fc.Arbitrary<string> {
  const atom = fc.constantFrom(
    ..."a,b,A,0,/,.,\\s,\\w,\\W,[ab],[^a],[a-c0],^,$,\\b,\\B".split(","),
  );
  return fc.letrec<{ pattern: string }>((tie) => {
    const inner = tie("pattern");
    return {
      pattern: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { weight: 3, arbitrary: atom },
        { weight: 3, arbitrary: fc.tuple(inner, inner).map((both) => both.join("")) },
        fc.tuple(inner, inner).map(([left, right]) => `(${left}|${right})`),
        fc.tuple(inner, fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?"))
          .map(([one, often]) => `(?:${one})${often}`),
        inner.map((one) => `(?i:${one})`),
      ),
    };
  }).pattern;
}

const texts = fc.array(fc.constantFrom(..."abAB0/ \n-"), { maxLength: 6 })
  .map((letters) => letters.join(""));

Deno.test("compareRegExps() agrees with the matcher of detections", () => {
  let equal = 0;
  fc.assert(
    fc.property(patterns(), patterns(), fc.array(texts, { maxLength: 30 }), (left, right, some) => {
      const relation = compare(left, right);
      if (relation === undefined) return;
      const finds = [left, right].map((pattern) => {
        const compiled = RE2JS.compile(pattern);
        return (text: string) => compiled.test(text);
      });
      if (relation === true) {
        equal++;
        for (const text of some) assertEquals(finds[0]!(text), finds[1]!(text), `${left} ${right}`);
      } else {
        assert(
          finds[0]!(relation) !== finds[1]!(relation),
          JSON.stringify([left, right, relation]),
        );
      }
    }),
    { numRuns: 3000 },
  );
  assert(equal > 50);
});
