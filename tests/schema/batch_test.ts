import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Cell,
  checkBatch,
  type Gap,
  joinBatches,
  type RecordBatch,
} from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";
import { TABLE } from "./table.ts";

const COLUMNS = collectedColumns(TABLE, "linux");

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const TEXT = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom("", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u2028", "12", "null"),
);

/** Values that fit a column. */
function cells(column: Column): fc.Arbitrary<Cell> {
  const CELLS: Record<Column["type"], fc.Arbitrary<Cell>> = {
    integer: fc.oneof(fc.maxSafeInteger(), INT64),
    timestamp: fc.maxSafeInteger(),
    float: fc.double({ noNaN: true, noDefaultInfinity: true }),
    boolean: fc.boolean(),
    string: TEXT,
    json: fc.json(),
  };
  return fc.option(CELLS[column.type], { nil: null });
}

function gaps(columns: readonly Column[], rows: number): fc.Arbitrary<readonly Gap[]> {
  const where = rows === 0 ? fc.constant([]) : fc.array(fc.nat(rows - 1));
  return fc.array(
    fc.record({
      column: fc.constantFrom(...columns.map(({ name }) => name)),
      reason: fc.constantFrom("denied", "deadline", "budget", "not_collected" as const),
      rows: fc.oneof(fc.constant("all" as const), where),
    }),
    { maxLength: 4 },
  );
}

const BATCH: fc.Arbitrary<RecordBatch> = fc.tuple(
  fc.subarray([...COLUMNS], { minLength: 1 }),
  fc.nat(12),
).chain(([columns, rows]) =>
  fc.record({
    table: fc.constant(TABLE.name),
    columns: fc.constant(columns.map(({ name }) => name)),
    values: fc.tuple(
      ...columns.map((column) => fc.array(cells(column), { minLength: rows, maxLength: rows })),
    ),
    rows: fc.constant(rows),
    gaps: gaps(columns, rows),
  })
);

/** What a cell is after the way through text: exact, but for what no text in SQLite can hold. */
function settled(cell: Cell): Cell {
  switch (typeof cell) {
    case "bigint":
      return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell;
    case "number":
      return cell + 0;
    case "string":
      return cell.toWellFormed().replaceAll("\0", "\uFFFD");
    default:
      return cell;
  }
}

/** A batch on its way through text, as a collector sends it. */
const sent = (batch: RecordBatch): unknown =>
  JSON.parse(
    JSON.stringify(batch, (_, cell) => typeof cell === "bigint" ? cell.toString() : cell),
  );

Deno.test("checkBatch() gives what was sent its exact types", () => {
  fc.assert(fc.property(BATCH, (batch) => {
    const back = checkBatch(sent(batch), TABLE, "linux");
    assertEquals(back, { ...batch, values: batch.values.map((column) => column.map(settled)) });
    assertEquals(checkBatch(sent(back), TABLE, "linux"), back, "a second time too");
  }));
});

Deno.test("checkBatch() keeps integers beyond 2^53 exact and text free of NUL", () => {
  const batch: RecordBatch = {
    table: "things",
    columns: ["pid", "size", "name"],
    values: [[1, 2], [2n ** 63n - 1n, -(2n ** 53n)], ["a\0b", "\ud800"]],
    rows: 2,
    gaps: [{ column: "share", reason: "denied", rows: "all" }],
  };
  assertEquals(checkBatch(sent(batch), TABLE, "linux"), {
    ...batch,
    values: [[1, 2], [9223372036854775807n, -9007199254740992n], ["a\uFFFDb", "\uFFFD"]],
  });
});

const GOOD: RecordBatch = {
  table: "things",
  columns: ["pid", "name", "size"],
  values: [[1, 2], ["a", "b"], [null, 5]],
  rows: 2,
  gaps: [{ column: "size", reason: "denied", rows: [0] }],
};

/** The good batch with one column more. */
function withColumn(name: string, values: readonly unknown[]): unknown {
  return { ...GOOD, columns: [...GOOD.columns, name], values: [...GOOD.values, values] };
}

function refuses(batch: unknown, message: string): void {
  const error = assertThrows(() => checkBatch(batch, TABLE, "linux"), TypeError, message);
  assert(error.message.length < 200, "a message about hostile input is short");
}

Deno.test("checkBatch() accepts a batch that fits", () => {
  assertEquals(checkBatch(GOOD, TABLE, "linux"), GOOD);
  assertEquals(checkBatch({ ...GOOD, gaps: undefined }, TABLE, "linux").gaps, []);
});

Deno.test("checkBatch() refuses what is no batch of the table", () => {
  for (const stranger of [null, undefined, 1, "things", [], {}]) refuses(stranger, "things");
  refuses({ ...GOOD, table: "others" }, 'says it is of "others"');
  refuses({ ...GOOD, table: "x".repeat(10_000) }, "says it is of");
});

