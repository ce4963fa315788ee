import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { HOST_CLOCK } from "../../../collectors/core/restarts.ts";
import { startServer } from "../../sinks/webhook/server.ts";
import { temporaryFolder } from "../../sinks/support.ts";
import { until } from "../../sinks/syslog/rsyslog.ts";
import { commit } from "../delivery/support.ts";
import { watched } from "./watched.ts";

Deno.test("openHealth() tells the other sinks that one is down and back, each once, and how many alerts waited", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "alerts.jsonl");
  let up = false;
  await using server = startServer(() => new Response(null, { status: up ? 200 : 503 }));
  await using agent = await watched(folder.path, {
    to: [{ type: "webhook", url: server.url }, { type: "file", path: file }],
    clock: { ...HOST_CLOCK, random: () => 0 },
  });
  const { delivery, health } = agent;
  const lines = async () => {
    const text = await Deno.readTextFile(file).catch(() => "");
    return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  };
  const told = async (what: string) =>
    (await lines()).filter(({ alert_data }) =>
      alert_data.sink === "webhook" && alert_data.state === what
    );
  await commit(health.store, ["a1", "a2", "a3"]);
  await until(async () => (await told("down")).length === 1);
  const [down] = await told("down");
  assertEquals([down.rule_id, down.severity], ["daemoneye.operational", "high"]);
  await until(() => Promise.resolve(server.seen.length > 8));
  assertEquals((await told("down")).length, 1, "once for each outage, not at each look");
  up = true;
  await until(async () => (await told("back")).length === 1);
  const [back] = await told("back");
  assertEquals([back.alert_data.waited, back.alert_data.waiting], [3, 0]);
  await until(async () => (await delivery.status()).every(({ waiting }) => waiting === 0));
  const ids = server.seen.map(({ body }) => JSON.parse(body).id);
  assert(!ids.includes(down.id), "the sink is not told that it was down");
  assert(ids.includes(back.id));

  up = false;
  await commit(health.store, ["b1"]);
  await until(async () => (await told("down")).length === 2);
});
