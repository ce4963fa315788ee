import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "@std/path";
import { denoArguments } from "../../../engine/delivery/process.ts";
import { secretWarnings, sinkList, sinkNeeds } from "../../../sinks/mod.ts";
import { hasProgram } from "../../sinks/certificates.ts";
import { temporaryFolder } from "../../sinks/support.ts";
import { until } from "../../sinks/syslog/rsyslog.ts";
import { startServer } from "../../sinks/webhook/server.ts";
import { childrenWith, commit, open, openAt, openMemory } from "./support.ts";

/** The configuration of a process that uses the toolkit. */
const CONFIG = join(import.meta.dirname!, "..", "..", "..", "deno.json");

const ignore = !await hasProgram("pgrep", "--version");
if (ignore) console.log("skipped: pgrep, which finds the delivery process, is not installed");

const childrenFor = (url: string) => childrenWith(new URL(url).host);

Deno.test("sinkNeeds() names the targets of sinks and nothing else", () => {
  const sinks = sinkList.parse([
    { type: "stdout" },
    { type: "file", path: "/var/log/d/alerts.jsonl", keep: 2 },
    { type: "syslog", name: "a", address: "unix:/run/systemd/journal/dev-log" },
    { type: "syslog", name: "b", address: "udp://10.0.0.1" },
    { type: "syslog", name: "c", address: "tls://[::1]:7", ca: "/etc/ca.pem" },
    {
      type: "webhook",
      url: "https://hooks.example/{token}",
      token: { file: "/etc/token" },
      secret: { env: "SECRET" },
      headers: { authorization: { env: "AUTH" }, "x-y": "z" },
      proxy: { url: "http://proxy.example:3128", password: { env: "SECRET" } },
      ca: "/etc/ca.pem",
    },
  ]);
  const files = [0, 1, 2].map((at) => `/var/log/d/alerts.jsonl${at ? `.${at}` : ""}`);
  const sockets = ["/run/systemd/journal/dev-log", "/tmp/x/2.sock"];
  assertEquals(sinkNeeds(sinks, "/tmp/x"), {
    net: [
      ...sockets.map((path) => `unix:${path}`),
      "10.0.0.1:514",
      "0.0.0.0:0",
      "[::1]:7",
      "hooks.example:443",
      "proxy.example:3128",
    ],
    read: [...files, ...sockets, "/etc/ca.pem", "/etc/token"],
    write: [...files, ...sockets],
    env: ["SECRET", "AUTH"],
  });
  const none = denoArguments({ net: [], read: [], write: [], env: [] });
  assertEquals(none.filter((word) => word.startsWith("--allow")), []);
});

Deno.test("the delivery process can do nothing but deliver", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "alerts.jsonl");
  await using server = startServer(() => new Response());
  await using other = startServer(() => new Response());
  await Deno.writeTextFile(join(folder.path, "state.kv"), "the store");
  Deno.env.set("DAEMONEYE_TEST_OTHER", "x");
  const needs = sinkNeeds(
    sinkList.parse([{ type: "file", path }, { type: "webhook", url: server.url }]),
    undefined,
  );
  const probe = join(folder.path, "probe.ts");
  await Deno.writeTextFile(
    probe,
    `
const [path, url, other, folder] = Deno.args;
const attempts = {
  "its file": () => Deno.writeTextFile(path!, "x"),
  "its server": () => fetch(url!),
  "another server": () => fetch(other!),
  "the store": () => Deno.readTextFile(folder + "/state.kv"),
  "writing elsewhere": () => Deno.writeTextFile(folder + "/new", "x"),
  "/etc/passwd": () => Deno.readTextFile("/etc/passwd"),
  "a program": () => new Deno.Command("true").output(),
  "an environment variable": () => Deno.env.get("DAEMONEYE_TEST_OTHER"),
  "a listener": () => Deno.listen({ port: 0 }),
  "the name of the host": () => Deno.hostname(),
};
const can = [];
for (const [name, attempt] of Object.entries(attempts)) {
  try { await attempt(); can.push(name); } catch { /* refused */ }
}
console.log(JSON.stringify(can));`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...denoArguments(needs).slice(0, -1), probe, path, server.url, other.url, folder.path],
  }).output();
  const text = new TextDecoder();
  assertEquals(JSON.parse(text.decode(stdout)), ["its file", "its server"], text.decode(stderr));
});

Deno.test({
  name: "the delivery process is started again when it dies, and nothing is lost",
  ignore,
}, async () => {
  await using server = startServer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response();
  });
  using store = await openMemory();
  const problems: string[] = [];
  const ids = Array.from({ length: 60 }, (_, at) => `a${at}`);
  {
    await using delivery = await open(
      store,
      [{ type: "webhook", url: server.url, attempts: 100 }],
      { onProblem: (problem) => problems.push(problem) },
    );
    await commit(delivery.store, ids);
    for (const count of [5, 20, 40]) {
      await until(() => Promise.resolve(server.seen.length >= count));
      for (const pid of await childrenFor(server.url)) Deno.kill(pid, "SIGKILL");
    }
    assert(await delivery.drain(60_000));
    assertEquals((await childrenFor(server.url)).length, 1);
  }
  assertEquals(await childrenFor(server.url), [], "it ends with its owner");
  const seen = server.seen.map(({ body }) => JSON.parse(body).id);
  assertEquals([...new Set(seen)], ids, "in order, repetitions under the same id");
  assertMatch(problems.join("\n"), /the delivery process ended \(SIGKILL\); it is started again/);
});

