import { assertEquals } from "@std/assert";
import { allColumns, collectedColumns, columnsOf } from "../../schema/columns.ts";
import { TABLE } from "./table.ts";

const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);

Deno.test("columnsOf() lists core, extension, process key, stored and metadata columns in order", () => {
  assertEquals(names(columnsOf(TABLE, "linux")), [
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
    "scan_id",
    "collection_time",
    "host",
    "platform_data",
  ]);
});

Deno.test("columnsOf() keeps the core meaning of a name that a platform repeats", () => {
  const size = columnsOf(TABLE, "windows").find(({ name }) => name === "size");
  assertEquals([size?.type, size?.description, size?.platform], [
    "integer",
    "Size of it",
    undefined,
  ]);
});

Deno.test("columnsOf() takes costly columns for optional", () => {
  const score = columnsOf(TABLE, "linux").find(({ name }) => name === "score");
  assertEquals([score?.costly, score?.optional, score?.platform], [true, true, "linux"]);
});

Deno.test("columnsOf() adds the process key only where there is a pid", () => {
  const { pid: _pid, ...columns } = TABLE.columns;
  const without = names(columnsOf({ ...TABLE, columns }, "macos"));
  assertEquals(without.includes("process_key"), false);
});

Deno.test("collectedColumns() leaves out what the store fills", () => {
  const all = new Set(names(columnsOf(TABLE, "linux")));
  const collected = new Set(names(collectedColumns(TABLE, "linux")));
  assertEquals([...all.difference(collected)], ["scan_id", "collection_time", "host"]);
});

Deno.test("allColumns() lists a platform's columns once per platform, after the shared ones", () => {
  assertEquals(
    allColumns(TABLE).filter(({ platform }) => platform).map(({ name, platform }) =>
      `${platform} ${name}`
    ),
    ["linux cgroup", "linux score", "windows score"],
  );
  assertEquals(allColumns(TABLE)[0]?.name, "pid");
});
