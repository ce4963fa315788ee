import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { RuleState } from "../../model/rule_state.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore } from "../../store/mod.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";
import { startAgent } from "./start_agent.ts";

const detection = (title: string, sql: string, more = "") =>
  `---
id: 00000000-0000-4000-8000-0000000000aa
title: ${title}
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
identity: [which]
${more}
---
${sql}
`;

const GOOD = detection("First", "SELECT pid, 'first' AS which FROM processes WHERE pid = 1");

/** A folder with a configuration and a detection. */
async function withFolder(
  use: (folder: string, config: string, rule: string) => Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  const rules = join(folder.path, "rules");
  await Deno.mkdir(rules);
  const config = join(folder.path, "daemoneye.yaml");
  const rule = join(rules, "one.sql");
  await Deno.writeTextFile(
    config,
    "state: state.kv\ndetections: [rules]\nschedule: { every: 1s }\n",
  );
  await Deno.writeTextFile(rule, GOOD);
  await use(folder.path, config, rule);
}

Deno.test("agent --check-config tells what is configured, and each fault with its place", async () => {
  await withFolder(async (folder, config, rule) => {
    const good = await runCli(["agent", "--config", config, "--check-config"]);
    assertEquals([good.code, good.stdout], [0, `${config}, 1 detection: no faults\n`]);
    await Deno.writeTextFile(
      config,
      "state: state.kv\nretention:\n  aeg: 30d\ndetections: [rules]\n",
    );
    const bad = await runCli(["agent", "--config", config, "--check-config"]);
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.stderr, `${config}:3:3`);
    assertStringIncludes(bad.stderr, "there is no key `retention.aeg`");
    assertStringIncludes(bad.stderr, "did you mean `age`?");
    await Deno.writeTextFile(config, "detections: [rules]\n");
    await Deno.writeTextFile(rule, GOOD.replace("processes", "proceses"));
    const broken = await runCli(["agent", "--config", config, "--check-config"]);
    assertEquals(broken.code, 2);
    assertMatch(broken.stderr, /one\.sql:11:\d+/);
    const json = await runCli(["agent", "--config", config, "--check-config", "--format", "json"]);
    assertEquals(json.code, 2);
    const told = JSON.parse(json.stdout);
    assertEquals([told.config, told.detections, told.diagnostics.length], [config, 0, 1]);
    assertEquals([told.diagnostics[0].code, told.diagnostics[0].line], ["unknown-table", 11]);
    const variable = await runCli(["agent", "--config", config, "--check-config"], {
      env: { DAEMONEYE_CONFINEMENT: "strict" },
    });
    assertStringIncludes(variable.stderr, "$DAEMONEYE_CONFINEMENT:1:1");
    await Deno.mkdir(join(folder, "empty"));
    const empty = await runCli(["agent", join(folder, "empty"), "--check-config"]);
    assertEquals([empty.code, empty.stdout], [2, ""]);
    assertStringIncludes(empty.stderr, `no detection (*.sql) under ${folder}`);
    const none = await runCli(["agent", "--config", join(folder, "none.yaml"), "--check-config"]);
    assertEquals(none.code, 2);
    assertStringIncludes(none.stderr, "none.yaml does not exist");
    await Deno.writeTextFile(config, "");
    assertEquals((await runCli(["agent", "--config", config, "--check-config"])).code, 0);
  });
});

Deno.test("scan and rules do what is configured, unless flags say otherwise", async () => {
  await withFolder(async (folder, config) => {
    const { stdout, code } = await runCli(["scan", "--config", config, "--format", "json"]);
    assertEquals(code, 0);
    assertEquals(jsonLines(stdout).map(({ title }) => title), ["First", undefined]);
    assert((await Deno.stat(join(folder, "state.kv"))).size > 0);
    await runCli(["rules", "disable", "one", "--config", config, "--reason", "noise"]);
    const list = await runCli(["rules", "list", "--format", "json"], {
      env: { DAEMONEYE_CONFIG: config },
    });
    const { rules } = JSON.parse(list.stdout);
    assertEquals(rules.map(({ name, reason }: Record<string, string>) => [name, reason]), [
      ["one", "noise"],
    ]);
    const other = await runCli(["rules", "list", "--config", config, "--format", "json"], {
      env: { DAEMONEYE_STATE: join(folder, "other.kv") },
    });
    assertEquals(JSON.parse(other.stdout).rules[0].enabled, true);
  });
});

Deno.test("the agent ends cleanly on SIGTERM, also in the middle of work", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (_, config) => {
    await using agent = startAgent(["--config", config]);
    await agent.until(
      "a second scan",
      () => agent.lines().filter(({ kind }) => kind === "summary").length >= 2,
    );
    agent.process.kill("SIGTERM");
    assertEquals((await agent.process.status).code, 0);
    assertEquals(agent.said.err, "");
    assertEquals(agent.lines().filter(({ title }) => title === "First").length, 1);
  });
});

