import { assertEquals } from "@std/assert";
import { tableMarkdown } from "../../schema/markdown.ts";
import type { ViewSpec } from "../../schema/types.ts";
import { baseColumns, isView, pathTable, viewDdl } from "../../schema/view.ts";
import { DatabaseSync } from "../../std/sqlite.ts";
import { TABLE } from "./table.ts";

const SPEC: ViewSpec = {
  name: "things_above",
  description: "The things above a thing.",
  collector: TABLE.collector,
  kind: "monitor",
  base: "things",
  path: { key: "id", parent: "above", limit: 9 },
  columns: {
    id: ["string", "The thing"],
    depth: ["integer", "How far up"],
    label: ["string", "The label of the thing above"],
  },
  select: { id: "row.id", depth: "path.depth" },
  examples: ["SELECT id, label FROM things_above"],
};

Deno.test("isView() tells views from tables", () => {
  assertEquals([isView(SPEC), isView(TABLE)], [true, false]);
});

Deno.test("baseColumns() are those of the path, the scan, and what stands behind the columns read", () => {
  assertEquals(baseColumns(SPEC, []), ["id", "above", "scan_id"]);
  assertEquals(baseColumns(SPEC, ["id", "depth"]), ["id", "above", "scan_id"]);
  assertEquals(baseColumns(SPEC, ["label", "host"]), ["id", "above", "scan_id", "label", "host"]);
});

Deno.test("viewDdl() shows a row and one above it for each step of a path", () => {
  using db = new DatabaseSync(":memory:");
  db.exec(
    "CREATE TABLE things (id, above, label, scan_id, collection_time, host, platform_data);" +
      "INSERT INTO things VALUES ('a', NULL, 'A', 7, 70, 'h', NULL), ('b', 'a', 'B', 7, 70, 'h', NULL)",
  );
  db.exec(viewDdl(SPEC));
  db.exec(`INSERT INTO "${pathTable(SPEC)}" VALUES (2, 1, 1)`);
  assertEquals({ ...db.prepare("SELECT * FROM things_above").get() }, {
    id: "b",
    depth: 1,
    label: "A",
    scan_id: 7,
    collection_time: 70,
    host: "h",
    platform_data: null,
  });
});

Deno.test("tableMarkdown() says what a view is made of", () => {
  const line = tableMarkdown(SPEC).split("\n").find((one) => one.startsWith("- A view"));
  assertEquals(
    line,
    "- A view that the engine makes of [`things`](things.md), scan by scan; reading it collects nothing else",
  );
});
