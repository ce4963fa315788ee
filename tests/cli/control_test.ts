import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore } from "../../store/mod.ts";
import { openedOf } from "../store/fixtures.ts";
import { cliCommand, jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const RULE = `---
id: 00000000-0000-4000-8000-0000000000aa
title: First
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
identity: [which]
---
SELECT pid, 'first' AS which FROM processes WHERE pid = 1
`;

/** Runs commands with a store that has an alert, and a dead letter; says what they have said. */
async function session(withAgent: boolean): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await Deno.mkdir(at("rules"));
  await Deno.writeTextFile(at("rules/one.sql"), RULE);
  const config = at("daemoneye.yaml");
  const state = at("state.kv");
  await Deno.writeTextFile(
    config,
    "state: state.kv\ndetections: [rules]\nschedule: { every: 1h }\nretention: { age: 9000d }\n",
  );
  {
    using store = await openStore({
      path: state,
      mode: "write",
      holder: "t",
      catalogue: CATALOGUE,
    });
    const opened = openedOf({ id: "alert-1", alert_time: 1_700_000_000_000 });
    await store.commitHits({ alerts: [{ ...opened, sinks: ["siem"] }], counts: [] });
    const [entry] = await Array.fromAsync(store.outbox("siem"));
    await store.giveUp({ ...entry!, reason: "it is gone", since: 1_700_000_000_000 });
  }
  const child = withAgent
    ? cliCommand(["agent", "--config", config, "--format", "json"]).spawn()
    : undefined;
  const ended = child?.output();
  try {
    const until = Date.now() + 60_000;
    while (child && !await Deno.lstat(`${state}.sock`).catch(() => null)) {
      assert(Date.now() < until, "the agent has no socket");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const said: string[] = [];
    const run = async (...words: string[]) => {
      const { code, stdout, stderr } = await runCli(words);
      said.push(`${code} ${stdout}${stderr}`.replaceAll(folder.path, "FOLDER"));
    };
    await run("rules", "disable", "one", "--config", config, "--reason", "noise");
    await run("rules", "list", "--config", config, "--format", "json");
    await run("rules", "enable", "one", "--config", config);
    await run("rules", "list", "--config", config);
    await run("alerts", "ack", "alert-1", "--note", "seen", "--state", state);
    await run("alerts", "ack", "nothing", "--state", state);
    await run("alerts", "show", "alert-1", "--state", state);
    await run("alerts", "list", "--undelivered", "--state", state);
    await run("alerts", "retry", "--state", state);
    await run("alerts", "list", "--undelivered", "--state", state);
    const { code, stdout } = await runCli([
      "alerts",
      "export",
      "--state",
      state,
      "--rule",
      "rule-1",
    ]);
    said.push(`${code} ${jsonLines(stdout).map(({ id }) => id)}`);
    if (!withAgent) assertEquals((await runCli(["scan", "--config", config])).code, 0);
    const sql = "SELECT count(*) AS n FROM processes WHERE pid = 1";
    await run("query", sql, "--stored", "--config", config, "--format", "csv");
    await run("query", sql, "--stored", "--since", "1h", "--state", state, "--format", "csv");
    const shown = await runCli(["collectors", "--config", config, "--format", "json"]);
    assertEquals(shown.code, 0, shown.stderr);
    const { collectors } = JSON.parse(shown.stdout);
    said.push(collectors.map(({ name }: { name: string }) => name).join());
    assertEquals(collectors[0].state, "running");
    if (withAgent) assertEquals(collectors[0].last_scan.scan_id, 1);
    return said.map((text) => text.replace(/seen to at \S+:/, "seen to at TIME:"));
  } finally {
    child?.kill("SIGTERM");
    const output = await ended;
    if (output) {
      assertEquals(output.code, 0);
    }
  }
}

Deno.test(
  "rules, alerts and collectors say and do the same beside a running agent as without one",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const [alone, beside] = [await session(false), await session(true)];
    assertEquals(beside, alone);
    const text = beside.join("\n");
    for (
      const part of [
        "one is off",
        '"reason": "noise"',
        "one is on",
        "alert-1 is acknowledged",
        "there is no alert nothing",
        "seen to at TIME: seen",
        "not taken by siem: it is gone",
        "1 alert put back",
        "\n0 alert-1",
      ]
    ) assertStringIncludes(text, part);
  },
);

Deno.test(
  "Ctrl-C, which the terminal sends to all its processes, ends an agent without a complaint",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await using folder = await temporaryFolder();
    const config = join(folder.path, "daemoneye.yaml");
    await Deno.writeTextFile(join(folder.path, "one.sql"), RULE);
    const alerts = join(folder.path, "alerts.jsonl");
    await Deno.writeTextFile(
      config,
      `state: state.kv\ndetections: [one.sql]\nsinks: [{ type: file, path: ${alerts} }]\n`,
    );
    // As a shell would start it: with a group of its own.
    const agent = cliCommand(["agent", "--config", config], { detached: true }).spawn();
    const output = agent.output();
    const until = Date.now() + 60_000;
    const exists = (path: string) => Deno.lstat(path).catch(() => null);
    while (
      !await exists(`${config.replace("daemoneye.yaml", "state.kv")}.sock`) || !await exists(alerts)
    ) {
      assert(Date.now() < until, "the agent has not begun");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Deno.Command("kill", { args: ["-INT", "--", `-${agent.pid}`] }).output();
    const { code, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assertEquals(
      [code, said.includes("cannot reach"), said.includes("ended")],
      [0, false, false],
      said,
    );
    assertEquals(await exists(join(folder.path, "state.kv.sock")), null);
  },
);