Deno.test("checkBatch() refuses counts that do not match", () => {
  for (const rows of [-1, 1.5, "2", null, NaN, 2 ** 53]) {
    refuses({ ...GOOD, rows }, "things: bad row count");
  }
  refuses({ ...GOOD, rows: 3 }, "things.pid: 3 values expected");
  refuses({ ...GOOD, values: [[1, 2], ["a"], [null, 5]] }, "things.name: 2 values expected");
  refuses({ ...GOOD, values: [[1, 2], "ab", [null, 5]] }, "things.name: 2 values expected");
  refuses({ ...GOOD, values: GOOD.values.slice(1) }, "things: columns and values do not match");
  refuses({ ...GOOD, columns: null }, "things: columns and values do not match");
  refuses({ ...GOOD, columns: [], values: [], rows: 1e15 }, "things: rows without columns");
});

Deno.test("checkBatch() refuses columns that are unknown, of another platform or given twice", () => {
  refuses(withColumn("nmae", ["a", "b"]), 'things has no column "nmae" on linux');
  refuses(withColumn("__proto__", ["a", "b"]), 'things has no column "__proto__" on linux');
  refuses(withColumn("pid", [1, 2]), "things.pid is given twice");
  refuses(withColumn(["pid"] as unknown as string, [1, 2]), "things has no column <object>");
  assertThrows(
    () => checkBatch(withColumn("score", [1, 2]), TABLE, "macos"),
    TypeError,
    'things has no column "score" on macos',
  );
});

Deno.test("checkBatch() refuses values that do not fit, naming column and row", () => {
  const deep = "[".repeat(1001) + "]".repeat(1001);
  const bad: Record<string, readonly unknown[]> = {
    score: [1.5, true, "1.0", "", "0x1", " 1", String(2n ** 63n), 2 ** 53, [], {}, "1e3"],
    seen: ["2026-01-01T00:00:00Z", 0.5, true],
    share: ["0.5", true, Infinity, 1n, []],
    active: [2, "true", "1", []],
    state: [1, true, [], {}],
    tags: ["", "{", "[1,]", deep, {}, [], 1, '"\t"'],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      refuses(withColumn(name, [null, value]), `things.${name}, row 1: not `);
    }
  }
});

Deno.test("checkBatch() refuses gaps that point nowhere", () => {
  const gap = { column: "size", reason: "denied", rows: [0] };
  refuses({ ...GOOD, gaps: {} }, "things: gaps are no list");
  refuses({ ...GOOD, gaps: [null] }, "things has no column <undefined> that could have a gap");
  refuses({ ...GOOD, gaps: [{ ...gap, column: "sise" }] }, 'things has no column "sise"');
  for (
    const bad of [{ rows: [2] }, { rows: [-1] }, { rows: [0.5] }, { rows: "some" }, {
      reason: "lazy",
    }]
  ) {
    refuses({ ...GOOD, gaps: [{ ...gap, ...bad }] }, "things.size: bad gap");
  }
});

Deno.test("checkBatch() keeps nothing of a batch but what it knows", () => {
  const hostile = { ...GOOD, extra: 1, gaps: [{ ...GOOD.gaps[0], extra: 1 }] };
  assertEquals(checkBatch(hostile, TABLE, "linux"), GOOD);
});

Deno.test("checkBatch() throws nothing but TypeError, whatever it is given", () => {
  const part = fc.oneof(
    fc.anything({ withBigInt: true }),
    fc.constantFrom("things", "pid", "name", 0, 1, 2),
  );
  const shaped = fc.record({
    table: fc.oneof(fc.constant("things"), part),
    columns: fc.oneof(fc.array(fc.oneof(fc.constantFrom("pid", "name", "tags"), part)), part),
    values: fc.oneof(fc.array(fc.oneof(fc.array(part), part)), part),
    rows: fc.oneof(fc.nat(3), part),
    gaps: fc.oneof(fc.array(part), part),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(shaped, part), (value) => {
      try {
        checkBatch(value, TABLE, "linux");
      } catch (error) {
        assert(error instanceof TypeError && /things/.test(error.message), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("joinBatches() gives the rows in their order, and one gap for each column and reason", () => {
  const of = (columns: string[], values: Cell[][], gaps: Gap[]): RecordBatch => ({
    table: "things",
    columns,
    values,
    rows: values[0]!.length,
    gaps,
  });
  const denied = { column: "name", reason: "denied" } as const;
  assertEquals(
    joinBatches([
      of(["id", "name"], [[1, 2], ["a", null]], [{ ...denied, rows: [1] }]),
      of(["id"], [[3]], [{ column: "name", reason: "deadline", rows: "all" }]),
      of(["name", "id"], [[null, null], [4, 5]], [{ ...denied, rows: "all" }]),
    ]),
    of(["id", "name"], [[1, 2, 3, 4, 5], ["a", null, null, null, null]], [
      { ...denied, rows: [1, 3, 4] },
      { column: "name", reason: "deadline", rows: [2] },
    ]),
  );
  assertThrows(() => joinBatches([]), RangeError);
});
