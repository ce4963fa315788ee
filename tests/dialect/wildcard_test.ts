import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { compileLike, glob, like } from "../../dialect/mod.ts";

const db = new DatabaseSync(":memory:");
const sqlite = {
  like: db.prepare("SELECT ? LIKE ? AS v"),
  escaped: db.prepare("SELECT ? LIKE ? ESCAPE ? AS v"),
  glob: db.prepare("SELECT ? GLOB ? AS v"),
};

function truth(value: unknown): boolean | null {
  return value === null ? null : value === 1;
}

const character = fc.constantFrom(
  ..."aAbBzZ09%_*?[]^-!\\. \n",
  "é",
  "É",
  "\u017f",
  "\u212a",
  "\ufffd",
  "\uffff",
  "😀",
  "ab",
  "[a-c]",
  "[^a]",
  "[]",
  "%a",
  "*b",
);
const text = (letters: fc.Arbitrary<string>) =>
  fc.array(letters, { maxLength: 9 }).map((all) => all.join(""));

/** Half of the texts have few letters, so that they match often. */
const word = fc.option(
  fc.oneof(
    { weight: 4, arbitrary: text(fc.constantFrom(..."aAb%_*?")) },
    { weight: 4, arbitrary: text(character) },
    fc.bigInt({ min: -9n, max: 120n }),
  ),
  { freq: 40 },
);

Deno.test("like() means what SQLite means", () => {
  let matched = 0;
  fc.assert(
    fc.property(word, word, (pattern, text) => {
      const expected = truth(sqlite.like.get(text, pattern)?.v);
      if (expected) matched++;
      assertEquals(like(pattern, text), expected, Deno.inspect([pattern, text]));
    }),
    { numRuns: 20_000, seed: 1 },
  );
  assert(matched > 500, `${matched} pairs matched`);
});

Deno.test("like() with an escape means what SQLite means", () => {
  const escape = fc.constantFrom("\\", "!", "%", "_", "a", "é", "😀", null);
  fc.assert(
    fc.property(word, word, escape, (pattern, text, mark) => {
      const expected = truth(sqlite.escaped.get(text, pattern, mark)?.v);
      assertEquals(like(pattern, text, mark), expected, Deno.inspect([pattern, text, mark]));
    }),
    { numRuns: 20_000, seed: 2 },
  );
});

Deno.test("glob() means what SQLite means", () => {
  let matched = 0;
  fc.assert(
    fc.property(word, word, (pattern, text) => {
      const expected = truth(sqlite.glob.get(text, pattern)?.v);
      if (expected) matched++;
      assertEquals(glob(pattern, text), expected, Deno.inspect([pattern, text]));
    }),
    { numRuns: 30_000, seed: 3 },
  );
  assert(matched > 500, `${matched} pairs matched`);
});

Deno.test("glob() reads sets as SQLite does", () => {
  const patterns = [
    "[]]",
    "[^]]",
    "[]-a]",
    "[a-]",
    "[-a]",
    "[z-a]",
    "[^z-a]",
    "[a-c-e]",
    "[",
    "*[",
    "[^",
    "[a",
    "*[a]*",
    "[[]",
    "[é-ü]",
    "[^é]",
    "[\\]",
    "[a-\\]",
  ];
  const texts = ["]", "a", "b", "-", "^", "[", "é", "í", "\\", "", "xa", "d", "Z"];
  for (const pattern of patterns) {
    for (const text of texts) {
      assertEquals(
        glob(pattern, text),
        truth(sqlite.glob.get(text, pattern)?.v),
        `${text} GLOB ${pattern}`,
      );
    }
  }
});

Deno.test("compileLike() refuses what SQLite refuses", () => {
  for (const escape of ["", "ab"]) {
    let refused = false;
    try {
      compileLike("a", escape);
    } catch (error) {
      refused = error instanceof RangeError;
    }
    assert(refused);
    assertEquals(like("a", "a", escape), null);
  }
  assertEquals(like("é".repeat(25_001), "a"), null);
});

Deno.test("like() and glob() do not go back and forth on hostile patterns", () => {
  assertEquals(like("%a".repeat(200) + "%b", "a".repeat(20_000)), false);
  assertEquals(glob("*[a]".repeat(200) + "*b", "a".repeat(20_000)), false);
});
