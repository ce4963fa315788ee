import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const DETECTION = `---
id: 00000000-0000-4000-8000-0000000000ad
title: A process
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
---
SELECT pid, name FROM processes WHERE pid = 1
`;

Deno.test("audit verify checks what scan and rules have written, and says where it was changed", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  const rule = join(folder.path, "one.sql");
  await Deno.writeTextFile(rule, DETECTION);
  const none = await runCli(["audit", "verify", "--state", state]);
  assertEquals(none.code, 3);
  assertMatch(none.stderr, /there is no audit log at .*state\.kv\.audit\.jsonl/);

  const scan = await runCli(["scan", rule, "--state", state, "--format", "json"]);
  assertEquals(scan.code, 0, scan.stderr);
  const alert = jsonLines(scan.stdout).find(({ kind }) => kind === "alert");
  const common = ["--state", state, "--detections", rule];
  assertEquals((await runCli(["rules", "disable", "one", "--reason", "noise", ...common])).code, 0);

  const log = `${state}.audit.jsonl`;
  const entries = jsonLines(await Deno.readTextFile(log));
  const of = (wanted: string) => entries.filter(({ kind }) => kind === wanted);
  assertEquals(of("start").map(({ data }) => data.program), ["daemoneye scan", "daemoneye rules"]);
  assertEquals(of("stop").length, 2);
  assertEquals(of("alert").map(({ data }) => [data.id, data.rule_id, data.dedupe_key]), [
    [alert.id, alert.rule_id, alert.dedupe_key],
  ]);
  assertEquals(of("detections")[0].data.count, 1);
  assertMatch(of("detections")[0].data.detections[0].digest, /^[0-9a-f]{64}$/);
  assert(of("collector").some(({ data }) => data.name === "procmond" && data.confinement));
  const state_ = of("rule_state").at(-1).data;
  assertEquals([state_.rule_id, state_.enabled, state_.reason], [alert.rule_id, false, "noise"]);

  const good = await runCli(["audit", "verify", "--state", state, "--format", "json"]);
  assertEquals(good.code, 0, good.stdout);
  const { faults, last } = JSON.parse(good.stdout);
  assertEquals([faults, last.seq], [[], entries.length]);
  assertEquals((await runCli(["audit", "verify", log, "--known", last.hash])).code, 0);
  assertEquals((await runCli(["audit", "verify", log, "--known", "0".repeat(64)])).code, 1);

  const text = await Deno.readTextFile(log);
  const line = text.split("\n").findIndex((one) => one.includes('"kind":"alert"')) + 1;
  await Deno.writeTextFile(log, text.replace(alert.id, crypto.randomUUID()));
  const bad = await runCli(["audit", "verify", "--state", state]);
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.stdout, `fault ${log}:${line}: it was changed`);
  await Deno.writeTextFile(log, text.trimEnd().split("\n").slice(0, -2).join("\n") + "\n");
  const cut = await runCli(["audit", "verify", "--state", state]);
  assertEquals(cut.code, 1);
  assertMatch(cut.stdout, /entries \d+ to \d+ are missing at the end/);
});

Deno.test("an alert that was stored right before a crash is entered at the next start, once", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  const rule = join(folder.path, "one.sql");
  await Deno.writeTextFile(rule, DETECTION);
  const scan = await runCli(["scan", rule, "--state", state, "--format", "json"]);
  const alert = jsonLines(scan.stdout).find(({ kind }) => kind === "alert");
  // As a SIGKILL leaves it that comes after the alert is stored and before the entry is on the disk.
  const log = `${state}.audit.jsonl`;
  const lines = (await Deno.readTextFile(log)).split("\n");
  const at = lines.findIndex((line) => line.includes('"kind":"alert"'));
  await Deno.writeTextFile(log, lines.slice(0, at).join("\n") + "\n" + lines[at]!.slice(0, 50));
  const { seq, hash } = JSON.parse(lines[at - 1]!);
  await Deno.writeTextFile(`${log}.head`, JSON.stringify({ seq, hash }));
  const common = ["--state", state, "--detections", rule];
  for (const word of ["disable", "enable"]) {
    assertEquals((await runCli(["rules", word, "one", ...common])).code, 0);
  }
  const entered = jsonLines(await Deno.readTextFile(log)).filter(({ kind }) => kind === "alert");
  assertEquals(entered.map(({ data }) => [data.id, data.late]), [[alert.id, true]]);
  const { code, stdout } = await runCli(["audit", "verify", "--state", state]);
  assertEquals(code, 0, stdout);
});
