import { assertEquals } from "@std/assert";
import { PROFILES } from "../../profiles/mod.ts";
import { type JsonSchema, tableJsonSchema } from "../../schema/json_schema.ts";
import { PLATFORMS, type TableSpec } from "../../schema/types.ts";
import { TABLE } from "./table.ts";

function properties(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return schema["properties"] as Readonly<Record<string, JsonSchema>>;
}

Deno.test("tableJsonSchema() describes a row with the columns of a platform", () => {
  const schema = tableJsonSchema(TABLE, "linux");
  assertEquals(Object.keys(properties(schema)), [
    "pid",
    "name",
    "state",
    "size",
    "share",
    "active",
    "seen",
    "tags",
    "cgroup",
    "score",
    "process_key",
    "platform_data",
  ]);
  assertEquals({ ...schema, properties: null }, {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "things (linux)",
    description: "Things, one row each.",
    type: "object",
    properties: null,
    additionalProperties: false,
  });
});

Deno.test("tableJsonSchema() gives each column its type, values, unit and example", () => {
  const { pid, state, size, active, seen, tags, score } = properties(
    tableJsonSchema(TABLE, "linux"),
  );
  assertEquals(pid, { description: "Process id", type: ["integer", "string"] });
  assertEquals(state, {
    description: "State of it",
    type: ["string", "null"],
    enum: ["on", "off", null],
  });
  assertEquals(size, {
    description: "Size of it (bytes)",
    type: ["integer", "string", "null"],
  });
  assertEquals(active?.["type"], ["boolean", "null"]);
  assertEquals(seen?.["type"], ["integer", "string", "null"]);
  assertEquals(tags, { description: "Tags of it", examples: [["a", { b: 1 }]] });
  assertEquals(score?.["description"], "Linux: Score on Linux");
});

Deno.test("tableJsonSchema() without a platform takes the columns of all of them", () => {
  const { cgroup, score } = properties(tableJsonSchema(TABLE));
  assertEquals(cgroup?.["description"], "Linux: Control groups");
  assertEquals(score, {
    description: "Linux: Score on Linux\nWindows: Score on Windows",
    type: ["integer", "string", "null"],
  });
});

Deno.test("tableJsonSchema() accepts the example of every json column", () => {
  for (const spec of PROFILES as readonly TableSpec[]) {
    for (const platform of [undefined, ...PLATFORMS]) {
      for (const schema of Object.values(properties(tableJsonSchema(spec, platform)))) {
        const examples = schema["examples"];
        assertEquals(examples !== undefined, schema["type"] === undefined, spec.name);
        assertEquals(Array.isArray(examples ?? []), true);
      }
    }
  }
});
