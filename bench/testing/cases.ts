/**
 * Makes a repository of 50 detections with 20 cases each, of every kind of evaluation, and runs them with `daemoneye test`,
 * three times; prints times. Run it with `deno task bench:test [CASES]`.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const CASES = Number(Deno.args[0] ?? 1_000);
const DETECTIONS = Math.ceil(CASES / 20);
const RUNS = 3;

/** What a detection asks for, and a case of it. */
interface Kind {
  readonly rule: string;
  readonly sql: string;
  readonly fixture: (n: number) => string;
}

const processes = (n: number, rows = 5) =>
  Array.from(
    { length: rows },
    (_, row) =>
      `      - { pid: ${
        4000 + row
      }, ppid: 1, name: tool${row}, executable_path: /tmp/.x${n}/tool${row}, ` +
      `command_line: "tool${row} --pool stratum+tcp://pool${n}.example:3333 -u wallet", user_id: 1000, start_time: 2025-12-31T23:00:00Z }`,
  )
    .join("\n");

const step = (minute: number, rows: string, expect: string) =>
  `  - at: 2026-01-01T00:0${minute}:00Z\n    tables:\n      processes:\n${
    rows.replaceAll("      - ", "        - ")
  }\n    expect: ${expect}\n`;

const SQL = "SELECT p.pid, p.process_key, p.name, p.executable_path FROM processes p\n" +
  "WHERE p.executable_path GLOB '/tmp/*' AND p.command_line REGEXP '(?i)stratum\\+(tcp|ssl)://' " +
  "AND p.name NOT IN ('make', 'cc1')";

/** Most detections look at one moment. */
const SNAPSHOT: Kind = {
  rule: "",
  sql: SQL,
  fixture: (n) =>
    `tables:\n    processes:\n${processes(n)}\nexpect:\n  alerts: [${
      Array.from({ length: 5 }, (_, row) => `{ pid: ${4000 + row} }`).join(", ")
    }]\n`,
};
const KINDS: readonly Kind[] = [
  SNAPSHOT,
  SNAPSHOT,
  {
    rule: "",
    sql: "SELECT p.pid, p.name, b.entropy FROM processes p\n" +
      "AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path GLOB '/tmp/*'\n" +
      "WHERE b.entropy > 7.2",
    fixture: (n) =>
      `tables:\n    processes:\n${processes(n)}\n    binary_analysis:\n${
        Array.from(
          { length: 5 },
          (_, row) =>
            `      - { pid: ${4000 + row}, file_path: /tmp/.x${n}/tool${row}, entropy: ${
              row < 2 ? 7.9 : 6.1
            } }`,
        ).join("\n")
      }\nexpect: { alerts: [{ pid: 4000 }, { pid: 4001 }] }\n`,
  },
  {
    rule:
      "exceptions: [{ id: known, when: \"name = 'tool0'\", reason: it is known, owner: us }]\n" +
      "suppression: { by: [executable_path], for: 1h }",
    sql: SQL,
    fixture: (n) =>
      `steps:\n${step(0, processes(n, 2), "{ alerts: [{ pid: 4001 }] }")}${
        step(1, processes(n, 3), "{ alerts: [{ pid: 4002 }] }")
      }`,
  },
  {
    rule: "lookback: 10m",
    sql: "SELECT name, count(DISTINCT scan_id) AS scans FROM processes GROUP BY name\n" +
      "HAVING count(DISTINCT scan_id) >= 2",
    fixture: (n) =>
      `steps:\n${step(0, processes(n, 1), "{ alerts: [] }")}${
        step(1, processes(n, 3), "{ alerts: [{ name: tool0, scans: 2 }] }")
      }`,
  },
  {
    rule: "mode: differential\nidentity: [process_key]\nemit: [added, removed]",
    sql: SQL,
    fixture: (n) =>
      `steps:\n${step(0, processes(n, 3), "{ alerts: [] }")}${
        step(1, processes(n, 4), "{ alerts: [{ pid: 4003, $change: added }] }")
      }${step(2, processes(n, 3), "{ alerts: [{ pid: 4003, $change: removed }] }")}`,
  },
  {
    rule: "threshold: { by: [executable_path], count: 2, within: 10m, count_distinct: pid }",
    sql: "SELECT pid, dirname(executable_path) AS executable_path FROM processes",
    fixture: (n) =>
      `steps:\n${step(0, processes(n, 1), "{ alerts: [] }")}${
        step(1, processes(n, 2), "{ alerts: [{ pid: 4001, $count: 2 }] }")
      }`,
  },
  {
    rule: "mode: events",
    sql: "SELECT e.pid, e.name, p.name AS parent FROM process_events e\n" +
      "LEFT JOIN processes p ON p.pid = e.ppid WHERE e.command_line LIKE '%pool%'",
    fixture: (n) =>
      `tables:\n    processes:\n${processes(n, 2)}\nevents:\n${
        ["pool", "other", "pool"].map((word, at) =>
          `  - { table: process_events, row: { pid: ${at}, ppid: 4001, command_line: "a ${word}" } }`
        ).join("\n")
      }\nexpect: { alerts: [{ pid: 0, parent: tool1 }, { pid: 2 }] }\n`,
  },
];

async function makeRepository(folder: string): Promise<void> {
  for (let detection = 0; detection < DETECTIONS; detection++) {
    const kind = KINDS[detection % KINDS.length]!;
    const name = `rule_${detection}`;
    const cases = join(folder, "fixtures", name);
    await Deno.mkdir(cases, { recursive: true });
    await Deno.mkdir(join(folder, "detections"), { recursive: true });
    await Deno.writeTextFile(
      join(folder, "detections", `${name}.sql`),
      `---
id: ${crypto.randomUUID()}
title: Rule ${detection}
description: A detection to be measured with.
status: test
severity: medium
platforms: [linux]
${kind.rule}
---
${kind.sql}
`,
    );
    const count = Math.min(20, CASES - detection * 20);
    for (let n = 0; n < count; n++) {
      await Deno.writeTextFile(
        join(cases, `case_${n}.yaml`),
        `case: case ${n}\nplatform: linux\n${kind.fixture(n)}`,
      );
    }
  }
}

const folder = await Deno.makeTempDir({ prefix: "daemoneye-cases-" });
try {
  await makeRepository(folder);
  const main = fromFileUrl(new URL("../../cli/main.ts", import.meta.url));
  const config = fromFileUrl(new URL("../../deno.json", import.meta.url));
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", `--config=${config}`, main, "test", folder],
      stderr: "inherit",
    }).output();
    const text = new TextDecoder().decode(stdout).trimEnd();
    const seconds = (performance.now() - started) / 1000;
    console.log(`${seconds.toFixed(1)} s: ${text.split("\n").at(-1)}`);
    if (!/ 0 failed$/.test(text)) console.log(text.slice(0, 500));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
