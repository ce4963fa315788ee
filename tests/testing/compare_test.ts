import { assertEquals } from "@std/assert";
import { compareRows } from "../../testing/compare.ts";
import type { ColumnType } from "../../schema/types.ts";

const NO_TYPES: ReadonlyMap<string, ColumnType> = new Map();
const expected = (...rows: Record<string, unknown>[]) =>
  rows.map((values, index) => ({ line: index + 1, values }));
const actual = (...rows: Record<string, unknown>[]) => rows.map((row) => ({ row, facts: {} }));

Deno.test("compareRows() pairs rows in any order", () => {
  const mismatch = compareRows(
    expected({ pid: 1 }, { pid: 2 }),
    actual({ pid: 2 }, { pid: 1 }),
    NO_TYPES,
    0,
  );
  assertEquals(mismatch, { missing: [], extra: [] });
});

Deno.test("compareRows() lets an entry that fits several rows give way", () => {
  const rows = actual({ pid: 1, name: "a" }, { pid: 2, name: "a" });
  const mismatch = compareRows(expected({ name: "a" }, { pid: 1 }), rows, NO_TYPES, 0);
  assertEquals(mismatch, { missing: [], extra: [] });
});

Deno.test("compareRows() reports a missing row with where the nearest one differs", () => {
  const mismatch = compareRows(
    expected({ pid: 1, name: "a" }),
    actual({ pid: 9, name: "z" }, { pid: 1, name: "b" }),
    NO_TYPES,
    0,
  );
  assertEquals(mismatch.missing[0]!.nearest, {
    actual: { row: { pid: 1, name: "b" }, facts: {} },
    differences: [{ name: "name", expected: "a", actual: "b" }],
  });
  assertEquals(mismatch.extra.length, 2);
  assertEquals(compareRows(expected({ pid: 1 }), [], NO_TYPES, 0).missing[0]!.nearest, undefined);
});

Deno.test("compareRows() takes what nobody asked for as nearest before what another entry has", () => {
  const { missing } = compareRows(
    expected({ pid: 1, name: "a" }, { pid: 1, name: "b" }),
    actual({ pid: 1, name: "a" }, { pid: 7, name: "z" }),
    NO_TYPES,
    0,
  );
  assertEquals(missing.map(({ nearest }) => nearest?.actual.row), [{ pid: 7, name: "z" }]);
});

Deno.test("compareRows() never lets one row answer two entries", () => {
  const mismatch = compareRows(expected({ pid: 1 }, { pid: 1 }), actual({ pid: 1 }), NO_TYPES, 0);
  assertEquals(mismatch.missing.length, 1);
});

Deno.test("compareRows() compares by meaning: times, booleans, JSON, NULL", () => {
  const types = new Map<string, ColumnType>([["start_time", "timestamp"]]);
  const rows = actual({ start_time: 1_000, deleted: 1, env: '{"B":1,"A":2}', path: null });
  const fits = {
    start_time: "1970-01-01T00:00:01Z",
    deleted: true,
    env: { A: 2, B: 1 },
    path: null,
  };
  assertEquals(compareRows(expected(fits), rows, types, 0), { missing: [], extra: [] });
  for (
    const [name, value] of Object.entries({
      start_time: "-5m",
      deleted: false,
      env: { A: 2 },
      path: "",
    })
  ) {
    assertEquals(compareRows(expected({ [name]: value }), rows, types, 0).missing.length, 1, name);
  }
});

Deno.test("compareRows() reads names with a dollar sign from the alert itself", () => {
  const rows = [{ row: { title: "of the row" }, facts: { title: "of the alert" } }];
  assertEquals(
    compareRows(expected({ $title: "of the alert", title: "of the row" }), rows, NO_TYPES, 0)
      .missing,
    [],
  );
});
