import { assert, assertEquals } from "@std/assert";
import { FIELDS } from "../../../compiler/front_matter/fields.ts";
import { frontMatterJsonSchema, parseDetection } from "../../../compiler/mod.ts";

const YAML = `id: 3F0D6A0E-5a0c-4a52-9d0e-6f6f3a6d1c11
title: A title
description: >
  Folded
  text
status: test
severity: high
platforms: [linux, macos]
`;

function file(more = "", yaml = YAML): string {
  return `---\n${yaml}${more}---\n\nSELECT 1 AS one -- the end\n`;
}

function meta(more: string) {
  const { detection, diagnostics } = parseDetection(file(more), "detections/a/rule.sql");
  assertEquals(diagnostics, []);
  return detection!.meta;
}

Deno.test("parseDetection() fills in every default", () => {
  assertEquals(meta(""), {
    id: "3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11",
    title: "A title",
    description: "Folded text\n",
    status: "test",
    severity: "high",
    platforms: ["linux", "macos"],
    version: "1.0.0",
    author: [],
    references: [],
    falsepositives: [],
    packs: [],
    tags: [],
    mode: "snapshot",
    emit: ["added"],
    baseline: "silent",
    schedule: { every: 60_000, timeout: 30_000 },
    suppression: { for: 3_600_000 },
    alert: {},
    exceptions: [],
    resources: { yara: [], indicators: [] },
    enabled: true,
    extra: {},
  });
});

Deno.test("parseDetection() reads every kind of value", () => {
  const read = meta(`date: 2026-02-28
lookback: 30d
schedule: { cron: "0 3 * * 1-5", splay: 90s, timeout: 10s }
threshold: { by: [pid], count: 5, within: 10m, count_distinct: name }
suppression: { for: 1h }
exceptions: [{ id: a, when: "pid = 1", reason: r, expires: 2027-01-01 }]
resources: { yara: [rules/a.yar] }
enabled: false
x-mine: { nested: [1, true] }
`);
  assertEquals(read.date, "2026-02-28");
  assertEquals(read.lookback, 30 * 86_400_000);
  assertEquals(read.schedule, { cron: "0 3 * * 1-5", splay: 90_000, timeout: 10_000 });
  assertEquals(read.threshold, { by: ["pid"], count: 5, within: 600_000, count_distinct: "name" });
  assertEquals(read.suppression, { for: 3_600_000 });
  assertEquals(read.exceptions, [{ id: "a", when: "pid = 1", reason: "r", expires: "2027-01-01" }]);
  assertEquals(read.resources, { yara: ["rules/a.yar"], indicators: [] });
  assertEquals(read.enabled, false);
  assertEquals(read.extra, { "x-mine": { nested: [1, true] } });
});

Deno.test("parseDetection() reads a schedule without a period as the usual one", () => {
  assertEquals(meta("schedule: { timeout: 5s }\n").schedule, { every: 60_000, timeout: 5000 });
});

Deno.test("parseDetection() keeps where each value and the SQL stand", () => {
  const text = file("suppression: { by: [pid, name], for: 2h }\n");
  const { detection } = parseDetection(text, "detections/a/rule.sql");
  const at = (path: string) => {
    const { start, end } = detection!.spans.get(path)!;
    return text.slice(start, end);
  };
  assertEquals(at("title"), "A title");
  assertEquals(at("title:key"), "title");
  assertEquals(at("suppression.by.1"), "name");
  assertEquals(at("suppression.for:key"), "for");
  assertEquals(detection!.name, "rule");
  assertEquals(detection!.sql, "SELECT 1 AS one -- the end");
  assertEquals(text.slice(detection!.sqlStart), "SELECT 1 AS one -- the end\n");
});

Deno.test("front-matter in comments, CRLF and a byte order mark change nothing but places", () => {
  const plain = parseDetection(file(), "a.sql").detection!;
  const commented = file().replace(/---\n\n/, "---\n").split("\n")
    .map((line, index) => index < 10 ? `-- ${line}`.trimEnd() : line).join("\n");
  const variants = [
    file().replaceAll("\n", "\r\n"),
    `\ufeff${file()}`,
    commented,
    `\ufeff${commented.replaceAll("\n", "\r\n")}`,
    `\n\n${file()}`,
  ];
  for (const text of variants) {
    const { detection, diagnostics } = parseDetection(text, "a.sql");
    assertEquals(diagnostics, [], text);
    assertEquals(detection!.meta, plain.meta, text);
    assertEquals(detection!.sql, plain.sql, text);
    const { start, end } = detection!.spans.get("title")!;
    assertEquals(text.slice(start, end), "A title", text);
  }
});

Deno.test("hostile YAML is a diagnostic, never an exception", () => {
  const bombs = [
    "[".repeat(30_000),
    `a: ${"{b: ".repeat(20_000)}`,
    "x-a: &a [1]\nx-b: [*a, *a]\n",
    "? [complex, key]\n: value\n",
    "\u0000: 1\n",
    "- ".repeat(20_000),
    "x: !!js/function 'f'\n",
    "a: |\n ".repeat(100),
    "x".repeat(100_000),
    "__proto__: { a: 1 }\nconstructor: 1\ntoString: 2\n",
  ];
  for (const bomb of bombs) {
    const { detection, diagnostics } = parseDetection(`---\n${bomb}\n---\nSELECT 1`, "a.sql");
    assertEquals(detection, null);
    assert(diagnostics.length > 0, bomb.slice(0, 40));
  }
});

Deno.test("frontMatterJsonSchema() says what the table of fields says", () => {
  const schema = frontMatterJsonSchema() as {
    properties: Record<string, Record<string, unknown>>;
    required: string[];
    patternProperties: unknown;
  };
  assertEquals(Object.keys(schema.properties), Object.keys(FIELDS));
  assertEquals(schema.required, ["id", "title", "description", "status", "severity", "platforms"]);
  assertEquals(schema.properties["severity"]!["enum"], [
    "informational",
    "low",
    "medium",
    "high",
    "critical",
  ]);
  assertEquals(schema.properties["threshold"]!["required"], ["by", "count", "within"]);
  assertEquals(schema.patternProperties, { "^x-": true });
});

Deno.test("parseDetection() refuses cron expressions that never come true", () => {
  const faults = (cron: string) =>
    parseDetection(
      `---\nid: 00000000-0000-4000-8000-000000000001\ntitle: A\ndescription: A\nstatus: test\n` +
        `severity: low\nplatforms: [linux]\nschedule: { cron: "${cron}" }\n---\nSELECT 1`,
      "x.sql",
    ).diagnostics.map(({ line, message }) => `${line}: ${message}`);
  assertEquals(faults("*/5 0 1 * 1-5"), []);
  assertEquals(faults("0 0 30 2 *"), ['8: `schedule.cron`: "0 0 30 2 *" never comes true']);
  assertEquals(faults("99 * * * *"), [
    '8: `schedule.cron`: "99 * * * *": Invalid value for minute: 99',
  ]);
  assertEquals(faults("hourly").length, 1);
});
