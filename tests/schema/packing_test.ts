import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PACK_LIMITS } from "../../collectors/core/batches.ts";
import { processes } from "../../profiles/processes.ts";
import { type Cell, checkBatch, type RecordBatch } from "../../schema/batch.ts";
import * as packing from "../../schema/packing.ts";

const pack = (batch: RecordBatch) => packing.pack(batch, PACK_LIMITS);
const unpack = (batch: unknown) => packing.unpack(batch, PACK_LIMITS);
const travel = (batch: unknown) => JSON.parse(JSON.stringify(batch));
const check = (batch: unknown) => checkBatch(batch, processes, "linux");

/** A batch of processes with the columns that are given. */
function batchOf(columns: Readonly<Record<string, readonly Cell[]>>): RecordBatch {
  const values = Object.values(columns);
  const rows = values[0]?.length ?? 0;
  return { table: "processes", columns: Object.keys(columns), values, rows, gaps: [] };
}

const text = fc.oneof(
  fc.constantFrom(
    "",
    "sh",
    "a b",
    "\u0000",
    "\ud800",
    "__proto__",
    "length",
    "0",
    "x".repeat(5000),
  ),
  fc.string({ unit: "binary" }),
);
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const batches = fc.integer({ min: 0, max: 40 }).chain((rows) => {
  const column = (values: fc.Arbitrary<Cell>) =>
    fc.oneof(
      fc.array(values, { minLength: rows, maxLength: rows }),
      values.map((value) => new Array<Cell>(rows).fill(value)),
    );
  return fc.record({
    pid: column(fc.maxSafeInteger()),
    name: column(text),
    command_line: column(nullable(text)),
    user_id: column(nullable(fc.oneof(fc.nat(3), fc.constant(`${2n ** 62n}`)))),
    cpu_usage: column(nullable(fc.double({ noNaN: true, noDefaultInfinity: true }))),
    accessible: column(fc.boolean()),
    arguments: column(nullable(fc.json())),
  }).map(batchOf);
});

Deno.test("unpack() makes of what pack() made the same rows", () => {
  fc.assert(fc.property(batches, (batch) => {
    assertEquals(check(unpack(travel(pack(batch)))), check(travel(batch)));
  }));
});

Deno.test("pack() says once what many rows have, and unpack() keeps it once", () => {
  const environ = JSON.stringify({ PATH: "/usr/bin".repeat(100) });
  const rows = 500;
  const batch = batchOf({
    environment_variables: new Array(rows).fill(environ),
    command_line: Array.from({ length: rows }, (_, row) => `sleep ${row % 7} ${"x".repeat(1000)}`),
    name: Array.from({ length: rows }, (_, row) => `each another ${row}`),
    pid: Array.from({ length: rows }, (_, row) => row),
  });
  const packed = pack(batch);
  assert(JSON.stringify(packed).length < 30_000);
  assertEquals(packed.values[0], { of: [environ] });
  assertStrictEquals(packed.values[2], batch.values[2]);
  assertStrictEquals(packed.values[3], batch.values[3]);
  assertEquals(check(unpack(travel(packed))), batch);
});

Deno.test("unpack() takes what a batcher makes at most", () => {
  const most = "x".repeat(4096);
  const batch = batchOf({
    name: new Array(256).fill(most),
    command_line: Array.from({ length: 256 }, (_, row) => row % 2 ? most : ""),
  });
  assertEquals(unpack(travel(pack(batch))), batch);
  const long = batchOf({ name: new Array(9).fill(`${most}x`) });
  assertStrictEquals(pack(long).values[0], long.values[0]);
});

Deno.test("unpack() does not let a short message become much", () => {
  const some = "x".repeat(4096);
  const bombs: unknown[] = [
    { rows: 2 ** 40, values: [{ of: [0] }] },
    { rows: 1001, values: [{ of: [0] }] },
    { rows: -1, values: [{ of: [0] }] },
    { rows: 0.5, values: [{ of: [0] }] },
    { rows: "9", values: [{ of: [0] }] },
    { values: [{ of: [0] }] },
    { rows: 1000, values: new Array(1025).fill({ of: [0] }) },
    { rows: 1000, values: [{ of: [some] }] },
    { rows: 300, values: [{ of: [some] }, { of: [some] }] },
    { rows: 1000, values: [{ of: [some], at: new Array(1000).fill(0) }] },
    { rows: 3, values: [{ of: [`${some}x`] }] },
    { rows: 3, values: [{ of: ["a", `${some}x`], at: [0, 0, 0] }] },
  ];
  for (const bomb of bombs) assertThrows(() => unpack(bomb), TypeError);
});

Deno.test("unpack() refuses places that are none", () => {
  for (const place of [1, -1, 0.5, "0", "length", null, [0], {}, 2 ** 53, NaN]) {
    const batch = { rows: 3, values: [{ of: ["a"], at: [0, place, 0] }] };
    assertThrows(() => unpack(batch), TypeError, undefined, JSON.stringify(place));
  }
  for (
    const column of [{ of: [] }, { of: ["a", "b"] }, { of: ["a"], at: [0] }, { of: [], at: "" }]
  ) {
    assertThrows(() => unpack({ rows: 3, values: [column] }), TypeError);
  }
});

Deno.test("what a hostile collector calls a batch is refused with a TypeError, or is one", () => {
  const column = fc.oneof(
    fc.record({
      of: fc.array(fc.oneof(fc.jsonValue(), text), { maxLength: 4 }),
      at: fc.oneof(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }), fc.jsonValue()),
    }, { requiredKeys: ["of"] }),
    fc.jsonValue(),
  );
  const hostile = fc.record({
    table: fc.constant("processes"),
    columns: fc.constantFrom(["name"], ["pid", "name"], ["arguments"], []),
    rows: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.jsonValue()),
    values: fc.oneof(fc.array(column, { maxLength: 2 }), fc.jsonValue()),
    gaps: fc.constant([]),
  });
  fc.assert(fc.property(fc.oneof(hostile, fc.jsonValue()), (value) => {
    let batch: RecordBatch;
    try {
      batch = check(unpack(value));
    } catch (error) {
      assert(error instanceof TypeError, String(error));
      return;
    }
    assert(batch.values.every((cells) => cells.length === batch.rows));
  }));
});
