import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { dedupeKey, suppressionColumns } from "../../alerts/mod.ts";
import type { Cell } from "../../schema/batch.ts";
import { compiledOf, META } from "./fixtures.ts";

Deno.test("suppressionColumns() takes the first that a detection gives", () => {
  const columns = ["pid", "process_key", "name", "executable_path", "ppid"];
  const given = (meta: Parameters<typeof compiledOf>[1]) =>
    suppressionColumns(compiledOf(columns, meta)).join();
  const by = { for: 1, by: ["ppid", "name"] };
  const alert = { entity: ["executable_path"] };
  const identity = ["pid"];
  assertEquals(given({ suppression: by, alert, identity }), "name,ppid");
  assertEquals(given({ alert, identity }), "executable_path");
  assertEquals(given({ identity }), "pid");
  assertEquals(given({}), "executable_path,name,pid,process_key");
});

Deno.test("suppressionColumns() takes the whole row where no process is named for certain", () => {
  const columns = (...names: string[]) => suppressionColumns(compiledOf(names)).join();
  assertEquals(columns("pid", "user_id", "start_time"), "pid,start_time");
  assertEquals(columns("process_key", "ppid"), "process_key");
  assertEquals(columns("pid", "command_line"), "command_line,pid");
  assertEquals(columns("name", "user_id"), "name,user_id");
});

Deno.test("suppressionColumns() leaves out what differs from scan to scan by itself", () => {
  assertEquals(
    suppressionColumns(compiledOf(["user_id", "scan_id", "collection_time", "host"])),
    ["user_id"],
  );
  assertEquals(suppressionColumns(compiledOf(["user_id", { name: "scan_id" }])), [
    "scan_id",
    "user_id",
  ]);
});

Deno.test("dedupeKey() does not depend on the order of columns", () => {
  const a = compiledOf(["b", "a"], { identity: ["a", "b"] });
  const b = compiledOf(["a", "c", "b"], { identity: ["b", "a"] });
  assertEquals(dedupeKey(a, [2, 1]), dedupeKey(b, [1, 9, 2]));
  assertEquals(dedupeKey(a, [2, 1]), JSON.stringify([META.id, ["a", 1], ["b", 2]]));
});

Deno.test("dedupeKey() belongs to one detection", () => {
  assertNotEquals(
    dedupeKey(compiledOf(["a"]), [1]),
    dedupeKey(compiledOf(["a"], { id: "b" }), [1]),
  );
});

const key = (cell: Cell) => dedupeKey(compiledOf(["a"]), [cell]);

Deno.test("dedupeKey() tells values of different classes apart, and only those", () => {
  const large = "x".repeat(1000);
  const different: Cell[] = [
    null,
    1,
    "1",
    "",
    "null",
    1.5,
    2n ** 60n,
    String(2n ** 60n),
    '{"integer":"1152921504606846976"}',
    Infinity,
    -Infinity,
    "Infinity",
    large,
    large + "y",
  ];
  assertEquals(new Set(different.map(key)).size, different.length);
  assertEquals(key(true), key(1));
  assertEquals(key(5n), key(5));
  assertEquals(key(-0), key(0));
});

Deno.test("dedupeKey() stays short however long the values are", () => {
  const wide = compiledOf(Array.from({ length: 60 }, (_, index) => `column_${index}`));
  assert(dedupeKey(wide, Array(60).fill("x".repeat(1_000_000))).length < 60 * 300);
});

Deno.test("dedupeKey() never takes two different rows for one", () => {
  // Texts that imitate the key's own punctuation are what joined text would fall for.
  const cell: fc.Arbitrary<Cell> = fc.oneof(
    fc.constant(null),
    fc.integer({ min: -2, max: 2 }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 2n }),
    fc.string({
      unit: fc.constantFrom('"', ",", "[", "]", "1", "n", "\\", "\u0000"),
      maxLength: 4,
    }),
  );
  const compiled = compiledOf(["a", "b"]);
  fc.assert(
    fc.property(fc.tuple(cell, cell), fc.tuple(cell, cell), (left, right) => {
      const same = left.every((value, index) => value === right[index]);
      assertEquals(dedupeKey(compiled, left) === dedupeKey(compiled, right), same);
    }),
    { numRuns: 2000 },
  );
});
