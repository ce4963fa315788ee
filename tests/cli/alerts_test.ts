import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore } from "../../store/mod.ts";
import { alertOf } from "../sinks/support.ts";
import { fill, onDisk } from "../store/disk.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

/** A store with the alerts a, b and c, of which a sink refused a and is still to be told of b. */
async function prepare(folder: string): Promise<string> {
  const state = join(folder, "state.kv");
  using store = await openStore({
    path: state,
    mode: "write",
    holder: "a test",
    catalogue: CATALOGUE,
  });
  const alerts = ["a", "b", "c"].map((id, at) => ({
    alert: alertOf({
      id,
      title: `Alert ${id} \x1b[31m`,
      alert_time: Date.UTC(2026, 0, 1) + at,
      dedupe_key: id,
    }),
    until: 0,
    sinks: id === "c" ? [] : ["hook"],
  }));
  await store.commitHits({ alerts, counts: [] });
  for await (const entry of store.outbox("hook")) {
    if (entry.alert_id !== "a") continue;
    await store.giveUp({ ...entry, attempts: 8, reason: "the server answered 422", since: 5 });
  }
  return state;
}

Deno.test("alerts list --undelivered and retry tell and mend what did not arrive", async () => {
  await using folder = await temporaryFolder();
  const state = await prepare(folder.path);
  const run = (...words: string[]) => runCli(["alerts", ...words, "--state", state, "--no-color"]);
  const text = await run("list", "--undelivered");
  assertEquals(text.code, 0, text.stderr);
  assertEquals(
    text.stdout,
    "dead     hook  2026-01-01T00:00:00.000Z  a  high Alert a \\x1b[31m\n" +
      "         the server answered 422\n" +
      "waiting  hook  2026-01-01T00:00:00.001Z  b  high Alert b \\x1b[31m\n",
  );
  const json = jsonLines((await run("list", "--undelivered", "--format", "json")).stdout);
  assertEquals(
    json.map((
      { kind, sink, state, attempts, reason, alert },
    ) => [kind, sink, state, attempts, reason, alert.id]),
    [
      ["undelivered", "hook", "dead", 8, "the server answered 422", "a"],
      ["undelivered", "hook", "waiting", 0, undefined, "b"],
    ],
  );
  const csv = await run("list", "--undelivered", "--format", "csv");
  assertEquals(csv.stdout.split("\r\n").length, 4);
  const nothing = await run("list", "--undelivered", "--sink", "other");
  assertEquals(nothing.stdout, "nothing waits, and nothing was refused\n");

  assertMatch((await run("retry", "--sink", "other")).stdout, /^0 alerts/);
  assertMatch((await run("retry", "b")).stdout, /^0 alerts/);
  assertMatch((await run("retry", "a")).stdout, /^1 alert put back/);
  const after = jsonLines((await run("list", "--undelivered", "--format", "json")).stdout);
  assertEquals(after.map(({ state, alert_id }) => [state, alert_id]), [
    ["waiting", "b"],
    ["waiting", "a"],
  ]);
});

Deno.test("alerts show, ack and export tell what is stored", async () => {
  await using folder = await temporaryFolder();
  const state = await prepare(folder.path);
  const run = (...words: string[]) => runCli(["alerts", ...words, "--state", state, "--no-color"]);
  const acked = await run("ack", "a", "--note", "a drill");
  assertEquals([acked.code, acked.stdout], [0, "a is acknowledged\n"]);
  const shown = await run("show", "a");
  assertStringIncludes(shown.stdout, "HIGH Alert a \\x1b[31m");
  assertStringIncludes(shown.stdout, "not taken by hook: the server answered 422");
  assertStringIncludes(shown.stdout, ": a drill");
  const [json] = jsonLines((await run("show", "a", "--format", "json")).stdout);
  assertEquals(json.acknowledged.note, "a drill");
  const unknown = await run("ack", "a", "nope");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.stderr, "there is no alert nope");

  const lines = jsonLines((await run("export")).stdout);
  assertEquals(lines.map(({ id }) => id), ["a", "b", "c"]);
  assertEquals(jsonLines((await run("export", "--limit", "2")).stdout).map(({ id }) => id), [
    "b",
    "c",
  ]);
  const out = join(folder.path, "alerts.csv");
  assertMatch((await run("export", "--format", "csv", "--out", out)).stdout, /^3 alerts written/);
  assert((await Deno.readTextFile(out)).startsWith("id,alert_time,"));
  assertEquals((await run("export", "--out", out)).code, 3, "no file is overwritten");
});

Deno.test("alerts refuses what makes no sense, on one line", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  for (
    const [words, expected] of [
      [["lst"], /unexpected lst; it is list, show, ack, export, retry/],
      [["list", "a"], /unexpected a/],
      [["show"], /show needs the id/],
      [["show", "a"], /there is no alert a/],
      [["retry", "--since", "1h"], /--since means nothing to alerts retry/],
      [["list", "--note", "x"], /--note means nothing to alerts list/],
    ] as const
  ) {
    const { code, stderr } = await runCli(["alerts", ...words, "--state", state]);
    assertEquals(code, 2, words.join(" "));
    assertMatch(stderr, expected);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }
});

onDisk("alerts export leaves no part of a file where the disk is full", 1, async (disk) => {
  await using folder = await temporaryFolder();
  const state = await prepare(folder.path);
  const out = join(disk, "alerts.jsonl");
  const run = () => runCli(["alerts", "export", "--state", state, "--out", out, "--no-color"]);
  fill(join(disk, "other"));
  const full = await run();
  assertEquals(full.code, 3, full.stderr);
  assertEquals(
    full.stderr,
    `daemoneye alerts: ${out} cannot be written: the disk is full; ` +
      "make room there, or take another path\n",
  );
  await Deno.remove(join(disk, "other"));
  assertEquals((await run()).code, 0);
  assertEquals(jsonLines(await Deno.readTextFile(out)).length, 3);
});
