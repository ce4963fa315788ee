import { assert, assertEquals } from "@std/assert";
import { CATALOGUE } from "../../profiles/mod.ts";
import { parseFixture } from "../../testing/fixture.ts";

function parse(text: string) {
  return parseFixture(text, "case.yaml", CATALOGUE);
}

/** The single batch of `processes` of a fixture with one step, as objects. */
function rowsOf(text: string): Record<string, unknown>[] {
  const { fixture, diagnostics } = parse(text);
  assertEquals(diagnostics, []);
  const { columns, values, rows } = fixture!.steps[0]!.tables.get("processes")!.batch;
  return Array.from(
    { length: rows },
    (_, row) => Object.fromEntries(columns.map((name, at) => [name, values[at]![row]])),
  );
}

Deno.test("parseFixture() gives every value the type of its column", () => {
  const [row] = rowsOf(`
case: types
at: 2026-01-01T00:10:00Z
tables:
  processes:
    - { pid: 4100, name: 007, start_time: -5m, executable_deleted: true, cpu_usage: 1.5,
        arguments: [a, "1"], memory_rss: 9007199254740993, executable_path: null }
expect: { alerts: [] }
`);
  assertEquals(row, {
    pid: 4100,
    name: "007",
    start_time: Date.UTC(2026, 0, 1, 0, 5),
    executable_deleted: true,
    cpu_usage: 1.5,
    arguments: '["a","1"]',
    memory_rss: 9007199254740993n,
    executable_path: null,
    process_key: `fixture:4100:${Date.UTC(2026, 0, 1, 0, 5)}`,
  });
});

Deno.test("parseFixture() derives the parent's key where the parent is among the rows", () => {
  const rows = rowsOf(`
case: parents
tables: { processes: [{ pid: 1, start_time: 5 }, { pid: 2, ppid: 1 }, { pid: 3, ppid: 77 }] }
expect: { alerts: [] }
`);
  assertEquals(rows.map((row) => row.parent_key), [null, "fixture:1:5", null]);
});

Deno.test("parseFixture() reports every fault at its line", () => {
  const { fixture, diagnostics } = parse(`case: faults
platform: solaris
tables:
  processs: []
  processes:
    - { pid: one, nmae: x }
expect: { alert: [], verdict: perhaps }
`);
  assertEquals(fixture, null);
  assertEquals(diagnostics.map(({ line, message }) => `${line}: ${message}`), [
    "2: there is no platform solaris",
    "4: there is no table processs",
    "6: processes.pid takes a whole number",
    "6: processes has no column nmae",
    '7: expect has no "alert"',
    "7: there is no verdict perhaps",
  ]);
  assertEquals(diagnostics[1]!.hint, "did you mean processes?");
});

Deno.test("parseFixture() plays a step again at later times", () => {
  const { fixture } = parse(`
case: repeated
steps:
  - tables: { processes: [] }
    expect: { alerts: [] }
  - at: 2026-01-01T01:00:00Z
    repeat: { count: 3, every: 10m }
    expect: { alerts: [] }
`);
  const minutes = fixture!.steps.map(({ at }) => (at - Date.UTC(2026, 0, 1)) / 60_000);
  assertEquals(minutes, [0, 60, 70, 80]);
});

Deno.test("parseFixture() turns a denied column into gaps where no value is given", () => {
  const { fixture } = parse(`
case: denied
tables: { processes: [{ pid: 1, executable_path: /bin/a }, { pid: 2 }] }
denied: [processes.executable_path]
expect: { verdict: not_evaluated }
`);
  assertEquals(fixture!.steps[0]!.tables.get("processes")!.batch.gaps, [
    { column: "executable_path", reason: "denied", rows: [1] },
  ]);
});

Deno.test("parseFixture() turns a denied or unavailable table into an outcome", () => {
  const outcome = (text: string) => parse(text).fixture!.steps[0]!.tables.get("processes")!.outcome;
  assertEquals(outcome("case: a\ndenied: [processes]\nexpect: {}"), {
    status: "unavailable",
    reason: "denied",
  });
  assertEquals(outcome("case: a\ntables: { processes: { unavailable: asleep } }\nexpect: {}"), {
    status: "unavailable",
    reason: "asleep",
  });
});

Deno.test("parseFixture() survives anything that is not a fixture", () => {
  for (
    const text of [
      "",
      "[]",
      "a: [",
      "- 1",
      "case: [x]",
      "steps: 3",
      "\u0000",
      "tables: {processes: [[1]]}",
      "case: &a [*a]",
    ]
  ) {
    const { fixture, diagnostics } = parse(text);
    assertEquals(fixture, null, text);
    assert(diagnostics.length > 0, text);
  }
});
