import { assertEquals, assertThrows } from "@std/assert";
import { decodeRows, isResultHeader } from "../../../engine/sandbox/decode.ts";
import type { ResultHeader } from "../../../engine/sandbox/protocol.ts";

const HEADER: ResultHeader = { type: "result", columns: ["a", "b"], big: [1], truncated: false };

function decode(json: string): unknown {
  return decodeRows(HEADER, new TextEncoder().encode(json));
}

Deno.test("decodeRows() reads text, numbers, NULL and integers that JSON does not have", () => {
  assertEquals(decode(`[["x", null], [1e999, {"n": "-9223372036854775808"}], [-0.5, 3]]`), [
    ["x", null],
    [Infinity, -(2n ** 63n)],
    [-0.5, 3],
  ]);
});

Deno.test("decodeRows() refuses what is no result of two columns", () => {
  const broken = [
    "{}",
    "null",
    "[1]",
    "[[1]]",
    "[[1, 2, 3]]",
    "[[true, 1]]",
    "[[[], 1]]",
    `[[{"n": "9223372036854775807"}, 1]]`,
    `[[1, {"n": "x"}]]`,
    `[[1, {"n": 9007199254740993}]]`,
    `[[1, {}]]`,
  ];
  for (const json of broken) assertThrows(() => decode(json), TypeError, undefined, json);
  assertThrows(() => decode("[[1, 2"), SyntaxError);
});

Deno.test("isResultHeader() tells the header of a result from anything else", () => {
  assertEquals(isResultHeader(HEADER), true);
  const others = [
    null,
    1,
    "result",
    { ...HEADER, type: "loaded" },
    { ...HEADER, columns: [1] },
    { ...HEADER, big: ["1"] },
    { ...HEADER, truncated: undefined },
  ];
  for (const other of others) assertEquals(isResultHeader(other), false, Deno.inspect(other));
});
