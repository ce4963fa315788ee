import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { fill, onDisk, run } from "../store/disk.ts";
import { runCli, temporaryFolder } from "./run_cli.ts";
import { startAgent } from "./start_agent.ts";

const RULE = `---
id: 00000000-0000-4000-8000-0000000000aa
title: First
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
---
SELECT pid, name FROM processes WHERE pid = 1
`;

const COMMANDS = (rule: string) => [
  ["agent", rule],
  ["scan", rule],
  ["query", "SELECT pid FROM processes", "--stored"],
  ["alerts", "list"],
];

/** Runs commands that cannot do their work with a store; each says why in one line. */
async function refused(rule: string, state: string, why: RegExp, words = COMMANDS(rule)) {
  for (const one of words) {
    const { code, stdout, stderr } = await runCli([...one, "--state", state]);
    assertEquals([code, stdout], [3, ""], `${one}: ${stderr}`);
    assertMatch(stderr, why);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
}

async function stored(folder: string): Promise<{ readonly rule: string; readonly state: string }> {
  const rule = join(folder, "one.sql");
  const state = join(folder, "state.kv");
  await Deno.writeTextFile(rule, RULE);
  assertEquals((await runCli(["scan", rule, "--state", state])).code, 0);
  return { rule, state };
}

Deno.test("a store of a newer version is refused with what to do, and stays as it is", async () => {
  await using folder = await temporaryFolder();
  const { rule, state } = await stored(folder.path);
  {
    using database = new DatabaseSync(state);
    const { changes } = database.prepare(
      "UPDATE kv SET v = CAST('daemoneye-store 9' AS BLOB) WHERE CAST(v AS TEXT) LIKE 'daemoneye-store %'",
    ).run();
    assertEquals(Number(changes), 1);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const before = await Deno.readFile(state);
  await refused(rule, state, /has the store format 9; .*another version of daemoneye wrote it/);
  assertEquals(await Deno.readFile(state), before);
});

onDisk(
  "a store on a disk that cannot be written to is refused with the reason",
  16,
  async (folder) => {
    const { rule, state } = await stored(folder);
    assertEquals(await run("mount", "-o", "remount,ro", folder), undefined);
    await refused(rule, state, /cannot be written to \(the file system is read-only/);
  },
);

onDisk(
  "a store that finds no room at all is refused with the disk that is full",
  16,
  async (folder) => {
    await using other = await temporaryFolder();
    const rule = join(other.path, "one.sql");
    await Deno.writeTextFile(rule, RULE);
    fill(join(folder, "ballast"));
    const state = join(folder, "state.kv");
    await refused(
      rule,
      state,
      /disk is full.*; make room on the disk of /,
      COMMANDS(rule).slice(0, 2),
    );
  },
);

Deno.test("an agent whose detections have faults runs with the others, and says so in an alert", async () => {
  await using folder = await temporaryFolder();
  const { rule, state } = await stored(folder.path);
  const broken = join(folder.path, "broken.sql");
  await Deno.writeTextFile(broken, RULE.replace("SELECT", "SELEC").replace("aa\n", "ab\n"));
  await using agent = startAgent([rule, broken, "--state", state]);
  const told = () => agent.lines().find(({ title }) => title?.startsWith("The agent runs without"));
  await agent.until("the alert", () => told() !== undefined);
  assertEquals(told().severity, "high");
  assertMatch(told().alert_data.faults[0], /broken\.sql:/);
  await agent.until("a scan", () => agent.lines().some(({ kind }) => kind === "summary"));
  assert(agent.lines().find(({ kind }) => kind === "summary").detections >= 1);
});
