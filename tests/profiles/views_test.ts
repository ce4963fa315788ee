import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { CATALOGUE, VIEWS } from "../../profiles/mod.ts";
import { type Column, columnsOf } from "../../schema/columns.ts";
import { PLATFORMS, type TableSpec } from "../../schema/types.ts";
import { isPathView } from "../../schema/view.ts";

function byName(spec: TableSpec): ReadonlyMap<string, Column> {
  return new Map(columnsOf(spec, "linux").map((column) => [column.name, column]));
}

Deno.test("every view lies in a file of its name and is no table of the catalogue", async () => {
  const files: string[] = [];
  const folder = fromFileUrl(new URL("../../profiles/views", import.meta.url));
  for await (const { name } of Deno.readDir(folder)) files.push(name.replace(/\.ts$/, ""));
  assertEquals(VIEWS.map(({ name }) => name).sort(), files.sort());
  for (const { name } of VIEWS) assert(!CATALOGUE.has(name), name);
});

Deno.test("what a view shows of its base table is there, of the same type, on every platform", () => {
  for (const view of VIEWS.filter(isPathView)) {
    const base = byName(CATALOGUE.get(view.base)!);
    for (const column of byName(view).values()) {
      const [from, name] = (view.select[column.name] ?? `above.${column.name}`).split(".");
      const { type, optional } = column;
      if (from === "path") {
        assertEquals([name, type], ["depth", "integer"]);
        continue;
      }
      const source = base.get(name!);
      assertEquals(source?.type, type, `${view.name}.${column.name}`);
      // A path goes through keys that are there.
      const there = name === view.path.key || !source?.optional;
      assert(optional || there, `${view.name}.${column.name} may be NULL`);
    }
    for (const name of Object.keys(view.select)) assert(name in view.columns, name);
    for (const name of [view.path.key, view.path.parent]) {
      assertEquals(base.get(name)?.type, "string", name);
    }
  }
});

Deno.test("a view is collected as its base table is, and is the same on every platform", () => {
  for (const view of VIEWS) {
    const { collector, kind } = CATALOGUE.get(view.base)!;
    assertEquals([view.collector, view.kind], [collector, kind]);
    assertEquals(view.extensions, undefined);
    assertEquals(
      PLATFORMS.map((platform) => columnsOf(view, platform).length),
      PLATFORMS.map(() => byName(view).size),
    );
  }
});

Deno.test("what a view that sums up reads is there on every platform", () => {
  for (const view of VIEWS) {
    if (isPathView(view)) continue;
    for (const platform of PLATFORMS) {
      const base = columnsOf(CATALOGUE.get(view.base)!, platform).map(({ name }) => name);
      assertEquals(view.reads.filter((name) => !base.includes(name)), [], view.name);
    }
  }
});

Deno.test("the columns of a view have one-line descriptions, one of which names its limit", () => {
  for (const view of VIEWS) {
    const descriptions = Object.values(view.columns).map(([, description]) => description);
    for (const one of descriptions) assert(/^[^\s].*[^.\s]$/.test(one) && one.length <= 120, one);
    if (!isPathView(view)) continue;
    assert(descriptions.some((one) => one.includes(`at most ${view.path.limit}`)));
  }
});
