import { assert, assertEquals } from "@std/assert";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { parseFixture } from "../../testing/fixture.ts";
import { type FixtureUpdate, updateFixture } from "../../testing/update.ts";
import { detectionOf } from "./support.ts";
import { withSandbox } from "./suite_support.ts";

const SHM = detectionOf(
  "SELECT pid, name, start_time, executable_path FROM processes WHERE executable_path LIKE '/dev/shm/%'",
  'alert: { title: "{{name}} runs from shared memory" }',
);

async function update(
  sandbox: Sandbox,
  text: string,
  compiled = SHM,
): Promise<FixtureUpdate> {
  const path = "fixtures/test/case.yaml";
  const { fixture, diagnostics } = parseFixture(text, path, CATALOGUE);
  assert(fixture, Deno.inspect(diagnostics));
  return await updateFixture({ compiled, fixture, path, text }, CATALOGUE, sandbox);
}

async function updated(...args: Parameters<typeof update>): Promise<string> {
  const one = await update(...args);
  assert(one.status === "updated", Deno.inspect(one));
  return one.text;
}

const TABLES = `# What a miner did.
case:   x    # odd layout
tables:
  processes:
    - { pid: 1, name: x, executable_path: /dev/shm/x, start_time: -5m }
    - { pid: 2, name: "y", executable_path: /dev/shm/y }   # y
`;

Deno.test("updateFixture() changes the values that differ, and nothing else of the file", () =>
  withSandbox(async (sandbox) => {
    const text = (first: string, title: string, extra: string) =>
      `${TABLES}expect:   # here
  # both
  alerts:
    # the first
    - pid: ${first}   # one
      $title: "${title} runs from shared memory"

    - { pid: 2,   name: "y"}${extra}
  verdict: match
`;
    assertEquals(
      await updated(sandbox, text("7", "z", "\n    - { pid: 9 }   # gone")),
      text("1", "x", ""),
    );
  }));

Deno.test("updateFixture() adds entries like those that there are", () =>
  withSandbox(async (sandbox) => {
    assertEquals(
      await updated(sandbox, `${TABLES}expect: { alerts: [{ start_time: -5m, name: x }] }\n`),
      `${TABLES}expect: { alerts: [{ start_time: -5m, name: x }, { start_time: null, name: "y" }] }\n`,
    );
    assertEquals(
      await updated(sandbox, `${TABLES}expect:\n  alerts:\n    - { pid: 1 }\n  verdict: match`),
      `${TABLES}expect:\n  alerts:\n    - { pid: 1 }\n    - { pid: 2 }\n  verdict: match`,
    );
    assertEquals(
      await updated(sandbox, `${TABLES}expect:\n  alerts:\n    - { pid: 1 }`),
      `${TABLES}expect:\n  alerts:\n    - { pid: 1 }\n    - { pid: 2 }\n`,
    );
  }));

Deno.test("updateFixture() says of new entries what tells alerts apart, on several lines where one is too short", () =>
  withSandbox(async (sandbox) => {
    assertEquals(
      await updated(sandbox, `${TABLES}expect:\n  alerts: []\n`),
      `${TABLES}expect:
  alerts:
    - { pid: 1, name: x, start_time: 2025-12-31T23:55:00Z, executable_path: /dev/shm/x }
    - { pid: 2, name: "y", executable_path: /dev/shm/y }
`,
    );
  }));

Deno.test("updateFixture() removes what does not come, and says where no alert is left", () =>
  withSandbox(async (sandbox) => {
    const none = TABLES.replaceAll("/dev/shm", "/usr/bin");
    for (
      const [before, after] of [
        ["expect: { alerts: [{ pid: 1 }] }\n", "expect: { alerts: [] }\n"],
        [
          "expect:\n  alerts:\n    # one\n    - { pid: 1 }\n    - pid: 2\n      name: x\n",
          "expect:\n  alerts: []\n    # one\n",
        ],
      ]
    ) {
      assertEquals(await update(sandbox, none + before), {
        status: "updated",
        text: none + after,
        silenced: true,
      });
    }
    const one = await update(
      sandbox,
      `${TABLES}expect:
  alerts: [
    { pid: 3 },   # three
    { pid: 1 },
    { pid: 4 },
    { pid: 2 }, { pid: 5 },
  ]
`,
    );
    assertEquals(one, {
      status: "updated",
      text: `${TABLES}expect:
  alerts: [
    { pid: 1 },
    { pid: 2 },
  ]
`,
      silenced: false,
    });
  }));

Deno.test("updateFixture() updates each step, rows and verdicts among them", () =>
  withSandbox(async (sandbox) => {
    const compiled = detectionOf(
      "SELECT name, pid FROM processes",
      "mode: differential\nidentity: [name]\nemit: [added, removed]",
    );
    const text = (first: string, second: string, third: string) =>
      `case: steps
steps:
  - tables: { processes: [{ pid: 1, name: a }] }
    expect: ${first}
  - at: 2026-01-01T00:01:00Z
    tables: { processes: [{ pid: 2, name: b }] }
    repeat: { count: 1, every: 1m }
    expect: ${second}
  - at: 2026-01-01T00:02:00Z
    expect: ${third}
`;
    assertEquals(
      await updated(
        sandbox,
        text(
          "{ alerts: [], rows: [], verdict: match }",
          "{ alerts: [{ name: b, $change: removed }] }",
          "{ alerts: [{ name: a, $change: removed }] }",
        ),
        compiled,
      ),
      text(
        "{ alerts: [], rows: [{ name: a, pid: 1 }], verdict: no_match }",
        "{ alerts: [{ name: b, $change: added }, { name: a, $change: removed }] }",
        "{ alerts: [] }",
      ),
    );
  }));

Deno.test("updateFixture() leaves alone what expecting something else would not mend", () =>
  withSandbox(async (sandbox) => {
    const reason = async (text: string) => {
      const one = await update(sandbox, `case: x\n${text}`);
      return one.status === "left" ? one.reason : "";
    };
    const row = "{ pid: 1, name: x, executable_path: /dev/shm/x }";
    assertEquals(
      await reason(`tables: { processes: { unavailable: gone } }
expect: { alerts: [{ pid: 1 }], verdict: match }`),
      "it fails by more than what it expects",
    );
    assertEquals(
      await reason(`tables: { processes: [${row}] }\nexpect: { alerts: [{ pidd: 1 }] }`),
      "it would still fail: line 3: the result has no column pidd",
    );
    // The first time it alerts, later suppression holds it back.
    assertEquals(
      await reason(`tables: { processes: [${row}] }
repeat: { count: 2, every: 1m }
expect: { alerts: [] }`),
      "it would still fail: step 2 (line 1): line 4: no alert with { pid: 1, name: x, executable_path: /dev/shm/x }; " +
        "its row is a hit, which an alert before it stands for",
    );
  }));
