import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { CATALOGUE, PROFILES } from "../../profiles/mod.ts";
import { allColumns, type Column, columnsOf } from "../../schema/columns.ts";
import { isJsonText } from "../../schema/json.ts";
import type { TableSpec } from "../../schema/types.ts";

const SPECS: readonly TableSpec[] = PROFILES;

/** Every column of the catalogue with the name that a message can show. */
const COLUMNS = SPECS.flatMap((spec) =>
  allColumns(spec).map((column): readonly [string, Column] => [
    `${spec.name}.${column.name}${column.platform ? ` (${column.platform})` : ""}`,
    column,
  ])
);

/** Labels of the columns for which a property does not hold. */
function except(holds: (column: Column) => boolean): readonly string[] {
  return COLUMNS.filter(([, column]) => !holds(column)).map(([label]) => label);
}

Deno.test("every profile lies in a file of its name and is listed once", async () => {
  const files: string[] = [];
  for await (const entry of Deno.readDir(fromFileUrl(new URL("../../profiles", import.meta.url)))) {
    if (entry.isFile && entry.name !== "mod.ts") files.push(entry.name.replace(/\.ts$/, ""));
  }
  assertEquals(SPECS.map(({ name }) => name).sort(), files.sort());
  assertEquals(CATALOGUE.size, SPECS.length);
});

Deno.test("columns have plain names and one-line descriptions", () => {
  for (const [label, { name, description }] of COLUMNS) {
    assertMatch(name, /^[a-z][a-z0-9_]*$/, label);
    assertMatch(description, /^[^\s].*[^.\s]$/, `${label}: no period, no blank ends`);
    assert(description.length <= 120, `${label}: ${description.length} characters`);
  }
});

Deno.test("json columns, and no others, have a shape that is an example in JSON", () => {
  assertEquals(except(({ type, shape }) => (type === "json") === (shape !== undefined)), []);
  assertEquals(except(({ shape }) => shape === undefined || isJsonText(shape)), []);
  // A backslash too few in a profile would leave an escape such as \n or \t behind.
  // deno-lint-ignore no-control-regex
  assertEquals(except(({ shape }) => !shape || !/[\0-\x1f]/.test(deepText(shape))), []);
});

function deepText(shape: string): string {
  const texts: string[] = [];
  JSON.parse(shape, (key, value) => texts.push(key, typeof value === "string" ? value : ""));
  return texts.join("");
}

Deno.test("units belong to numbers, closed sets of values to strings", () => {
  assertEquals(except(({ type, unit }) => !unit || type === "integer" || type === "float"), []);
  assertEquals(except(({ type, values }) => !values || type === "string"), []);
  assertEquals(except(({ values }) => !values || new Set(values).size === values.length), []);
  const units = new Set(COLUMNS.flatMap(([, { unit }]) => unit ?? []));
  assertEquals(
    [...units].sort(),
    ["Mbit/s", "bits/byte", "bytes", "bytes/s", "celsius", "ms", "percent", "s", "watts"],
  );
});

Deno.test("a platform's columns add to the core and agree with each other", () => {
  for (const spec of SPECS) {
    const types = new Map<string, string>();
    for (const [platform, columns] of Object.entries(spec.extensions ?? {})) {
      for (const [name, [type]] of Object.entries(columns)) {
        assert(!(name in spec.columns), `${spec.name}.${name} (${platform}) repeats the core`);
        assertEquals(types.get(name) ?? type, type, `${spec.name}.${name} (${platform})`);
        types.set(name, type);
      }
    }
  }
});

Deno.test("rows have an identity that does not change by itself", () => {
  for (const spec of SPECS) {
    const keys = Object.values(spec.columns).filter(([, , options]) => options?.key);
    assert(keys.length > 0, spec.name);
    assert(keys.every(([, , options]) => !options?.volatile && !options?.costly), spec.name);
  }
});

Deno.test("what must be asked for is asked for by lookup keys", () => {
  for (const spec of SPECS) {
    const asked = spec.kind === "triggerable" || spec.name === "file_metadata";
    assertEquals(spec.requires !== undefined, asked, spec.name);
    for (const name of spec.requires ?? []) {
      const options = spec.columns[name]?.[2];
      assert(options?.lookup, `${spec.name}.${name}`);
    }
  }
});

Deno.test("event tables have a time and never wait to be asked", () => {
  const events = SPECS.filter((spec) => spec.events);
  assertEquals(
    events.map(({ name }) => name).sort(),
    ["configuration_changes", "file_events", "process_events"],
  );
  for (const spec of events) {
    assertEquals(spec.kind, "monitor", spec.name);
    const times = Object.entries(spec.columns).filter(([name, [type, , options]]) =>
      /^(event|change)_time$/.test(name) && type === "timestamp" && !options?.optional
    );
    assertEquals(times.length, 1, spec.name);
  }
});

Deno.test("tables with a pid have the process key", () => {
  for (const spec of SPECS) {
    const names = columnsOf(spec, "linux").map(({ name }) => name);
    if (names.includes("pid") || names.includes("process_pid")) {
      assert(names.includes("process_key"), spec.name);
    }
  }
});

Deno.test("a process as an event has every column of a process", () => {
  const processes = CATALOGUE.get("processes")!.columns;
  const events = CATALOGUE.get("process_events")!.columns;
  for (const [name, [type]] of Object.entries(processes)) {
    assertEquals(events[name]?.[0], type, name);
  }
});
