import { assert, assertArrayIncludes, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cliCommand, jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const ignore = Deno.build.os !== "linux";
if (ignore) console.log("skipped: scans of a live host are tested on Linux");

/** Front-matter of a detection that a test writes. */
function detection(id: number, title: string, sql: string): string {
  return `---
id: 00000000-0000-4000-8000-00000000000${id}
title: ${title}
description: Written by a test.
status: test
severity: medium
platforms: [linux]
---
${sql}
`;
}

/** A copy of sleep that runs as `/tmp/.x…/kworker`, until the end of its scope. */
async function startKworker(): Promise<{ pid: number; path: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: ".x" });
  const path = join(folder, "kworker");
  await Deno.copyFile("/bin/sleep", path);
  await Deno.chmod(path, 0o755);
  const child = new Deno.Command(path, {
    args: ["300"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    pid: child.pid,
    path,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test({
  name: "scan raises an alert for a hidden kworker once, and counts it the second time",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  await using kworker = await startKworker();
  const words = ["scan", "--format", "json", "--state", join(folder.path, "state.kv")];

  const first = await runCli(words);
  assertEquals(first.code, 0, first.stderr);
  const lines = jsonLines(first.stdout);
  const summary = lines.at(-1);
  assertEquals(summary.kind, "summary");
  assert(summary.detections >= 6);
  assert(summary.rows.processes > 2);
  const mine = lines.filter((line) =>
    line.kind === "alert" && line.affected_processes.includes(kworker.pid)
  );
  assertEquals(
    new Set(mine.map((alert) => alert.alert_data.executable_path)),
    new Set([kworker.path]),
  );
  // An imitated kernel thread, and a program in a hidden folder below /tmp.
  assertArrayIncludes(mine.map((alert) => alert.rule_id), [
    "100f763c-ea03-4dd2-804d-18bc6c3a09a6",
    "758abdcd-6a7d-492b-b444-131655b8db2b",
  ]);

  const second = jsonLines((await runCli(words)).stdout);
  assertEquals(
    second.filter((line) => line.kind === "alert" && line.affected_processes.includes(kworker.pid)),
    [],
  );
  assert(second.at(-1).suppressed >= 2);
  assertEquals(second.at(-1).scan_id, summary.scan_id + 1);

  const stored = jsonLines(
    (await runCli(["alerts", "list", "--format", "json", "--state", words[4]!])).stdout,
  );
  const kept = stored.filter((alert) => alert.affected_processes.includes(kworker.pid));
  assertEquals(kept.map((alert) => alert.id).sort(), mine.map((alert) => alert.id).sort());
  assertEquals(kept.map((alert) => alert.suppressed_count), mine.map(() => 1));
});

Deno.test(
  { name: "scan reports beside detections that never end or want too much memory", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const rules = join(folder.path, "detections");
    await Deno.mkdir(rules);
    const endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n";
    const huge = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000)
SELECT max(r) AS r FROM (
  SELECT row_number() OVER (ORDER BY hex(printf('%.*c', 512, 'x')) || i DESC) AS r FROM n
)`;
    await Deno.writeTextFile(
      join(rules, "good.sql"),
      detection(1, "Good", "SELECT pid FROM processes WHERE pid = 1"),
    );
    await Deno.writeTextFile(
      join(rules, "endless.sql"),
      detection(2, "Endless", endless).replace(
        "severity",
        "schedule: { every: 60s, timeout: 2s }\nseverity",
      ),
    );
    await Deno.writeTextFile(join(rules, "huge.sql"), detection(3, "Huge", huge));
    const state = join(folder.path, "state.kv");

    const { code, stdout, stderr } = await runCli([
      "scan",
      rules,
      "--format",
      "json",
      "--state",
      state,
    ]);
    assertEquals(code, 0, stderr);
    const lines = jsonLines(stdout);
    assertEquals(lines.filter((line) => line.kind === "alert" && line.title === "Good").length, 1);
    const reasons = new Map<string, string>(
      lines.at(-1).not_evaluated.map((
        one: { rule_id: string; reason: string },
      ) => [one.rule_id.at(-1), one.reason]),
    );
    assertStringIncludes(reasons.get("2")!, "2 s");
    assertStringIncludes(reasons.get("3")!, "memory");
  },
);

Deno.test({
  name: "scan survives SIGKILL at any moment: the store opens, no half scan is visible",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  const words = ["scan", "detections/execution", "--format", "json", "--state", state];
  const whole = performance.now();
  assertEquals((await runCli(words)).code, 0);
  const length = performance.now() - whole;
  for (let round = 0; round < 20; round++) {
    const child = cliCommand(words).spawn();
    await new Promise((resolve) => setTimeout(resolve, length * round / 20));
    try {
      child.kill("SIGKILL");
    } catch {
      // It was faster than usual and has ended.
    }
    await child.output();
    const { code, stderr } = await runCli(["alerts", "list", "--state", state]);
    assertEquals(code, 0, stderr);
  }
  const last = jsonLines((await runCli(words)).stdout).at(-1);
  const reasons = last.not_evaluated.map(({ reason }: { readonly reason: string }) => reason);
  assertEquals(reasons, []);
  assert(last.rows.processes > 2);
});

Deno.test(
  { name: "scan says what it leaves out because it asks much of the host", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const words = ["--format", "json", "--state", join(folder.path, "state.kv")];
    const evaluate = async (...more: readonly string[]) => {
      const { code, stdout, stderr } = await runCli(["scan", ...more, ...words]);
      return { code, stderr, reasons: jsonLines(stdout).at(-1)?.not_evaluated ?? [] };
    };
    const places = ["--detections", "detections/credential-access"];
    const { code, stderr, reasons } = await evaluate(...places);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(reasons.map(({ reason }: { readonly reason: string }) => reason), [
      "it asks much of the host, so that only scan --deep and the agent evaluate it",
    ]);
    const named = await evaluate("detections/credential-access/private_key_in_memory.sql");
    assertEquals([named.code, named.reasons], [0, []], named.stderr);
  },
);

Deno.test({ name: "scan shows a hostile process name escaped", ignore }, async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "\x1b[31mred");
  await Deno.copyFile("/bin/sleep", path);
  await Deno.chmod(path, 0o755);
  const child = new Deno.Command(path, {
    args: ["300"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const rules = join(folder.path, "detections");
    await Deno.mkdir(rules);
    const sql = `SELECT pid, name, executable_path FROM processes WHERE pid = ${child.pid}`;
    await Deno.writeTextFile(join(rules, "hostile.sql"), detection(1, "Hostile", sql));
    // The row of an alert is JSON within the CSV cell, with JSON's own escapes.
    for (const [format, shown] of [["text", "\\x1b[31mred"], ["csv", "\\u001b[31mred"]] as const) {
      const state = join(folder.path, `${format}.kv`);
      const { code, stdout, stderr } = await runCli([
        "scan",
        rules,
        "--format",
        format,
        "--state",
        state,
      ]);
      assertEquals(code, 0, stderr);
      assert(!stdout.includes("\x1b"), format);
      assertStringIncludes(stdout, shown);
    }
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test({ name: "scan says who holds the store", ignore }, async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  const lock = await Deno.open(`${state}.lock`, { create: true, write: true });
  await lock.lock(true);
  await lock.write(
    new TextEncoder().encode(JSON.stringify({ pid: 4711, holder: "daemoneye agent", since: 0 })),
  );
  const { code, stderr } = await runCli(["scan", "--state", state]);
  lock.close();
  assertEquals(code, 3);
  assertStringIncludes(stderr, "daemoneye agent");
  assertStringIncludes(stderr, "4711");
});
