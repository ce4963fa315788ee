import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type AlertContext, rowData, toAlert } from "../../alerts/mod.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell } from "../../schema/batch.ts";
import type { TableSpec } from "../../schema/types.ts";
import { compiledOf, META } from "./fixtures.ts";

const CONTEXT: AlertContext = {
  host: "host-a",
  platform: "linux",
  scan_id: 7,
  now: 1_000_000,
  duration_ms: 2.5,
  catalogue: CATALOGUE,
};

Deno.test("toAlert() gives every field of an alert", () => {
  const compiled = compiledOf(["pid", "name"]);
  const { id, dedupe_key, ...rest } = toAlert(compiled, [4100, "sh"], CONTEXT);
  assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assertNotEquals(id, toAlert(compiled, [4100, "sh"], CONTEXT).id);
  assertEquals(dedupe_key, JSON.stringify([META.id, ["name", "sh"], ["pid", 4100]]));
  assertEquals(JSON.parse(JSON.stringify(rest)), {
    kind: "alert",
    alert_time: 1_000_000,
    rule_id: META.id,
    rule_version: "1.2.3",
    title: "A title",
    description: "A description",
    severity: "high",
    tags: ["attack.execution"],
    host: "host-a",
    scan_id: 7,
    affected_processes: [4100],
    process_count: 1,
    alert_data: { pid: 4100, name: "sh" },
    rule_execution_time_ms: 2.5,
    suppressed_count: 0,
    evidence: [{ scan_id: 7, table: "processes", key: { pid: 4100 } }],
  });
});

Deno.test("toAlert() names the process of the row", () => {
  const processes = (columns: string[], row: Cell[]) => {
    const { affected_processes, process_count } = toAlert(compiledOf(columns), row, CONTEXT);
    assertEquals(process_count, affected_processes.length);
    return affected_processes;
  };
  assertEquals(processes(["process_pid", "pid"], [1, 2]), [2]);
  assertEquals(processes(["process_pid", "name"], [1, "sh"]), [1]);
  assertEquals(processes(["process_pid", "pid"], [1, null]), [1]);
  assertEquals(processes(["pid"], [null]), []);
  assertEquals(processes(["pid"], ["4100"]), []);
  assertEquals(processes(["name"], ["sh"]), []);
});

Deno.test("toAlert() fills the title from the row, within bounds", () => {
  const title = (template: string, name: Cell, more: Cell = null) =>
    toAlert(
      compiledOf(["name", { name: "more", type: "json" }], { alert: { title: template } }),
      [name, more],
      CONTEXT,
    ).title;
  assertEquals(title("{{name}} runs as {{ name }}", "sh"), "sh runs as sh");
  assertEquals(title("{{name}}", null), "?");
  assertEquals(title("{{__proto__}} {{constructor}} {{}}", "sh"), "? ? ?");
  assertEquals(title("{{name}}", 2n ** 60n), "1152921504606846976");
  assertEquals(title("{{more}}", null, '{"a": [1]}'), '{"a":[1]}');
  assertEquals(title("{{name}}", "$& $1 {{more}}"), "$& $1 {{more}}");
  const long = title("{{name}}", "x".repeat(2_000_000));
  assertEquals(long.length, 300);
  assert(long.endsWith("x…"));
});

Deno.test("rowData() is what JSON can carry", () => {
  const columns = [
    { name: "big", type: "integer" },
    { name: "infinite", type: "float" },
    { name: "yes", type: "boolean" },
    { name: "no", type: "boolean" },
    { name: "maybe", type: "boolean" },
    { name: "one" },
    { name: "json", type: "json" },
    { name: "broken", type: "json" },
    { name: "text" },
    { name: "null", type: "json" },
    { name: "__proto__" },
  ] as const;
  const row = [
    -(2n ** 63n),
    -Infinity,
    1,
    false,
    null,
    1,
    '{"n": 12345678901234567890, "f": 1e300, "a": [1.5, 7], "__proto__": {"x": 1}}',
    "{",
    '{"a": 1}',
    null,
    "mine",
  ];
  assertEquals(
    JSON.stringify(rowData(columns, row)),
    '{"big":"-9223372036854775808","infinite":"-Infinity","yes":true,"no":false,"maybe":null,' +
      '"one":1,"json":{"n":"12345678901234567890","f":1e+300,"a":[1.5,7],"__proto__":{"x":1}},' +
      '"broken":"{","text":"{\\"a\\": 1}","null":null,"__proto__":"mine"}',
  );
});

Deno.test("rowData() bears json nested as deeply as any that was stored", () => {
  const json = "[".repeat(1000) + "]".repeat(1000);
  const data = rowData([{ name: "json", type: "json" }], [json]);
  assertEquals(JSON.stringify(data), `{"json":${json}}`);
});

const sockets: TableSpec = {
  name: "sockets",
  description: "A table whose rows have two key columns.",
  collector: "netmond",
  kind: "monitor",
  columns: {
    address: ["string", "Address", { key: true }],
    port: ["integer", "Port", { key: true }],
    pid: ["integer", "Process"],
  },
  examples: [],
};

Deno.test("evidence names the stored rows whose keys the result passes on", () => {
  const context = { ...CONTEXT, catalogue: new Map([...CATALOGUE, ["sockets", sockets]]) };
  const keys = (
    columns: Parameters<typeof compiledOf>[0],
    row: Cell[],
    tables = ["processes", "sockets"],
  ) =>
    toAlert(compiledOf(columns, {}, tables), row, context).evidence
      .map(({ table, key }) => [table, key]);
  const from = (table: string, column: string, name = column) => ({
    name,
    origin: { table, column },
  });

  // A process and its parent are two rows of the same table; the same one twice is one.
  const parent = from("processes", "pid", "parent_pid");
  assertEquals(keys(["pid", parent], [1, 2]), [["processes", { pid: 1 }], [
    "processes",
    { pid: 2 },
  ]]);
  assertEquals(keys(["pid", parent], [1, 1]), [["processes", { pid: 1 }]]);
  // Nothing is claimed where the key was computed, is NULL, or is there in part only.
  assertEquals(keys([{ name: "pid" }], [1]), []);
  assertEquals(keys(["pid"], [null]), []);
  assertEquals(keys([from("sockets", "port")], [80]), []);
  assertEquals(keys([from("sockets", "port"), from("sockets", "address")], [80, null]), []);
  assertEquals(keys([from("sockets", "port"), from("sockets", "address")], [80, "::1"]), [
    ["sockets", { address: "::1", port: 80 }],
  ]);
  // Only tables that the detection reads, and only such as exist.
  assertEquals(keys(["pid"], [1], ["sockets"]), []);
  assertEquals(keys([from("gone", "pid")], [1], ["gone"]), []);
});
