import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { runCli, temporaryFolder } from "./run_cli.ts";

const detection = (number: number, sql: string) =>
  `---
id: 00000000-0000-4000-8000-00000000000${number}
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
---
${sql}
`;

const FILES: Readonly<Record<string, string>> = {
  "detections/shells.sql": detection(
    1,
    "SELECT pid, name FROM processes\nWHERE name = 'sh' AND user_id >= 1000",
  ),
  "detections/tools.sql": detection(2, "SELECT pid FROM processes WHERE name = 'nc'"),
  "detections/alone.sql": detection(3, "SELECT pid FROM processes WHERE name = 'id'"),
  "fixtures/shells/fires.yaml": `case: a user's shell
tables: { processes: [{ pid: 1, name: sh, user_id: 1000 }] }
expect: { alerts: [{ pid: 1 }] }
`,
  "fixtures/shells/wrong.yaml": `# Of a service.
case: a service's shell
tables: { processes: [{ pid: 2, name: sh, user_id: 33 }] }
expect: { alerts: [{ pid: 2 }] }   # no
`,
  "fixtures/tools/typo.yaml": "case: typo\ntables: { procesess: [] }\nexpect: { alerts: [] }\n",
};

async function repository(files = FILES) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  return folder;
}

Deno.test("test shows the row that was expected, the nearest one, and the predicate that failed", async () => {
  await using folder = await repository();
  const { code, stdout, stderr } = await runCli(["test", "."], { cwd: folder.path });
  assertEquals([code, stderr], [1, ""]);
  assertEquals(
    stdout,
    `FAILED shells: a service's shell
  fixtures/shells/wrong.yaml
    line 4: no alert with { pid: 2 }
      nearest row: { pid: 2, name: sh }
      fails at \`user_id >= 1000\` (user_id is 33)

FAILED tools: fixtures/tools/typo.yaml
  fixtures/tools/typo.yaml
    fixtures/tools/typo.yaml:2:11: there is no table procesess (did you mean processes?)

without fixtures: alone
failed: 2 detections
1 passed, 2 failed
`,
  );
});

Deno.test("test --format json and junit tell failures, errors and untested detections apart", async () => {
  await using folder = await repository();
  const json = await runCli(["test", ".", "--format", "json"], { cwd: folder.path });
  assertEquals(json.code, 1);
  const { cases, ...counts } = JSON.parse(json.stdout);
  assertEquals(counts, { passed: 1, failed: 2, not_evaluated: 1, untested: ["alone"] });
  assertEquals(
    // deno-lint-ignore no-explicit-any
    cases.map((one: any) => [one.detection, one.case, one.passed, one.verdict, one.unplayable]),
    [
      ["shells", "a user's shell", true, "match", undefined],
      ["shells", "a service's shell", false, "no_match", undefined],
      ["tools", "fixtures/tools/typo.yaml", false, "not_evaluated", true],
    ],
  );
  const junit = await runCli(["test", ".", "--format", "junit"], { cwd: folder.path });
  assertMatch(junit.stdout, /<testsuites tests="4" failures="1" errors="1" time="[\d.]+">/);
  assertStringIncludes(junit.stdout, '<skipped message="the detection has no fixtures"/>');
  assertStringIncludes(junit.stderr, "FAILED shells: a service's shell");
});

Deno.test("test --filter runs cases by the name of their detection or their own", async () => {
  await using folder = await repository();
  const run = (filter: string) => runCli(["test", ".", "--filter", filter], { cwd: folder.path });
  assertMatch((await run("a USER's")).stdout, /^ok: 1 detection\n1 passed, 0 failed\n$/);
  assertMatch((await run("shells")).stdout, /failed: 1 detection\n1 passed, 1 failed\n$/);
  const { code, stderr } = await run("nothing of it");
  assertEquals(code, 3);
  assertMatch(stderr, /none of 3 cases has "nothing of it" in its name or its detection's/);
});

Deno.test("test --update makes failing fixtures expect what comes, and shows what changes", async () => {
  await using folder = await repository();
  const env = { CI: "" };
  const { code, stdout } = await runCli(["test", ".", "--update"], { cwd: folder.path, env });
  assertEquals(code, 1);
  assertEquals(
    stdout,
    `updated fixtures/shells/wrong.yaml (it expects no alert any more)
  case: a service's shell
  tables: { processes: [{ pid: 2, name: sh, user_id: 33 }] }
- expect: { alerts: [{ pid: 2 }] }   # no
+ expect: { alerts: [] }   # no

not updated fixtures/tools/typo.yaml: it cannot be read
FAILED tools: fixtures/tools/typo.yaml
  fixtures/tools/typo.yaml
    fixtures/tools/typo.yaml:2:11: there is no table procesess (did you mean processes?)

without fixtures: alone
failed: 2 detections
2 passed, 1 failed
`,
  );
  for (const [name, text] of Object.entries(FILES)) {
    const wanted = name.endsWith("wrong.yaml") ? text.replace("{ pid: 2 }] }", "] }") : text;
    assertEquals(await Deno.readTextFile(join(folder.path, name)), wanted);
  }
});

Deno.test("test --update refuses to work where nobody reads what changes", async () => {
  await using folder = await repository();
  for (const [words, env] of [[[], { CI: "true" }], [["--format", "json"], { CI: "" }]] as const) {
    const options = { cwd: folder.path, env };
    const { code, stdout, stderr } = await runCli(["test", ".", "--update", ...words], options);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /--update is for /);
  }
  const text = await Deno.readTextFile(join(folder.path, "fixtures/shells/wrong.yaml"));
  assertEquals(text, FILES["fixtures/shells/wrong.yaml"]);
});

Deno.test("test says where there is nothing to run", async () => {
  await using folder = await repository({ "detections/a.sql": FILES["detections/alone.sql"]! });
  const { code, stderr } = await runCli(["test", "."], { cwd: folder.path });
  assertEquals(code, 3);
  assertMatch(stderr, /there is no fixture to run/);
  assert(!stderr.includes(".ts:"));
});
