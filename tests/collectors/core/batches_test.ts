import { assert, assertEquals } from "@std/assert";
import { createBatcher, withoutLongest } from "../../../collectors/core/batches.ts";

const limits = { rows: 3, characters: 100, long: 10, budget: 25 };

Deno.test("createBatcher() puts rows into columns and says when a batch is full", () => {
  const batcher = createBatcher("t", limits);
  assertEquals(batcher.take(), undefined);
  assertEquals(batcher.add({ row: { a: 1, b: "x" } }), false);
  assertEquals(batcher.add({ row: { a: 2n ** 60n, b: null }, gaps: { b: "denied" } }), false);
  assertEquals(batcher.add({ row: { a: null, b: true } }), true);
  assertEquals(batcher.take(), {
    table: "t",
    columns: ["a", "b"],
    values: [[1, (2n ** 60n).toString(), null], ["x", null, true]],
    rows: 3,
    gaps: [{ column: "b", reason: "denied", rows: [1] }],
  });
  batcher.add({ row: { a: 4, b: "z" } });
  assertEquals(batcher.take()?.values, [[4], ["z"]]);
});

Deno.test("createBatcher() leaves out columns without values and fills in for rows that lack one", () => {
  const batcher = createBatcher("t", limits);
  batcher.add({ row: { a: 1, c: undefined } });
  batcher.add({ row: { b: 2, a: 2, c: undefined } });
  batcher.add({ row: { a: 3, c: undefined } });
  const batch = batcher.take();
  assertEquals(batch?.columns, ["a", "b"]);
  assertEquals(batch?.values, [[1, 2, 3], [null, 2, null]]);
});

Deno.test("createBatcher() is full when the text is", () => {
  const batcher = createBatcher("t", { ...limits, long: 1000, budget: 1000 });
  assertEquals(batcher.add({ row: { a: "x".repeat(99) } }), false);
  assertEquals(batcher.add({ row: { a: "x" } }), true);
});

Deno.test("createBatcher() drops long values beyond the budget of a task, not short ones", () => {
  const batcher = createBatcher("t", limits);
  batcher.add({ row: { a: "x".repeat(20), b: "short" } });
  batcher.take();
  batcher.add({ row: { a: "x".repeat(20), b: "y".repeat(5) } });
  batcher.add({ row: { a: "x".repeat(5), b: "y".repeat(10) } });
  const batch = batcher.take();
  assertEquals(batch?.values, [[null, "xxxxx"], ["yyyyy", "y".repeat(10)]]);
  assertEquals(batch?.gaps, [{ column: "a", reason: "budget", rows: [0] }]);
});

Deno.test("withoutLongest() gives up the longest text and says so", () => {
  const batch = {
    table: "t",
    columns: ["a", "b"],
    values: [["aa", "a"], ["b", "bbb"]],
    rows: 2,
    gaps: [{ column: "b", reason: "budget", rows: [0] }] as const,
  };
  const less = withoutLongest(batch);
  assertEquals(less.values, [["aa", "a"], ["b", null]]);
  assertEquals(less.gaps, [{ column: "b", reason: "budget", rows: [0, 1] }]);
  assert(batch.values[1]![1] === "bbb", "the batch itself is left alone");
});
