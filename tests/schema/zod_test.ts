import { assert, assertEquals, assertFalse } from "@std/assert";
import { PROFILES } from "../../profiles/mod.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { PLATFORMS, type TableSpec } from "../../schema/types.ts";
import { rowSchema } from "../../schema/zod.ts";
import { TABLE } from "./table.ts";

const SCHEMA = rowSchema(TABLE, "linux");
const ROW = { pid: 1, name: "a" };

/** Where a row is at fault, as dotted paths. */
function faults(row: unknown): readonly string[] {
  const result = SCHEMA.safeParse(row);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
}

Deno.test("rowSchema() gives absent optional columns as NULL", () => {
  const row = SCHEMA.parse(ROW);
  assertEquals(row.name, "a");
  assertEquals(
    Object.keys(row).sort(),
    collectedColumns(TABLE, "linux").map(({ name }) => name).sort(),
  );
  assertEquals([row.size, row.cgroup, row.process_key, row.platform_data], [
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("rowSchema() wants required columns", () => {
  assertEquals(faults({ pid: 1 }), ["name"]);
  assertEquals(faults({ pid: null, name: "a" }), ["pid"]);
});

Deno.test("rowSchema() is strict", () => {
  assertFalse(SCHEMA.safeParse({ ...ROW, nmae: "b" }).success);
  assertFalse(SCHEMA.safeParse({ ...ROW, scan_id: 1 }).success);
  assertFalse(rowSchema(TABLE, "macos").safeParse({ ...ROW, score: 1 }).success);
  assert(rowSchema(TABLE, "windows").safeParse({ ...ROW, score: 1 }).success);
});

Deno.test("rowSchema() takes the values of each type and no others", () => {
  const good: Record<string, readonly unknown[]> = {
    size: [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n), null],
    share: [0.5, 1, null],
    active: [true, false, null],
    seen: [1_767_225_600_000, null],
    tags: ["[]", '{"a": null}', null],
    state: ["on", "off", null],
    name: ["", "\u0000\ud800"],
  };
  const bad: Record<string, readonly unknown[]> = {
    size: [1.5, 2 ** 53, 2n ** 63n, "1", true, NaN],
    share: [Infinity, NaN, "1", 1n],
    active: [1, 0, "true"],
    seen: [1.5, "2026-01-01", 1n],
    tags: ["", "[", [], {}, "[".repeat(1001) + "]".repeat(1001)],
    state: ["On", "", "neither"],
    name: [null, 1],
  };
  for (const [name, values] of Object.entries(good)) {
    for (const value of values) {
      assertEquals(faults({ ...ROW, [name]: value }), [], `${name}: ${String(value)}`);
    }
  }
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      assertEquals(faults({ ...ROW, [name]: value }), [name], `${name}: ${String(value)}`);
    }
  }
});

Deno.test("rowSchema().partial() takes a row of which only some columns are known", () => {
  const partial = SCHEMA.partial();
  assert(partial.safeParse({ name: "a" }).success);
  assert(partial.safeParse({}).success);
  assertFalse(partial.safeParse({ name: 1 }).success);
  assertFalse(partial.safeParse({ nmae: "a" }).success);
});

Deno.test("rowSchema() takes the example of every json column", () => {
  for (const platform of PLATFORMS) {
    for (const spec of PROFILES as readonly TableSpec[]) {
      const shapes = collectedColumns(spec, platform).filter(({ shape }) => shape)
        .map(({ name, shape }) => [name, shape]);
      const result = rowSchema(spec, platform).partial().safeParse(Object.fromEntries(shapes));
      assert(result.success, `${spec.name} on ${platform}`);
    }
  }
});
