import { assertEquals, assertMatch } from "@std/assert";
import { repository } from "./repository.ts";
import { runCli } from "./run_cli.ts";

/** A repository whose detection has an exception, with a case that fires and one that the exception is for. */
function withException(exception: string) {
  const process = (name: string) =>
    `case: ${name} in shared memory
tables:
  processes:
    - { pid: 4100, start_time: -1m, name: ${name}, executable_path: /dev/shm/${name} }
`;
  return repository({
    "detections/shared_memory.sql": `---
id: 5a2f1c3e-8b7d-4e6f-9a01-2b3c4d5e6f70
title: Program started from shared memory
description: Software is not installed in /dev/shm.
status: experimental
severity: medium
platforms: [linux]
exceptions:
  - { id: backup, reason: Runs nightly, owner: operations, ${exception} }
---
SELECT pid, process_key, name, executable_path
FROM processes
WHERE executable_path GLOB '/dev/shm/*'
`,
    "fixtures/shared_memory/miner.yaml": `${process("xmrig")}expect: { alerts: [{ pid: 4100 }] }\n`,
    "fixtures/shared_memory/nightly.yaml": `${process("rsync")}expect: { alerts: [] }\n`,
  });
}

/** What `lint` and `test` print of such a repository, and how they end. */
async function checked(exception: string) {
  await using folder = await withException(exception);
  const lint = await runCli(["lint", "--fail-on", "info", folder.path]);
  const test = await runCli(["test", folder.path]);
  return { lint, test };
}

Deno.test("an exception that its fixture proves passes lint and test", async () => {
  const { lint, test } = await checked(`when: "name = 'rsync'", fixture: nightly`);
  assertEquals([lint.code, test.code], [0, 0], lint.stdout + test.stdout);
});

Deno.test("lint fails where an exception names no fixture", async () => {
  const { lint } = await checked(`when: "name = 'rsync'"`);
  assertEquals(lint.code, 1);
  assertMatch(
    lint.stdout,
    /^error\[exception-fixture\]: the exception `backup` has no `fixture`\n.*:9:11\n/,
  );
});

Deno.test("lint and test fail where the fixture of an exception does not exist", async () => {
  const { lint, test } = await checked(`when: "name = 'rsync'", fixture: nightyl`);
  assertEquals([lint.code, test.code], [1, 1]);
  assertMatch(lint.stdout, /^error\[exception-fixture\]: there is no fixture case `nightyl`\n/);
  assertMatch(lint.stdout, /hint: did you mean `nightly`\?/);
  assertMatch(test.stdout, /the exception `backup` names `nightyl`, which is no fixture case/);
});

Deno.test("lint fails where an exception has expired, and says whom to ask", async () => {
  const { lint } = await checked(
    `when: "name = 'rsync'", fixture: nightly, expires: 2026-01-31`,
  );
  assertEquals(lint.code, 1);
  assertMatch(
    lint.stdout,
    /^error\[expired-exception\]: the exception `backup` expired on 2026-01-31\n/,
  );
  assertMatch(lint.stdout, /hint: remove it, or agree on another date with operations/);
});

Deno.test("test fails where an exception hides a case that fires, and where its own case needs none", async () => {
  const broad = await checked(`when: "name LIKE '%r%'", fixture: nightly`);
  assertEquals([broad.lint.code, broad.test.code], [0, 1]);
  assertMatch(
    broad.test.stdout,
    /FAILED shared_memory: xmrig in shared memory\n[^]*the exception `backup` hides its row/,
  );
  const idle = await checked(`when: "name = 'scp'", fixture: nightly`);
  assertEquals(idle.test.code, 1);
  assertMatch(
    idle.test.stdout,
    /the exception `backup` names this case, which comes to the same without it/,
  );
});
