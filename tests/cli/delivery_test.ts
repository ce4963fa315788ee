import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { until } from "../sinks/syslog/rsyslog.ts";
import { startServer } from "../sinks/webhook/server.ts";
import { cliCommand, jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const ignore = Deno.build.os !== "linux";
if (ignore) console.log("skipped: the agent is tested on Linux");

const RULE = `---
id: 00000000-0000-4000-8000-0000000000ab
title: The first process
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
---
SELECT pid, name FROM processes WHERE pid = 1
`;

Deno.test({
  name: "the agent delivers what it has committed before it was killed, under the same id",
  ignore,
}, async () => {
  await using folder = await temporaryFolder();
  let up = false;
  await using server = startServer(() => new Response(null, { status: up ? 200 : 503 }));
  // The agent looks at its start whether the servers are there.
  const posted = () => server.seen.filter(({ path }) => path !== "/");
  const at = (name: string) => join(folder.path, name);
  await Deno.mkdir(at("rules"));
  await Deno.writeTextFile(at("rules/one.sql"), RULE);
  await Deno.writeTextFile(
    at("daemoneye.yaml"),
    `
state: state.kv
detections: [rules]
sinks:
  - { type: file, path: ${at("alerts.jsonl")} }
  - { type: webhook, url: "${server.url}/x", secret: { env: AGENT_TEST_SECRET } }
  - { type: webhook, name: literal, url: "${server.url}/y", secret: in the open }
`,
  );
  const words = ["agent", "--config", at("daemoneye.yaml"), "--format", "json"];
  const env = { AGENT_TEST_SECRET: "an agent's secret" };
  const state = ["--state", at("state.kv")];
  let said = "";

  /** Runs the agent until something holds, then ends it by a signal. */
  async function runUntil(signal: Deno.Signal, holds: () => Promise<boolean>): Promise<void> {
    const agent = cliCommand(words, { env }).spawn();
    const reading = Promise.all([agent.stdout, agent.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
    }));
    try {
      await until(holds);
    } finally {
      agent.kill(signal);
      await agent.status;
      await reading;
    }
  }

  const lines = async () => {
    try {
      return jsonLines(await Deno.readTextFile(at("alerts.jsonl")));
    } catch {
      return [];
    }
  };
  await runUntil("SIGKILL", async () => (await lines()).length > 0 && posted().length > 6);
  const [written] = await lines();
  const json = ["alerts", "list", "--undelivered", "--format", "json", ...state];
  const waiting = jsonLines((await runCli(json)).stdout);
  assertEquals(waiting.map(({ sink, state, alert_id }) => [sink, state, alert_id]), [
    ["literal", "waiting", written.id],
    ["webhook", "waiting", written.id],
  ]);
  up = true;
  const tried = posted().length;
  await runUntil("SIGTERM", () => Promise.resolve(posted().length >= tried + 2));
  const arrived = posted().slice(tried);
  assertEquals(new Set(arrived.map(({ path }) => path)), new Set(["/x", "/y"]));
  for (const { body, headers } of arrived) {
    assertEquals(JSON.parse(body).id, written.id);
    assert(headers.has("x-daemoneye-signature"));
  }
  assertEquals((await runCli(json)).stdout, "");
  assertEquals((await lines()).length, 1, "the file had it already");
  assertMatch(said, /sink literal: secret stands in the configuration/);
  assert(!said.includes("agent's secret") && !said.includes("in the open"), said);
});
