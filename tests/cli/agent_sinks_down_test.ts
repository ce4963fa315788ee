import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Alert } from "../../model/alert.ts";
import { until } from "../sinks/syslog/rsyslog.ts";
import { EACH_SCAN, EACH_SCAN_ID } from "./each_scan.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";
import { startAgent } from "./start_agent.ts";

Deno.test({
  name: "an agent whose sinks are all down for its whole run tells them of everything, in order",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  // Whoever comes is sent away, so that nobody else takes the port.
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  const sendingAway = (async () => {
    for await (const connection of closed) connection.close();
  })();
  await Deno.mkdir(at("rules"));
  await Deno.writeTextFile(at("rules/scans.sql"), EACH_SCAN);
  // Nobody can write to a folder.
  await Deno.mkdir(at("alerts.jsonl"));
  await Deno.writeTextFile(
    at("daemoneye.yaml"),
    `
state: state.kv
detections: [rules]
schedule: { every: 1s }
sinks:
  - { type: file, path: ${at("alerts.jsonl")}, attempts: 1000 }
  - { type: webhook, url: "http://127.0.0.1:${port}/", attempts: 1000 }
`,
  );
  const state = ["--state", at("state.kv")];
  const list = async (...words: string[]) =>
    jsonLines((await runCli(["alerts", "list", ...words, "--format", "json", ...state])).stdout);

  for (let run = 1; run <= 2; run++) {
    await using agent = startAgent(["--config", at("daemoneye.yaml")]);
    const alerts = () => agent.lines().reduce((sum, { alerts = 0 }) => sum + alerts, 0);
    await agent.until("sinks are down", () => /sink webhook.* is down/.test(agent.said.err));
    await agent.until("five alerts", () => alerts() >= 5);
    agent.process.kill("SIGTERM");
    await agent.process.status;
  }
  const waiting = await list("--undelivered", "--limit", "1000");
  assert(waiting.length >= 10, "none has arrived");

  closed.close();
  await sendingAway;
  const told: Alert[] = [];
  await using _server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    async (request) => {
      // The agent asks at its start whether alerts would arrive.
      if (request.method === "POST") told.push(await request.json());
      return new Response();
    },
  );
  await Deno.remove(at("alerts.jsonl"));
  await Deno.remove(at("rules/scans.sql"));
  await Deno.writeTextFile(at("rules/none.sql"), EACH_SCAN.replace("pid = 1", "pid = -1"));
  {
    await using agent = startAgent(["--config", at("daemoneye.yaml")]);
    await until(async () => (await list("--undelivered")).length === 0);
    agent.process.kill("SIGTERM");
    await agent.process.status;
  }
  // That a sink is down is told to the others only.
  const ofScans = (alerts: readonly Alert[]) =>
    alerts.filter(({ rule_id }) => rule_id === EACH_SCAN_ID).map(({ id }) => id);
  const stored = ofScans(
    (await list("--limit", "1000")).sort((a, b) => a.alert_time - b.alert_time),
  );
  assert(stored.length >= 10);
  assertEquals(ofScans(told), stored);
  assertEquals(ofScans(jsonLines(await Deno.readTextFile(at("alerts.jsonl")))), stored);
});
