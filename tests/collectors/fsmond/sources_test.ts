import { assertEquals } from "@std/assert";
import { fileEventSources } from "../../../collectors/fsmond/sources.ts";
import { file_events } from "../../../profiles/file_events.ts";
import { collectedColumns } from "../../../schema/columns.ts";

Deno.test("every column has a source or a reason", () => {
  const columns = collectedColumns(file_events, "linux").map(({ name }) => name)
    .filter((name) => name !== "platform_data");
  assertEquals(Object.keys(fileEventSources).sort(), columns.sort());
});
