import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { temporaryFolder } from "../../sinks/support.ts";
import { until } from "../../sinks/syslog/rsyslog.ts";
import { startRawServer, startServer } from "../../sinks/webhook/server.ts";
import { openAt } from "./support.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 20);

/** So many files of one KB for each kill keep all alerts. */
const KEPT = 100;

/** What a sink was told: ids with the numbers of the alerts, in the order in which they came. */
type Told = { readonly id: string; readonly number: number }[];

/** A process that commits alerts, and what it said it had committed. */
function start(...args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "-A",
      "--no-check",
      fromFileUrl(import.meta.resolve("./endless_alerts.ts")),
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  return {
    child,
    numbers: () => text.split("\n").slice(0, -1).map(Number),
    ended: async () => {
      const { success } = await child.status;
      await reading;
      return success;
    },
  };
}

/** Reads messages, each with its length before it, as long as a connection lasts. */
async function readSyslog(connection: Deno.Conn, told: Told): Promise<void> {
  let text = "";
  for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (;;) {
      const [head, length] = /^(\d+) /.exec(text) ?? [];
      if (head === undefined || text.length < head.length + Number(length)) break;
      const message = text.slice(head.length, head.length + Number(length));
      text = text.slice(head.length + Number(length));
      const [, id, number] = / id="([^"]+)".*"number":(\d+)/.exec(message)!;
      told.push({ id: id!, number: Number(number) });
    }
  }
}

function assertTold(sink: string, told: Told, ids: ReadonlyMap<number, string>): void {
  const first = new Map<number, string>();
  for (const { id, number } of told) {
    assertEquals(id, ids.get(number), `${sink} was told of ${number} under another id`);
    first.set(number, id);
  }
  const missing = [...ids.keys()].filter((number) => !first.has(number));
  assertEquals(missing, [], `${sink} was not told of these`);
  assertEquals([...first.keys()], [...ids.keys()], `${sink} was told in another order`);
}

Deno.test({
  name: `alerts reach flapping sinks through ${KILLS} kills at any moment, each under one id`,
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "alerts.jsonl");
  const hook: Told = [];
  const syslog: Told = [];
  let flaps = true;
  await using server = startServer(async ({ body }) => {
    const chance = flaps ? Math.random() : 1;
    if (chance < 0.1) await new Promise((resolve) => setTimeout(resolve, 700));
    if (chance < 0.2) return new Response(null, { status: 503 });
    const { id, alert_data } = JSON.parse(body);
    hook.push({ id, number: alert_data.number });
    // It has taken the alert, but the sender learns something else.
    return new Response(null, { status: chance < 0.25 ? 500 : 200 });
  });
  await using logs = startRawServer(async (connection) => {
    if (flaps && Math.random() < 0.2) return connection.close();
    await readSyslog(connection, syslog);
  });
  const sinks = JSON.stringify([
    { type: "webhook", url: server.url, timeout: "500ms", attempts: 1_000 },
    { type: "file", path: file, max_size: `${KILLS}KB`, keep: KEPT },
    { type: "syslog", address: logs.url.replace("http", "tcp"), timeout: "2s", attempts: 1_000 },
  ]);
  const state = join(folder.path, "state.kv");

  const acknowledged: number[] = [];
  for (let round = 0; round < KILLS; round++) {
    const { child, numbers, ended } = start(state, sinks);
    await until(() => Promise.resolve(numbers().length > 0));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    child.kill("SIGKILL");
    await ended();
    acknowledged.push(...numbers());
  }
  flaps = false;
  assert(await start(state, sinks, "drain").ended(), "everything that waits is delivered");

  using store = await openAt(state);
  const ids = new Map<number, string>();
  for await (const { id, alert_data } of store.alerts()) ids.set(Number(alert_data.number), id);
  assert(acknowledged.length >= KILLS);
  assertEquals(acknowledged.filter((number) => !ids.has(number)), [], "nothing committed is lost");
  assertEquals((await store.backlog()).filter(({ waiting, dead }) => waiting + dead > 0), []);
  assertTold("the webhook", hook, ids);
  assertTold("syslog", syslog, ids);
  assertTold("the file", await readFiles(file), ids);
});

/** The lines of a file and those of the files that it was rotated to, oldest first. */
async function readFiles(path: string): Promise<Told> {
  const told: Told = [];
  for (let number = KEPT; number >= 0; number--) {
    let text = "";
    try {
      text = await Deno.readTextFile(number === 0 ? path : `${path}.${number}`);
    } catch {
      continue;
    }
    for (const line of text.split("\n").slice(0, -1)) {
      const { id, alert_data } = JSON.parse(line);
      told.push({ id, number: alert_data.number });
    }
  }
  return told;
}
