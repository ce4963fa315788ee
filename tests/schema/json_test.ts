import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { isJsonText, MAX_JSON_DEPTH } from "../../schema/json.ts";

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

Deno.test("isJsonText() follows nesting as deep as SQLite does", () => {
  using db = new DatabaseSync(":memory:");
  const valid = db.prepare("SELECT json_valid(?) AS valid");
  for (const levels of [MAX_JSON_DEPTH, MAX_JSON_DEPTH + 1]) {
    const objects = '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
    for (const text of [nested(levels), objects]) {
      assertEquals(isJsonText(text), valid.get(text)!["valid"] === 1, `${levels} levels`);
    }
  }
  assert(isJsonText(nested(1000)));
  assertFalse(isJsonText(nested(1001)));
});

Deno.test("isJsonText() counts no brackets within strings", () => {
  assert(isJsonText(JSON.stringify("[".repeat(5000))));
  assert(isJsonText(JSON.stringify({ 'a"[': '\\"'.repeat(2000) + "[".repeat(2000) })));
  assertFalse(isJsonText(`["\\\\", ${nested(1001)}]`));
});

Deno.test("isJsonText() refuses hostile nesting without parsing it", () => {
  const start = performance.now();
  assertFalse(isJsonText(nested(4_000_000)));
  assert(performance.now() - start < 5_000);
});

Deno.test("isJsonText() and SQLite agree on what JSON is", () => {
  using db = new DatabaseSync(":memory:");
  const valid = db.prepare("SELECT json_valid(?) AS valid");
  const fragments = fc.constantFrom("[", "]", "{", "}", '"', "\\", ":", ",", "1", "e", " ", "null");
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.array(fragments).map((parts) => parts.join("")), fc.string()),
      (text) => {
        // SQLite would read no further than a NUL; such a text is refused before it gets there.
        fc.pre(!text.includes("\0") && text !== "");
        assertEquals(isJsonText(text), valid.get(text)!["valid"] === 1, JSON.stringify(text));
      },
    ),
    { numRuns: 2000 },
  );
});
