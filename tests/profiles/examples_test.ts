import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { registerFunctions } from "../../dialect/mod.ts";
import { PROFILES, VIEWS } from "../../profiles/mod.ts";
import { tableDdl } from "../../schema/ddl.ts";
import { PLATFORMS, type TableSpec } from "../../schema/types.ts";

const SPECS: readonly TableSpec[] = [...PROFILES, ...VIEWS];

/** A database with every virtual table of a platform, empty. */
function emptyTables(platform: (typeof PLATFORMS)[number]): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  registerFunctions(db);
  for (const spec of SPECS) db.exec(tableDdl(spec, platform));
  return db;
}

Deno.test("every example is valid on every platform and names its result columns", () => {
  for (const platform of PLATFORMS) {
    using db = emptyTables(platform);
    for (const spec of SPECS) {
      for (const sql of spec.examples) {
        const columns = db.prepare(sql).columns().map(({ name }) => name);
        assertEquals(new Set(columns).size, columns.length, sql);
        assert(!/\bSELECT\s+\*/i.test(sql), sql);
        assert(columns.every((name) => /^[a-z][a-z0-9_]*$/.test(name)), sql);
      }
    }
  }
});

Deno.test("every table has two or three examples, each of which reads it", () => {
  for (const spec of SPECS) {
    assert(spec.examples.length === 2 || spec.examples.length === 3, spec.name);
    for (const sql of spec.examples) assert(new RegExp(`\\b${spec.name}\\b`).test(sql), sql);
  }
});

Deno.test("examples give tables that require a key one", () => {
  for (const { examples } of SPECS) {
    for (const sql of examples) {
      for (const { name, requires } of SPECS) {
        const alias = new RegExp(`\\b${name}(?: (?!WHERE|JOIN|ON|GROUP)(\\w+))?`).exec(sql);
        if (!requires || !alias) continue;
        const prefix = alias[1] ? `${alias[1]}\\.` : "";
        const given = new RegExp(`\\b${prefix}(?:${requires.join("|")}) (?:=|IN|GLOB) `);
        assert(given.test(sql), `${name} is given no key: ${sql}`);
      }
    }
  }
});
