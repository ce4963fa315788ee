import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { until } from "../sinks/syslog/rsyslog.ts";
import { startServer } from "../sinks/webhook/server.ts";
import { cliCommand, jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 4);

/** Something new in each scan, and with each program that this process starts. */
const RULES = {
  scans: `SELECT :scan_id AS number, 'scan' AS which FROM processes WHERE pid = 1`,
  programs: `SELECT e.event_id AS number, 'exec' AS which FROM process_events e
WHERE e.event_type = 'exec' AND e.ppid = ${Deno.pid}`,
};

const rule = (name: keyof typeof RULES, id: number) =>
  `---
id: 00000000-0000-4000-8000-0000000000${id}
title: ${name}
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
${name === "programs" ? "mode: events\n" : ""}identity: [number]
---
${RULES[name]}
`;

Deno.test({
  name: `an agent that is killed ${KILLS} times at any moment tells flapping sinks of every alert`,
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  let flaps = true;
  const told: string[] = [];
  await using server = startServer(({ body }) => {
    const chance = flaps ? Math.random() : 1;
    if (chance < 0.3) return new Response(null, { status: 503 });
    told.push(JSON.parse(body).id);
    // It has taken the alert, but the sender learns something else.
    return new Response(null, { status: chance < 0.4 ? 500 : 200 });
  });
  await Deno.mkdir(at("rules"));
  await Deno.writeTextFile(at("rules/scans.sql"), rule("scans", 11));
  await Deno.writeTextFile(at("rules/programs.sql"), rule("programs", 12));
  const configure = (every: string) =>
    Deno.writeTextFile(
      at("daemoneye.yaml"),
      `
state: state.kv
detections: [rules]
schedule: { every: ${every} }
sinks:
  - { type: file, path: ${at("alerts.jsonl")} }
  - { type: webhook, url: "${server.url}", attempts: 1000 }
`,
    );
  const state = ["--state", at("state.kv")];
  const json = async (...words: string[]) =>
    jsonLines((await runCli([...words, "--format", "json", ...state])).stdout);
  const lines = async () =>
    jsonLines((await Deno.readTextFile(at("alerts.jsonl")).catch(() => "")).replace(/[^\n]*$/, ""));

  /** Runs the agent until something holds, and so many ms longer, then ends it. */
  async function run(signal: Deno.Signal, holds: () => Promise<boolean>, more = 0): Promise<void> {
    const agent = cliCommand(["agent", "--config", at("daemoneye.yaml")]).spawn();
    const said = Promise.all([agent.stdout, agent.stderr].map((one) => new Response(one).text()));
    try {
      await until(holds);
      for (const end = Date.now() + more; Date.now() < end;) {
        await new Deno.Command("true").output();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      agent.kill(signal);
      await agent.status;
    }
    assert(!(await said).join("").includes("not whole"), "the audit log survives");
  }

  await configure("1s");
  for (let round = 0; round < KILLS; round++) {
    const before = (await lines()).length;
    await run("SIGKILL", async () => (await lines()).length > before, Math.random() * 2_000);
  }
  flaps = false;
  // From now on nothing new happens that would still be on its way when the agent ends.
  await Deno.remove(at("rules/programs.sql"));
  await configure("1h");
  await run("SIGTERM", async () => (await json("alerts", "list", "--undelivered")).length === 0);

  const verified = await runCli(["audit", "verify", ...state]);
  assertEquals(verified.code, 0, verified.stdout);
  assertEquals(await json("alerts", "list", "--undelivered"), []);
  const ids = (await json("alerts", "list", "--limit", "100000")).map(({ id }) => id);
  assert(ids.length > KILLS, "detections fired");
  const audited = jsonLines(await Deno.readTextFile(at("state.kv.audit.jsonl")))
    .flatMap(({ kind, data }) => kind === "alert" ? [data.id] : []);
  assertEquals(new Set(ids), new Set(audited), "the audit log has the same alerts, each once");
  assertEquals(audited.length, ids.length);
  const written = (await lines()).map(({ id }) => id);
  for (const [sink, seen] of Object.entries({ webhook: told, file: written })) {
    assertEquals(new Set(ids).difference(new Set(seen)), new Set(), `the ${sink} misses these`);
    assertEquals(new Set(seen).difference(new Set(ids)), new Set(), `the ${sink} had others`);
  }
  const which = (await lines()).map(({ alert_data }) => alert_data.which);
  assert(which.includes("scan"));
});
