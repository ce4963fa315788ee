import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { setColorEnabled, stripAnsiCode } from "@std/fmt/colors";
import type { Alert } from "../../model/alert.ts";
import { createStdoutSink, renderAlert, type StdoutFormat } from "../../sinks/mod.ts";

setColorEnabled(false);

const ALERT: Alert = {
  kind: "alert",
  id: "6dd8d5b0-6a0f-4a51-8a3c-3f1f62f7a4b1",
  alert_time: Date.UTC(2026, 10, 22, 10, 0, 0, 250),
  rule_id: "3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11",
  rule_version: "1.0.0",
  title: "Program started from memory-backed storage",
  description: "A description",
  severity: "high",
  tags: ["attack.execution"],
  host: "web-1",
  scan_id: 3,
  affected_processes: [4100],
  process_count: 1,
  alert_data: {
    pid: 4100,
    executable_path: "/dev/shm/x",
    user_name: null,
    arguments: ["x", "-d"],
  },
  rule_execution_time_ms: 1.5,
  dedupe_key: "key",
  suppressed_count: 3,
  evidence: [{ scan_id: 3, table: "processes", key: { pid: 4100 } }],
};

function sent(format: StdoutFormat, ...alerts: readonly Alert[]): string {
  let out = "";
  const sink = createStdoutSink({ format, write: (text) => out += text });
  for (const alert of alerts) sink.send(alert);
  return out;
}

Deno.test("text shows what a person wants to know first", () => {
  assertEquals(
    sent("text", ALERT),
    [
      "HIGH Program started from memory-backed storage",
      "  2026-11-22T10:00:00.250Z  web-1  3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11  attack.execution",
      "  alert 6dd8d5b0-6a0f-4a51-8a3c-3f1f62f7a4b1",
      "  and 3 more of the same",
      "  pid              4100",
      "  executable_path  /dev/shm/x",
      '  arguments        ["x","-d"]',
      "",
      "",
    ].join("\n"),
  );
  const once = sent("text", { ...ALERT, suppressed_count: 0, alert_data: {} });
  assertEquals(once.split("\n").length, 5);
});

// With NO_COLOR in the environment colours cannot be switched on at all.
Deno.test("text is coloured only when colours are switched on", { ignore: Deno.noColor }, () => {
  assert(!sent("text", ALERT).includes("\x1b"));
  try {
    setColorEnabled(true);
    const coloured = sent("text", ALERT);
    assertStringIncludes(coloured, "\x1b[");
    assertEquals(stripAnsiCode(coloured).split("\n")[0], `HIGH ${ALERT.title}`);
    assert(coloured !== sent("text", { ...ALERT, severity: "low" }).replace("LOW", "HIGH"));
    assert(!(sent("json", ALERT) + sent("csv", ALERT)).includes("\x1b"));
  } finally {
    setColorEnabled(false);
  }
});

Deno.test("text cuts long values and says how long they are", () => {
  const text = sent("text", { ...ALERT, alert_data: { command_line: "x".repeat(2_000_000) } });
  assertStringIncludes(text, "x… (2000000 characters)");
  assert(text.length < 1000);
});

Deno.test("json is the alert itself, one a line", () => {
  const lines = sent("json", ALERT, { ...ALERT, title: "second\nline" }).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line)), [ALERT, { ...ALERT, title: "second\nline" }]);
});

Deno.test("csv has one header and a record a line", () => {
  const lines = sent("csv", ALERT, ALERT).split("\r\n");
  assertEquals(lines.length, 4);
  assertEquals(
    lines[0],
    "id,alert_time,severity,title,rule_id,host,scan_id,affected_processes,suppressed_count,alert_data",
  );
  assertEquals(
    lines[1],
    "6dd8d5b0-6a0f-4a51-8a3c-3f1f62f7a4b1,1795341600250,high," +
      "Program started from memory-backed storage,3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11,web-1,3,[4100],3," +
      '"{""pid"":4100,""executable_path"":""/dev/shm/x"",""user_name"":null,""arguments"":[""x"",""-d""]}"',
  );
  assertEquals(lines[2], lines[1]);
});

const ATTACKS = [
  "\x1b]52;c;cm0gLXJm\x07",
  "\x1b]0;title\x07",
  "\x1b[2J\x1b[1;1H",
  "\x9b31m\x9d0;x\x9c",
  "evil\b\b\b\bgood\r",
  "cod\u202etxt.exe\u2066\u2069",
  "ba\u200bsh",
  "a\u2028b\u2029c\x85d",
  "x\n\nCRITICAL A second alert that is not one\n  2026-11-22T10:00:00.000Z  web-1",
  '{"kind":"alert"}\n{"kind":"alert"}',
  'a"\r\nid,"=1+1',
];

for (const format of ["text", "json", "csv"] as const) {
  Deno.test(`${format} shows hostile host data without obeying it`, () => {
    const lines = (text: string) => text.split(/\r?\n/).length;
    for (const attack of ATTACKS) {
      const hostile: Alert = {
        ...ALERT,
        title: attack,
        host: attack,
        rule_id: attack,
        tags: [attack],
        alert_data: { pid: 1, executable_path: attack, [attack]: attack, nested: [attack] },
      };
      const plain: Alert = {
        ...hostile,
        title: "x",
        host: "x",
        rule_id: "x",
        tags: ["x"],
        alert_data: { pid: 1, executable_path: "x", x: "x", nested: ["x"] },
      };
      const out = sent(format, hostile);
      const active = /(?![\r\n])\p{Cc}|[\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u;
      assertNotMatch(out, active);
      assertEquals(lines(out), lines(sent(format, plain)), attack);
      assert(!/(^|[^\n])\r([^\n]|$)/.test(out), "no carriage return but at the end of a line");
      if (format === "json") assertEquals(JSON.parse(out), hostile);
    }
  });
}

Deno.test("csv never begins a cell with a formula", () => {
  for (const formula of ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]) {
    const line = sent("csv", { ...ALERT, title: formula, host: formula }).split("\r\n")[1]!;
    assertNotMatch(line, /(^|,)"?\s*[=+@\t\r]/);
    assertNotMatch(line, /(^|,)"?\s*-/);
  }
});

Deno.test("a standard output sink is healthy, and each has a header of its own", async () => {
  const sink = createStdoutSink({ format: "csv", write: () => {} });
  assertEquals(sink.name, "stdout");
  assertEquals(await sink.healthCheck(), { healthy: true });
  const render = renderAlert("csv");
  assert(render(ALERT).startsWith("id,"));
  assert(!render(ALERT).startsWith("id,"));
  assert(renderAlert("csv")(ALERT).startsWith("id,"));
});
