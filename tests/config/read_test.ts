import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readSettings } from "../../config/mod.ts";

/** The faults of a text, each with its place. */
function faults(text: string, environment: Readonly<Record<string, string>> = {}): string[] {
  const { settings, diagnostics } = readSettings(text, "d.yaml", (name) => environment[name]);
  assertEquals(settings === null, diagnostics.length > 0);
  return diagnostics.map(({ file, line, column, message, hint }) =>
    `${file}:${line}:${column} ${message}${hint ? ` (${hint})` : ""}`
  );
}

Deno.test("readSettings() takes an empty file for a whole one", () => {
  for (const text of ["", "\n", "# nothing\n", "{}"]) {
    const { settings } = readSettings(text, "d.yaml");
    assertEquals(settings, {
      collectors: { fsmond: {}, memory: { values: "hashed" }, yara: { engine: "wasm" } },
      retention: { age: 30 * 86_400_000, count: 2_000, size: 2_000_000_000 },
      audit: { size: 10_000_000, keep: 10 },
      confinement: "preferred",
      schedule: { every: 60_000 },
      budgets: { share: 10 },
      events: { waiting: 64_000_000, together: 4_096 },
      health: {},
    });
  }
});

Deno.test("readSettings() takes the system's yara, and names the engines that there are", () => {
  const { settings } = readSettings(
    "",
    "d.yaml",
    (name) => name === "DAEMONEYE_COLLECTORS_YARA_ENGINE" ? "system" : undefined,
  );
  assertEquals(settings?.collectors.yara.engine, "system");
  assertEquals(faults("collectors: { yara: { engine: native } }"), [
    'd.yaml:1:31 `collectors.yara.engine`: "native" is not one of wasm, system',
  ]);
});

Deno.test("readSettings() reads durations, sizes and sinks", () => {
  const { settings } = readSettings(
    "state: /s.kv\nretention: { age: 2h }\nschedule: { every: 5m, splay: 30s }\n" +
      "events: { waiting: 1MB }\nsinks:\n  - { type: stdout }\n  - { type: file, path: /a.jsonl }\n",
    "d.yaml",
  );
  assertEquals(settings?.retention.age, 7_200_000);
  assertEquals(settings?.schedule, { every: 300_000, splay: 30_000 });
  assertEquals(settings?.events.waiting, 1_000_000);
  assertEquals(settings?.sinks?.map(({ type }) => type), ["stdout", "file"]);
});

Deno.test("readSettings() finds every fault, with its place and what to write", () => {
  assertEquals(faults("retention: { age: 30d, cuont: 3 }\nstat: x\n"), [
    "d.yaml:1:24 there is no key `retention.cuont` (did you mean `count`?)",
    "d.yaml:2:1 there is no key `stat` (did you mean `state`?)",
  ]);
  assertEquals(
    faults(
      "confinement: of\nschedule: 5m\nevents:\n  together: many\nretention:\n  age: 30\n  count: 0\nstate: 5\n",
    ),
    [
      'd.yaml:1:14 `confinement`: "of" is not one of required, preferred, off (did you mean `off`?)',
      "d.yaml:2:11 `schedule`: it takes a mapping",
      "d.yaml:4:13 `events.together`: it takes a number",
      "d.yaml:6:8 `retention.age`: a duration such as 500ms, 10s or 7d",
      "d.yaml:7:10 `retention.count`: it takes at least 1",
      "d.yaml:8:8 `state`: it takes text",
    ],
  );
  assertEquals(
    faults("sinks:\n  - { type: fil, path: /x }\n  - { type: file, pth: /x }\n  - { path: /x }\n"),
    [
      'd.yaml:2:13 `sinks.0.type`: "fil" is not one of stdout, file, syslog, webhook (did you mean `file`?)',
      "d.yaml:3:5 the key `sinks.1.path` is missing",
      "d.yaml:3:19 there is no key `sinks.1.pth` (did you mean `path`?)",
      "d.yaml:4:5 the key `sinks.2.type` is missing (stdout, file, syslog, webhook)",
    ],
  );
  assertEquals(faults("- a\n"), ["d.yaml:1:1 it is not a mapping (key: value, a line each)"]);
  assertEquals(faults("state: [\n").length > 0, true);
  assertEquals(faults("state: a\nstate: b\n"), ["d.yaml:2:1 this key stands twice"]);
});

Deno.test("readSettings() lets environment variables go before the file, and finds their faults in them", () => {
  const environment = {
    DAEMONEYE_RETENTION_AGE: "1h",
    DAEMONEYE_DETECTIONS: "[/a, /b]",
    DAEMONEYE_SINKS: "[{ type: stdout }]",
    DAEMONEYE_CONFINEMENT: "",
  };
  const { settings, variables } = readSettings(
    "retention: { age: 2h, count: 5 }\ndetections: [/c]\n",
    "d.yaml",
    (name) => environment[name as keyof typeof environment],
  );
  assertEquals(settings?.retention, { age: 3_600_000, count: 5, size: 2_000_000_000 });
  assertEquals(settings?.detections, ["/a", "/b"]);
  assertEquals(settings?.sinks?.length, 1);
  assertEquals(settings?.confinement, "preferred");
  assertEquals(variables, ["DAEMONEYE_DETECTIONS", "DAEMONEYE_SINKS", "DAEMONEYE_RETENTION_AGE"]);
  assertEquals(faults("stat: x\n", { DAEMONEYE_RETENTION_COUNT: "many" }), [
    "d.yaml:1:1 there is no key `stat` (did you mean `state`?)",
    "$DAEMONEYE_RETENTION_COUNT:1:1 `retention.count`: it takes a number",
  ]);
});

Deno.test("readSettings() bears any text", () => {
  for (
    const text of ["[".repeat(5_000), "a: &x 1\nb: *x", "\0", "? [a]\n: b", "x".repeat(300_000)]
  ) {
    const { settings, diagnostics } = readSettings(text, "d.yaml");
    assert(settings === null && diagnostics.length > 0, text.slice(0, 20));
  }
  const long = readSettings("x".repeat(300_000), "d.yaml").diagnostics[0]!;
  assertStringIncludes(long.message, "longer than");
});
