import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";
import { startAgent } from "./start_agent.ts";

const ignore = Deno.build.os !== "linux" || Deno.uid() !== 0;
if (ignore) console.log("skipped: events of processes take root on Linux");

const detection = (number: number, title: string, condition: string) =>
  `---
id: 00000000-0000-4000-8000-0000000000e${number}
title: ${title}
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
mode: events
identity: [event_id]
---
SELECT e.event_id, e.name FROM process_events e WHERE e.event_type = 'exec' AND ${condition}
`;

const COUNTING =
  "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) " +
  "SELECT max(i) FROM n) > 0";

Deno.test({
  name:
    "agent slows a detection that is too expensive for events, says so everywhere, and judges the others",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    const rules = join(folder.path, "rules");
    await Deno.mkdir(rules);
    await Deno.writeTextFile(join(rules, "slow.sql"), detection(1, "Slow", COUNTING));
    await Deno.writeTextFile(join(rules, "quick.sql"), detection(2, "Quick", "e.name = 'true'"));
    const config = join(folder.path, "daemoneye.yaml");
    await Deno.writeTextFile(
      config,
      "state: state.kv\ndetections: [rules]\nschedule: { every: 1s }\nbudgets: { share: 1 }\n",
    );
    await using agent = startAgent(["--config", config]);
    const titled = (title: string) => agent.lines().filter((line) => line.title?.startsWith(title));
    await agent.until("a scan", () => agent.lines().some(({ kind }) => kind === "summary"));
    await agent.until("a slowed detection", () => {
      new Deno.Command("true").outputSync();
      return titled("Detection slow is slowed").length > 0;
    });
    const quick = titled("Quick").length;
    assert(quick > 0);
    await new Deno.Command("true").output();
    await agent.until("the quick one", () => titled("Quick").length > quick);

    const list = await runCli(["rules", "list", "--config", config, "--format", "json"]);
    const [slow] = JSON.parse(list.stdout).rules.filter(({ name }: { name: string }) =>
      name === "slow"
    );
    assertEquals([slow.enabled, slow.slowed >= 2], [true, true]);
    assertMatch(
      slow.reason,
      /^it took .* for the events of .*, more than 1 %, and is judged every/,
    );
    const audit = jsonLines(await Deno.readTextFile(join(folder.path, "state.kv.audit.jsonl")));
    assert(audit.some(({ kind, data }) => kind === "rule_state" && data.slowed === 2));
    agent.process.kill("SIGTERM");
    assertEquals((await agent.process.status).code, 0, agent.said.err);
  },
});
