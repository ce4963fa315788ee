import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parse } from "yaml";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { parseFixture } from "../../../testing/fixture.ts";
import { fixtureText } from "../../../testing/record/fixture_text.ts";
import { makeFixture } from "../../../testing/record/record.ts";
import { flowYaml, pairLines } from "../../../testing/record/yaml_text.ts";
import { detectionOf } from "../../engine/support.ts";
import { NOW, recordingOf, rowOf } from "./support.ts";

const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "null",
    "~",
    "true",
    "no",
    "007",
    "1e3",
    "0x1f",
    "-",
    "?",
    ": ",
    "a: b",
    "# x",
    "a #b",
    " x",
    "x ",
    "",
    "[a]",
    "{a}",
    "2026-01-01T00:00:00Z",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%",
    "@",
    "`",
    "'",
    '"',
    "\\",
    "\n",
    "\t",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u202e",
    "\x07",
    "<<",
    "=",
    ".inf",
    "a:b",
    "http://x/",
    "-x",
    "--",
    "---",
    "...",
  ),
);

Deno.test("flowYaml() writes any JSON so that YAML reads the same", () => {
  const json = fc.jsonValue({ stringUnit: "grapheme" });
  fc.assert(
    fc.property(fc.oneof(anyText.map((text) => text.toWellFormed()), json), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      const options = { version: "1.2", schema: "core" } as const;
      assertEquals(JSON.stringify(parse(flowYaml(plain), options)), JSON.stringify(plain));
      const block = pairLines("key", plain).join("\n");
      assertEquals(JSON.stringify(parse(block, options).key), JSON.stringify(plain));
    }),
    { numRuns: 500 },
  );
});

Deno.test("fixtureText() writes rows so that parseFixture() reads the same values", () => {
  const row = fc.record({
    pid: fc.integer({ min: 1 }),
    start_time: fc.oneof(
      fc.integer({ min: 0, max: 253402300799999 }),
      fc.integer({ min: -5, max: -1 }),
    ),
    name: anyText.map((text) => text.toWellFormed().replaceAll("\0", "")),
    command_line: fc.string({ maxLength: 300 }),
    executable_deleted: fc.boolean(),
    cpu_usage: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    memory_vms: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) =>
      Number.isSafeInteger(Number(value)) ? Number(value) : value
    ),
    arguments: fc.array(fc.string()),
    environment_variables: fc.dictionary(fc.string({ minLength: 1 }), fc.string({ maxLength: 90 })),
  }, { requiredKeys: ["pid"] });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
      const recording = recordingOf({
        processes: rows.map((one) => ({ ...one, process_key: `b:${one.pid}:1` })),
      });
      const text = fixtureText(recording, { case: "any", comments: ["Any."], processKeys: true });
      const { fixture, diagnostics } = parseFixture(text, "case.yaml", CATALOGUE);
      assertEquals(diagnostics.map(({ message }) => message), [], text);
      const { batch } = fixture!.steps[0]!.tables.get("processes")!;
      for (const [index, recorded] of recording.tables.get("processes")!.rows.entries()) {
        for (const [column, cell] of recorded.values) {
          const at = batch.columns.indexOf(column);
          const read = at < 0 ? null : batch.values[at]![index];
          // A dictionary may name __proto__, which YAML's own reader drops.
          if (typeof cell === "string" && cell.includes("__proto__")) continue;
          assertEquals(read, cell, `${column} in\n${text}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("fixtureText() writes a case that people can read", () => {
  const recording = recordingOf({
    processes: [
      {
        pid: 1,
        ppid: 0,
        process_key: "b:1:5",
        name: "systemd",
        start_time: NOW - 5000,
        container_id: null,
      },
      {
        pid: 4100,
        name: "kworker/0:1",
        executable_path: "/dev/shm/x",
        start_time: NOW - 1234,
        arguments: [
          "/dev/shm/x",
          "-c",
          "true",
          "# no comment",
          "a fairly long argument, so that the row needs lines",
        ],
        environment_variables: { LD_PRELOAD: "/tmp/x.so" },
      },
    ],
    binary_analysis: [],
  });
  assertEquals(
    fixtureText(recording, {
      case: "a kworker: imitated",
      comments: ["Recorded."],
      processKeys: false,
    }),
    `# Recorded.
case: "a kworker: imitated"
platform: linux
at: 2026-01-01T00:00:00Z
tables:
  processes:
    - { pid: 1, ppid: 0, name: systemd, start_time: 2025-12-31T23:59:55Z }
    - pid: 4100
      name: kworker/0:1
      executable_path: /dev/shm/x
      arguments:
        - /dev/shm/x
        - "-c"
        - "true"
        - "# no comment"
        - "a fairly long argument, so that the row needs lines"
      start_time: 2025-12-31T23:59:58.766Z
      environment_variables: { LD_PRELOAD: /tmp/x.so }
  binary_analysis: []
expect:
  alerts: []
`,
  );
});

Deno.test("makeFixture() writes denied columns and unavailable tables as such", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const reads = [{ table: "processes", columns: ["environment_variables", "name", "pid"] }];
  const compiled = detectionOf(
    "SELECT pid, name FROM processes WHERE name = 'x' OR environment_variables ->> '$.A' = 'b'",
  );
  const options = { compiled, catalogue: CATALOGUE, sandbox, reads, case: "denied", shrink: false };
  const recording = recordingOf({ processes: [] });
  const rows = [
    rowOf({ pid: 1, name: "x" }, { environment_variables: "denied" }),
    rowOf({ pid: 2, name: "y", environment_variables: { A: "c" } }),
  ];
  const table = { ...recording.tables.get("processes")!, rows };
  const partly = await makeFixture(
    { ...recording, tables: new Map([["processes", table]]) },
    options,
  );
  assertStringIncludes(
    partly.text,
    "denied: [processes.environment_variables]\nexpect:\n  alerts:\n    - { pid: 1, name: x }",
  );
  assertEquals(partly.warnings, [
    "processes.environment_variables has no value in 1 of 2 rows: denied",
  ]);

  const outcome = { status: "unavailable", reason: "the collector is down" } as const;
  const blind = await makeFixture(
    { ...recording, tables: new Map([["processes", { ...table, rows: [], outcome }]]) },
    options,
  );
  assertStringIncludes(blind.text, 'processes: { unavailable: "the collector is down" }');
  assertStringIncludes(blind.text, "expect:\n  verdict: not_evaluated\n");
});

Deno.test("makeFixture() warns where the detection does not see after redaction what it saw before", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const compiled = detectionOf("SELECT pid, name FROM processes WHERE length(user_name) = 5");
  const reads = compiled.tables;
  const recording = recordingOf({ processes: [{ pid: 1, name: "x", user_name: "alice" }] });
  const options = { compiled, catalogue: CATALOGUE, sandbox, reads, case: "length", shrink: false };
  const { warnings, alerts } = await makeFixture(recording, {
    ...options,
    redaction: { seed: "seed" },
  });
  assertEquals([alerts, warnings], [0, [
    "the detection sees other values after redaction: 0 rows and 0 alerts instead of 1 rows and 1 alerts",
  ]]);
  assertEquals((await makeFixture(recording, options)).alerts, 1);
});
