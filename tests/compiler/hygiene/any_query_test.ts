import { assert } from "@std/assert";
import fc from "fast-check";
import { hygieneDiagnostics } from "../../../compiler/hygiene/mod.ts";
import { parseDetection } from "../../../compiler/mod.ts";
import { CATALOGUE, PROFILES } from "../../../profiles/mod.ts";
import { complete } from "./support.ts";

const EXAMPLES = PROFILES.flatMap(({ examples }) => examples);
const WORDS = EXAMPLES.map((sql) => sql.split(/(?<=\W)|(?=\W)/));

/** Real queries with a piece of another one in the middle: some run, most do not. */
const queries = fc.tuple(
  fc.constantFrom(...WORDS),
  fc.constantFrom(...WORDS),
  fc.nat(100),
  fc.nat(100),
  fc.nat(8),
).map(([left, right, at, from, length]) =>
  [
    ...left.slice(0, at % left.length),
    ...right.slice(from % right.length, from % right.length + length),
    ...left.slice(at % left.length + 1),
  ].join("")
);

const fronts = fc.constantFrom(
  "lookback: 1d",
  "mode: differential",
  "threshold: { by: [pid], count: 3, within: 1h }",
  "status: experimental",
);

Deno.test("hygieneDiagnostics() answers to every query, within its text", () => {
  fc.assert(
    fc.property(fc.oneof(queries, fc.constantFrom(...EXAMPLES)), fronts, (sql, front) => {
      const { text } = complete(`${front}\n---\n${sql}`);
      const { detection } = parseDetection(text, "rule.sql");
      if (!detection) return;
      const corpus = { detections: [detection] };
      const context = { detection, catalogue: CATALOGUE, corpus, today: "2026-11-22" };
      const lines = text.split("\n");
      for (const one of hygieneDiagnostics(context)) {
        assert(one.line >= 1 && one.end_line <= lines.length, text);
        assert(one.end_column <= lines[one.end_line - 1]!.length + 1, text);
      }
    }),
    { numRuns: 2_000 },
  );
});