Deno.test(
  { name: "no secret is told: not to logs, reports, command lines or the store", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const values = ["Env-S3cret/value", "File-S3cret value", "Literal-S3cret"];
    Deno.env.set("DAEMONEYE_TEST_DELIVERY", values[0]!);
    const file = join(folder.path, "secret");
    await Deno.writeTextFile(file, values[1]!);
    const script = `
    import { openDelivery } from ${
      JSON.stringify(import.meta.resolve("../../../engine/delivery/mod.ts"))
    };
    import { sinkList, secretWarnings } from ${
      JSON.stringify(import.meta.resolve("../../../sinks/mod.ts"))
    };
    import { commit, openAt } from ${JSON.stringify(import.meta.resolve("./support.ts"))};
    const sinks = sinkList.parse(JSON.parse(Deno.args[1]!));
    for (const warning of secretWarnings(sinks)) console.error(warning);
    using store = await openAt(Deno.args[0]!);
    await using delivery = await openDelivery({ store, sinks, onProblem: (text) => console.error(text) });
    await commit(delivery.store, ["a", "b"]);
    await delivery.drain(30_000);
    console.log(JSON.stringify(await delivery.status()));
    console.log(JSON.stringify(await delivery.check()));
    console.log(JSON.stringify(await Array.fromAsync(store.deadLetters())));
    console.log("done");
    await new Promise(() => {});`;
    // The server says again whatever it is told.
    await using echo = startServer(({ path, headers }) =>
      new Response(path + JSON.stringify([...headers]), { status: 400 })
    );
    const sinks = [
      { type: "webhook", name: "env", secret: { env: "DAEMONEYE_TEST_DELIVERY" } },
      { type: "webhook", name: "file", token: { file }, headers: { authorization: { file } } },
      { type: "webhook", name: "literal", token: values[2]!, headers: { "x-api-key": values[2]! } },
    ].map((sink) => ({ ...sink, url: `${echo.url}/{token}`, attempts: 2 }));
    const main = join(folder.path, "main.ts");
    await Deno.writeTextFile(main, script);
    const state = join(folder.path, "state.kv");
    const process = new Deno.Command(Deno.execPath(), {
      // The words of this test are the only ones that may hold the literal.
      args: ["run", "-A", "--no-check", `--config=${CONFIG}`, main, state, JSON.stringify(sinks)],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let said = "";
    const read = async (stream: ReadableStream<Uint8Array>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) said += text;
    };
    const reading = Promise.all([read(process.stdout), read(process.stderr)]);
    try {
      await until(() => Promise.resolve(/^done$/m.test(said)));
      const args = ["-P", String(process.pid), "-a", "-f", "child.ts"];
      const { stdout } = await new Deno.Command("pgrep", { args }).output();
      const lines = new TextDecoder().decode(stdout);
      assertMatch(lines, /--allow-env=DAEMONEYE_TEST_DELIVERY/);
      said += lines;
    } finally {
      process.kill("SIGKILL");
      await process.status;
      await reading;
    }
    assert(echo.seen.length >= 6, "the server was told");
    assertMatch(said, /sink literal: token stands in the configuration/);
    assertMatch(said, /\*\*\*/);
    using store = await openAt(state);
    said += JSON.stringify([
      await Array.fromAsync(store.deadLetters()),
      await Array.fromAsync(store.alerts()),
    ]);
    for (const value of values) {
      for (const form of [value, encodeURIComponent(value), encodeURI(value), btoa(value)]) {
        assert(!said.includes(form), `${form} was told:\n${said}`);
      }
    }
  },
);

Deno.test("a literal secret is warned of, without showing it", () => {
  const sinks = sinkList.parse([
    { type: "webhook", url: "https://a.example", secret: "hush", headers: { cookie: "hush" } },
  ]);
  const warnings = secretWarnings(sinks);
  assertEquals(warnings.length, 2);
  assertNotMatch(warnings.join(), /hush/);
});

Deno.test("delivery says why its process does not start, and goes on trying", async () => {
  await using server = startServer(() => new Response());
  const args = ["run", "-q", "-A", "--no-check", `--config=${CONFIG}`];
  const module = new URL("without_programs.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, module, server.url],
  }).output();
  const text = new TextDecoder();
  assertMatch(text.decode(stdout), /^the delivery process does not start: /, text.decode(stderr));
  assertEquals(server.seen.length, 1);
});

for (
  const [why, name, reason] of [
    ["is not there", "nothing", /no socket to send from: No such file/],
    ["has a comma in its name", "a,b", /no socket to send from: .*comma/],
    ["has too long a name", "x".repeat(100), /no socket to send from: .*path/],
  ] as const
) {
  Deno.test(`a sink whose folder ${why} says so, and takes no other with it`, async () => {
    await using folder = await temporaryFolder();
    const temporary = join(folder.path, name);
    if (name !== "nothing") await Deno.mkdir(temporary);
    const path = join(folder.path, "alerts.jsonl");
    const module = new URL("without_folder.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-check", `--config=${CONFIG}`, module, path],
      env: { TMPDIR: temporary },
    }).output();
    const text = new TextDecoder();
    assertMatch(text.decode(stdout), /^\[/, text.decode(stderr));
    const [syslog, file] = JSON.parse(text.decode(stdout));
    assertMatch(syslog.reason, reason);
    assertEquals(file, { sink: "file", healthy: true });
    assertEquals(JSON.parse(await Deno.readTextFile(path)).id, "a");
  });
}
