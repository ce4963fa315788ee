import { assert, assertEquals } from "@std/assert";
import { canConfine, testWith } from "../collectors/support.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const TOKEN = `ghp_${"a1".repeat(18)}`;

/** What a scan with a configuration tells of a token in the memory of a process. */
async function told(pid: number, settings: string): Promise<unknown> {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/daemoneye.yaml`, settings);
  await Deno.writeTextFile(
    `${folder.path}/token.sql`,
    `---
id: 00000000-0000-4000-8000-000000000001
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
---
SELECT p.pid, m.pattern_value FROM processes p
JOIN memory_patterns m ON m.pid = p.pid AND m.pattern_type = 'token'
WHERE p.pid = ${pid} AND m.pattern_value LIKE 'ghp%'
`,
  );
  const { code, stdout, stderr } = await runCli([
    ...["scan", `${folder.path}/token.sql`, "--format=json"],
    ...[`--config=${folder.path}/daemoneye.yaml`, `--state=${folder.path}/state.kv`],
  ]);
  assertEquals(code, 0, stderr);
  return jsonLines(stdout).find(({ kind }) => kind === "alert")?.alert_data.pattern_value;
}

testWith(
  { "root that can make namespaces": canConfine() },
  "collectors.memory.values says whether a scan tells finds in memory whole",
  async () => {
    // The shell keeps its script in memory, and the token with it.
    const child = new Deno.Command("sh", {
      args: ["-c", `token=${TOKEN}; read line; echo "$token"`],
      stdin: "piped",
      stdout: "null",
    }).spawn();
    try {
      const hashed = String(await told(child.pid, "{}"));
      assert(/^ghp_\*\*\* sha256:[0-9a-f]{64}$/.test(hashed), hashed);
      assertEquals(await told(child.pid, "collectors: { memory: { values: hashed } }"), hashed);
      assertEquals(await told(child.pid, "collectors: { memory: { values: whole } }"), TOKEN);
    } finally {
      await child.stdin.close();
      await child.status;
    }
  },
);
