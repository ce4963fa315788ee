import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PROFILES } from "../../profiles/mod.ts";
import { tableMarkdown } from "../../schema/markdown.ts";
import type { TableSpec } from "../../schema/types.ts";
import { TABLE } from "./table.ts";

Deno.test("tableMarkdown() documents a table", () => {
  assertEquals(
    tableMarkdown(TABLE).split("## Further columns on Linux")[0],
    `# things

Things, one row each.

- Collector: \`thingmond\`, for given keys
- A row is identified by \`pid\`
- Can be looked up by \`pid\`
- A query must give a value of \`pid\`

## Columns

| Column | Type | Unit | Notes | Description |
| --- | --- | --- | --- | --- |
| \`pid\` | integer |  | key; lookup | Process id |
| \`name\` | string |  |  | Name of it |
| \`state\` | string |  | optional; one of \`on\`, \`off\` | State of it |
| \`size\` | integer | bytes | optional; volatile | Size of it |
| \`share\` | float | percent | optional | Share of it |
| \`active\` | boolean |  | optional | Whether a \\| b holds |
| \`seen\` | timestamp |  | optional | When it was seen |
| \`tags\` | json |  | optional | Tags of it |
| \`process_key\` | string |  | optional | Identity of the process across pid reuse and reboots: boot id, pid and start time in clock ticks, joined by \`:\` |
| \`scan_id\` | integer |  |  | The scan that collected the row; increases from scan to scan on a host |
| \`collection_time\` | timestamp |  |  | When the row was read from the host |
| \`host\` | string |  |  | Name of the host that the row was read on |
| \`platform_data\` | json |  | optional | Open metadata: whatever else the platform offers for this row |

`,
  );
});

Deno.test("tableMarkdown() shows platforms, JSON shapes and examples", () => {
  const text = tableMarkdown(TABLE);
  assertStringIncludes(text, "| `score` | integer |  | optional; costly | Score on Linux |");
  assertStringIncludes(text, "## Further columns on Windows");
  assert(!text.includes("macOS"), "a platform without columns of its own has no section");
  assertStringIncludes(text, '- `cgroup` (Linux): `[{"path": "/a|b"}]`');
  assertStringIncludes(text, "```sql\nSELECT name\nFROM things\nWHERE pid = 1\n```");
});

Deno.test("tableMarkdown() says of event tables that rows are events", () => {
  const { requires: _requires, ...spec } = TABLE;
  const text = tableMarkdown({ ...spec, events: true, kind: "monitor" });
  assertStringIncludes(text, "- A row is an event");
  assertStringIncludes(text, "for the whole host");
});

Deno.test("tableMarkdown() says where only detections with files can run the examples", () => {
  const said =
    "Only a detection whose front-matter names files under `resources.yara` can run these:";
  assertStringIncludes(tableMarkdown({ ...TABLE, resources: "yara" }), `## Examples\n\n${said}`);
  assert(!tableMarkdown(TABLE).includes("resources"));
});

Deno.test("tableMarkdown() writes tables whose rows have as many cells as their heads", () => {
  for (const spec of PROFILES as readonly TableSpec[]) {
    const rows = tableMarkdown(spec).split("\n").filter((line) => line.startsWith("| "));
    for (const row of rows) assertEquals(row.match(/(?<!\\)\|/g)?.length, 6, row);
  }
});