Deno.test(
  "the agent exchanges its detections when files change or on SIGHUP, and refuses what has faults",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await withFolder(async (_, config, rule) => {
      await using agent = startAgent(["--config", config]);
      const titles = () =>
        agent.lines().filter(({ kind }) => kind === "alert").map(({ title }) => title);
      await agent.until("the first alert", () => titles().includes("First"));

      await Deno.writeTextFile(rule, GOOD.replace("FROM processes", "FROM proceses"));
      await agent.until("the refusal", () => titles().some((title) => title.includes("refused")));
      const refused = agent.lines().find(({ title }) => title?.includes("refused"));
      assertMatch(refused.alert_data.faults[0], /one\.sql:11:\d+: .*proceses.* \[unknown-table\]$/);
      await agent.until(
        "the reason",
        () => agent.said.err.includes("the old set goes on: 1 fault in 1 detection"),
      );
      const scans = () => agent.lines().filter(({ kind }) => kind === "summary");
      const before = scans().length;
      await agent.until("scans by the old set", () => scans().length > before + 1);
      assertEquals(scans().at(-1).detections, 1);
      assertEquals(scans().at(-1).matched, 1);

      await Deno.writeTextFile(
        rule,
        detection("Second", "SELECT pid, 'second' AS which FROM processes WHERE pid = 1"),
      );
      await agent.until("an alert of the new set", () => titles().includes("Second"));

      agent.said.err = "";
      agent.process.kill("SIGHUP");
      await agent.until("the answer", () => agent.said.err.includes("1 detection in force"));
      await Deno.writeTextFile(
        config,
        "state: other.kv\ndetections: [rules]\nschedule: { every: 1s }\n",
      );
      await agent.until(
        "what has to wait",
        () => agent.said.err.includes("what has changed of state waits until"),
      );
    });
  },
);

Deno.test("rules list says why a detection is slowed, and why it rests", async () => {
  await withFolder(async (folder, config) => {
    const loaded = await runCli(["scan", "--config", config]);
    assertEquals(loaded.code, 0);
    const rule_id = "00000000-0000-4000-8000-0000000000aa";
    const show = async (more: Partial<RuleState>) => {
      {
        using store = await openStore({
          path: join(folder, "state.kv"),
          mode: "write",
          holder: "a test",
          catalogue: CATALOGUE,
        });
        await store.setRuleState({ ...(await store.ruleState(rule_id))!, ...more });
      }
      const { stdout } = await runCli(["rules", "list", "--config", config, "--format", "json"]);
      return JSON.parse(stdout).rules[0];
    };
    await runCli(["rules", "enable", "one", "--config", config]);
    const slowed = await show({ slowed: { factor: 4, reason: "it took 9.0 s" } });
    assertEquals([slowed.enabled, slowed.slowed, slowed.reason], [true, 4, "it took 9.0 s"]);
    const rests = await show({ retry_after: Date.now() + 60_000 });
    assertMatch(rests.reason, /^suspended: it took 9.0 s; next try after /);
    const text = await runCli(["rules", "list", "--config", config]);
    assertStringIncludes(text.stdout, "suspended: it took 9.0 s");
  });
});

Deno.test("the agent delivers to other sinks once the configuration names them", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder, config, rule) => {
    const configure = (file: string) =>
      Deno.writeTextFile(
        config,
        "state: state.kv\ndetections: [rules]\nschedule: { every: 1s }\n" +
          `sinks: [{ type: file, path: ${join(folder, file)} }]\n`,
      );
    const alertsIn = (file: string) => {
      try {
        return jsonLines(Deno.readTextFileSync(join(folder, file))).map(({ title }) => title);
      } catch {
        return [];
      }
    };
    await configure("one.jsonl");
    await using agent = startAgent(["--config", config]);
    await agent.until("the first alert", () => alertsIn("one.jsonl").length > 0);
    await configure("two.jsonl");
    await agent.until("the change", () => agent.said.err.includes("1 detection in force"));
    await Deno.writeTextFile(
      rule,
      detection("Second", "SELECT pid, 'second' AS which FROM processes WHERE pid = 1"),
    );
    await agent.until("the second alert", () => alertsIn("two.jsonl").length > 0);
    assertEquals(alertsIn("one.jsonl"), ["First"]);
    assertEquals(alertsIn("two.jsonl"), ["Second"]);
    agent.process.kill("SIGTERM");
    assertEquals((await agent.process.status).code, 0);
  });
});

Deno.test("the agent says at its start which sinks alerts would not arrive at", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder, config) => {
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(
      config,
      `${text}sinks:
  - { type: file, path: ${join(folder, "alerts.jsonl")} }
  - { type: webhook, url: "http://127.0.0.1:9/", token: { env: DAEMONEYE_TEST_UNSET } }
`,
    );
    await using agent = startAgent(["--config", config]);
    const told = () =>
      agent.said.err.split("\n").filter((line) => line.includes("alerts would not arrive"));
    await agent.until("the sinks are checked", () => told().length > 0);
    assertEquals(told().length, 1);
    assertMatch(
      told()[0]!,
      /sink webhook.*: the environment variable DAEMONEYE_TEST_UNSET is empty/,
    );
  });
});

Deno.test("the agent blames no sink that it has not heard of when it is stopped", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (_, config) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(
      config,
      `${text}sinks: [{ type: webhook, url: "http://127.0.0.1:${port}/", timeout: 60s, min_severity: critical }]\n`,
    );
    await using agent = startAgent(["--config", config]);
    // Whoever asks is not answered.
    using _asked = await listener.accept();
    await agent.until("a scan", () => agent.lines().length > 0);
    agent.process.kill("SIGTERM");
    assertEquals((await agent.process.status).code, 0);
    assertEquals(agent.said.err.match(/.*would not arrive.*/)?.[0], undefined);
  });
});

Deno.test("scan tells the configured sinks, and standard output", async () => {
  await withFolder(async (folder, config) => {
    const file = join(folder, "alerts.jsonl");
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(
      config,
      `${text}sinks: [{ type: stdout }, { type: file, path: ${file} }]\n`,
    );
    const { code, stdout, stderr } = await runCli(["scan", "--config", config, "--format", "json"]);
    assertEquals([code, stderr], [0, ""]);
    const titles = (lines: string) =>
      jsonLines(lines).filter(({ kind }) => kind === "alert").map(({ title }) => title);
    assertEquals(titles(stdout), ["First"]);
    assertEquals(titles(await Deno.readTextFile(file)), ["First"]);
  });
});
