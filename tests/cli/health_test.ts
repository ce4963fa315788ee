import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { promtool } from "../engine/health/promtool.ts";
import { cliCommand, jsonLines, ROOT, runCli, temporaryFolder } from "./run_cli.ts";

const DETECTION = `---
id: 00000000-0000-4000-8000-0000000000ae
title: A process
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
---
SELECT pid, name FROM processes WHERE pid = 1
`;

const TOKEN = "a-token-that-nobody-guesses";

/** Runs an agent and gives what it says, until the end of the scope. */
async function startAgent(
  folder: string,
  settings: string,
  words: readonly string[] = [],
  detection = DETECTION,
) {
  await Deno.writeTextFile(join(folder, "one.sql"), detection);
  const config = join(folder, "daemoneye.yaml");
  await Deno.writeTextFile(
    config,
    `state: state.kv\ndetections: [one.sql]\nschedule: { every: 1s }\n` +
      // On a busy host a detection takes long, of which nothing is to be told here.
      `budgets: { share: 100 }\n${settings}\n`,
  );
  const process = cliCommand(
    ["agent", "--config", config, "--format", "json", "--log-format", "json", ...words],
    { env: { HEALTH_TOKEN: TOKEN } },
  ).spawn();
  const said = { out: "", err: "" };
  const read = async (stream: ReadableStream<Uint8Array>, name: "out" | "err") => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said[name] += text;
  };
  const reading = Promise.all([read(process.stdout, "out"), read(process.stderr, "err")]);
  const whole = (text: string) => jsonLines(text.slice(0, text.lastIndexOf("\n") + 1));
  return {
    process,
    said,
    out: () => whole(said.out),
    log: () => whole(said.err),
    async until<T>(what: string, find: () => T | undefined): Promise<T> {
      for (const end = Date.now() + 60_000;;) {
        const found = find();
        if (found !== undefined) return found;
        if (Date.now() > end) throw new Error(`${what}: not within 60 s\n${said.out}${said.err}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await process.status;
      await reading;
    },
  };
}

Deno.test("the agent serves health and metrics to whoever has the token", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await temporaryFolder();
  const health = `health: { listen: "127.0.0.1:0", token: { env: HEALTH_TOKEN } }`;
  await using agent = await startAgent(folder.path, health, ["--log-level", "info"]);
  const address = await agent.until(
    "the address",
    () => agent.log().find(({ message }) => message === "health is served")?.address,
  );
  assertMatch(address, /^127\.0\.0\.1:[1-9]\d*$/);
  await agent.until(
    "a scan",
    () => agent.out().find(({ kind }) => kind === "summary"),
  );
  const get = async (path: string, token = TOKEN) => {
    const answer = await fetch(`http://${address}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: answer.status, text: await answer.text() };
  };
  assertEquals((await get("/metrics", "guess")).status, 401);
  let metrics = "";
  for (const end = Date.now() + 60_000; !/daemoneye_scans_total [1-9]/.test(metrics);) {
    assert(Date.now() < end, metrics);
    metrics = (await get("/metrics")).text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assertStringIncludes(metrics, 'daemoneye_alerts_total{severity="medium"} 1\n');
  assertMatch(metrics, /daemoneye_rows_total\{table="processes"\} [1-9]/);
  assertMatch(metrics, /daemoneye_collector_rows_total\{collector="procmond"\} [1-9]/);
  await promtool(metrics);
  const { status, text } = await get("/health");
  const body = JSON.parse(text);
  assertEquals([status, body.status, body.problems], [200, "ok", []]);
  assertMatch(body.audit.hash, /^[0-9a-f]{64}$/);

  const alert = agent.out().find(({ kind }) => kind === "alert");
  const raised = agent.log().find(({ message }) => message === "alert raised");
  assertEquals([raised.alert_id, raised.rule_id, raised.scan_id, raised.level], [
    alert.id,
    alert.rule_id,
    alert.scan_id,
    "info",
  ]);
  assert(agent.log().some(({ message, scan_id }) => message === "scan ended" && scan_id === 1));
  assert(!(agent.said.err + agent.said.out).includes(TOKEN));
  agent.process.kill("SIGTERM");
  assertEquals((await agent.process.status).code, 0);
  const verified = await runCli(["audit", "verify", "--state", join(folder.path, "state.kv")]);
  assertEquals(verified.code, 0, verified.stdout);
});

Deno.test("the agent listens nowhere unless told, and not for others without a token", async () => {
  await using folder = await temporaryFolder();
  const config = join(folder.path, "daemoneye.yaml");
  const check = async (settings: string) => {
    await Deno.writeTextFile(config, settings);
    return await runCli(["agent", "--config", config, "--check-config"]);
  };
  const open = await check('health: { listen: "0.0.0.0:9464" }\n');
  assertEquals(open.code, 2);
  assertStringIncludes(open.stderr, "an address that others can reach needs a token");
  assertEquals((await check('health: { listen: "0.0.0.0:9464", token: { env: X } }\n')).code, 0);
  assertEquals((await check('health: { listen: "127.0.0.1:9464" }\n')).code, 0);
  assertEquals((await check('health: { listen: "example.org" }\n')).code, 2);
});

/** Processes of an agent, and theirs, whose command line has a text in it. */
async function offspringOf(agent: number, text: string): Promise<number[]> {
  const children = await childrenOf(agent, text);
  const theirs = await Promise.all(children.map((pid) => offspringOf(pid, text)));
  return [...children, ...theirs.flat()];
}

/** Processes of an agent whose command line has a text in it. */
async function childrenOf(agent: number, text: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, parent] = /\) \S (\d+)/.exec(await Deno.readTextFile(`/proc/${name}/stat`)) ?? [];
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`);
      if (Number(parent) === agent && line.includes(text)) found.push(Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

Deno.test("a collector that is killed is an alert of its own, with what it means", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  await using agent = await startAgent(folder.path, "");
  await agent.until("a scan", () => agent.out().find(({ kind }) => kind === "summary"));
  const collectors = await childrenOf(agent.process.pid, "procmond");
  assert(collectors.length > 0);
  for (const pid of collectors) Deno.kill(pid, "SIGKILL");
  const alert = await agent.until(
    "the alert",
    () => agent.out().find(({ title }) => title?.startsWith("Collector procmond failed: ")),
  );
  assertEquals(alert.rule_id, "daemoneye.operational");
  assertStringIncludes(alert.description, "daemoneye collectors tells more");
  assertEquals(alert.alert_data.collector, "procmond");
  assert(alert.alert_data.tables.includes("processes"));
});

Deno.test(
  "a collector that is killed again and again is told as down, and collectors says the same",
  {
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    await using folder = await temporaryFolder();
    await using agent = await startAgent(folder.path, "");
    await agent.until("a scan", () => agent.out().find(({ kind }) => kind === "summary"));
    const isDown = () =>
      agent.out().find(({ title }) => title?.startsWith("Collector procmond is down"));
    const end = Date.now() + 120_000;
    while (!isDown() && Date.now() < end) {
      for (const pid of await childrenOf(agent.process.pid, "procmond")) {
        try {
          Deno.kill(pid, "SIGKILL");
        } catch {
          // It has ended by itself.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { title, severity, alert_data } = isDown()!;
    assertEquals([severity, alert_data.state], ["high", "given_up"]);
    assertMatch(title, /it failed 5 times within 10 minutes, at last: .*SIGKILL/);
    const shown = await runCli(["collectors", "--state", join(folder.path, "state.kv")]);
    assertStringIncludes(shown.stdout, "it failed 5 times within 10 minutes");
  },
);

/** Runs a program as root without the capability to make namespaces. */
const WITHOUT_NAMESPACES = ["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", "--"];

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
if (!isRoot) console.log("skipped: only root is used to namespaces");

Deno.test("an agent whose collectors cannot be confined says so in an alert, and why", {
  ignore: !isRoot,
}, async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "one.sql"), DETECTION);
  const start = (confinement: string) =>
    new Deno.Command("setpriv", {
      // deno-fmt-ignore
      args: [
        ...WITHOUT_NAMESPACES, Deno.execPath(), "run", "-q", "-P=host", `--config=${ROOT}deno.json`, `${ROOT}cli/main.ts`,
        "agent", join(folder.path, "one.sql"), "--config", "/dev/null", "--format", "json", "--confinement", confinement,
        "--state", join(folder.path, `${confinement}.kv`),
      ],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  /** The operational alerts, and the summary, of the first scan. */
  const run = async (confinement: string) => {
    await using child = start(confinement);
    let out = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      out += text;
      if (/"kind":"summary".*\n/.test(out)) break;
    }
    child.kill("SIGKILL");
    await child.stderr.cancel();
    const lines = jsonLines(out.slice(0, out.lastIndexOf("\n") + 1));
    return {
      told: lines.filter(({ rule_id }) => rule_id === "daemoneye.operational")
        .map(({ title, severity }) => `${severity} ${title}`),
      summary: lines.find(({ kind }) => kind === "summary"),
    };
  };
  const preferred = await run("preferred");
  assertEquals(preferred.told.length, 1, preferred.told.join("; "));
  assertMatch(
    preferred.told[0]!,
    /^medium Collectors are less confined than they could be: namespaces do not work here \(.+\)$/,
  );
  assertEquals([preferred.summary.matched, preferred.summary.not_evaluated], [1, []]);
  assertEquals((await run("off")).told, []);
  const { code, stderr } = await start("required").output();
  assertEquals(code, 3);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^daemoneye agent: query process may not run unconfined, and namespaces do not work here \(.+\)\n$/,
  );
});

Deno.test("events that the kernel could not keep for a collector are an alert of their own", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const seen = join(folder.path, "seen");
  await Deno.mkdir(seen);
  const settings = `collectors: { fsmond: { paths: [${seen}] } }`;
  const events = DETECTION.replace(
    "\n---\nSELECT pid, name FROM processes WHERE pid = 1",
    `
mode: events
---
SELECT e.event_id, e.file_path FROM file_events e WHERE e.file_path LIKE '%evil'`,
  );
  await using agent = await startAgent(folder.path, settings, [], events);
  await agent.until("events are told", () => {
    Deno.writeFileSync(join(seen, "first"), new Uint8Array());
    return agent.out().find(({ kind, rows }) => kind === "summary" && rows.file_events > 0);
  });
  const collectors = await offspringOf(agent.process.pid, "fsmond");
  assert(collectors.length > 0);
  for (const pid of collectors) Deno.kill(pid, "SIGSTOP");
  // More than `fs.inotify.max_queued_events` and fanotify's queue hold.
  for (let file = 0; file < 20_000; file++) {
    Deno.writeFileSync(join(seen, String(file)), new Uint8Array());
  }
  for (const pid of collectors) Deno.kill(pid, "SIGCONT");
  const alert = await agent.until(
    "the alert",
    () => agent.out().find(({ title }) => title?.startsWith("Collector fsmond lost ")),
  );
  assert(alert.alert_data.lost > 0);
});

Deno.test("an audit log that was cut while no agent ran is an alert of the next one", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await temporaryFolder();
  {
    await using agent = await startAgent(folder.path, "");
    await agent.until("a scan", () => agent.out().find(({ kind }) => kind === "summary"));
    agent.process.kill("SIGTERM");
    await agent.process.status;
  }
  const log = join(folder.path, "state.kv.audit.jsonl");
  const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
  await Deno.writeTextFile(log, lines.slice(0, -2).join("\n") + "\n");
  await using agent = await startAgent(folder.path, "");
  const alert = await agent.until(
    "the alert",
    () => agent.out().find(({ title }) => title?.startsWith("the audit log is not whole")),
  );
  assertMatch(alert.title, /^the audit log is not whole: entries \d+ to \d+ are missing$/);
});
