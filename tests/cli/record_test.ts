import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCli, temporaryFolder } from "./run_cli.ts";

const ignore = Deno.build.os !== "linux";
if (ignore) console.log("skipped: recording a live host is tested on Linux");

/** A repository with one detection, which finds a program by a marker in its arguments. */
async function repository(folder: string, marker: string): Promise<string> {
  const detection = join(folder, "detections", "marked.sql");
  await Deno.mkdir(join(folder, "detections"));
  await Deno.mkdir(join(folder, "fixtures", "marked"), { recursive: true });
  await Deno.writeTextFile(
    detection,
    `---
id: 7d3c6f4e-2f0b-4c7a-9a51-0d8d7f1f2a3b
title: Marked
description: A program with a marker in its arguments.
status: test
severity: medium
platforms: [linux]
---
SELECT pid, process_key, name, command_line, user_name
FROM processes
WHERE command_line LIKE '%${marker}%' AND name = 'sleep'
`,
  );
  return detection;
}

/** A process that is called sleep, with a command line of our own, until the end of its scope. */
function sleeping(command_line: string): AsyncDisposable {
  const child = new Deno.Command("/bin/bash", {
    args: ["-c", 'exec -a "$1" /bin/sleep 300', "bash", command_line],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test(
  { name: "record makes a fixture of the live host that test passes", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const marker = `marker-${crypto.randomUUID().slice(0, 8)}`;
    const detection = await repository(folder.path, marker);
    await using _process = sleeping(`sleep --tag ${marker} --password hunter2-secret`);
    const out = join(folder.path, "fixtures", "marked", "live.yaml");
    const words = [
      "record",
      "--detection",
      detection,
      "--shrink",
      "--case",
      "live: one",
      "--out",
      out,
    ];
    const first = await runCli(words);
    assertEquals(first.code, 0, first.stderr);
    assertEquals(first.stdout, "");
    const text = await Deno.readTextFile(out);
    assertStringIncludes(text, 'case: "live: one"');
    assertStringIncludes(text, marker);
    assert(!text.includes("hunter2"), text);
    assertMatch(text, /--password redacted-[0-9a-f]{8}/);
    assertEquals(text.match(/^ {4}- /gm)?.length, 2, `one row and one alert:\n${text}`);
    assertMatch(first.stderr, /1 of \d{2,} rows, 1 alert,/);

    const tested = await runCli(["test", folder.path]);
    assertEquals(
      [tested.code, tested.stdout.includes("1 passed, 0 failed")],
      [0, true],
      tested.stdout,
    );

    const again = await runCli(words);
    assertEquals(again.code, 2);
    assertStringIncludes(again.stderr, `${out} exists; --force overwrites it`);
    assertEquals(await Deno.readTextFile(out), text);
    assertEquals((await runCli([...words, "--force"])).code, 0);
  },
);

Deno.test(
  { name: "record and backtest work on stored scans and on recorded hosts", ignore },
  async () => {
    await using folder = await temporaryFolder();
    const marker = `marker-${crypto.randomUUID().slice(0, 8)}`;
    const detection = await repository(folder.path, marker);
    const state = join(folder.path, "state.kv");
    const scan = () => runCli(["scan", detection, "--state", state, "--format", "json"]);
    assertEquals((await scan()).code, 0);
    const host = join(folder.path, "host.jsonl.gz");
    {
      await using _process = sleeping(`sleep ${marker}`);
      assertEquals((await scan()).code, 0);
      assertEquals((await scan()).code, 0);
      const recorded = await runCli([
        "record",
        "--tables",
        "processes,processes.limits",
        "--out",
        host,
      ]);
      assertEquals(recorded.code, 0, recorded.stderr);
    }
    const stored = ["--stored", "2", "--state", state];
    const fixture = await runCli(["record", "--detection", detection, "--shrink", ...stored]);
    assertEquals(fixture.code, 0, fixture.stderr);
    assertStringIncludes(fixture.stdout, `command_line: "sleep ${marker} 300"`);
    assertEquals(
      (await runCli(["record", "--detection", detection, "--stored", "9", "--state", state])).code,
      3,
    );

    const old = join(folder.path, "old.sql");
    await Deno.writeTextFile(
      old,
      (await Deno.readTextFile(detection)).replace("%' AND", "%' AND pid < 0 AND"),
    );
    const words = ["backtest", detection, "--compare", old, "--format", "json"];
    const history = await runCli([...words, "--state", state]);
    assertEquals(history.code, 0, history.stderr);
    const report = JSON.parse(history.stdout);
    assertEquals(
      [report.scans, report.evaluated, report.fired, report.alerts, report.hits, report.suppressed],
      [3, 3, 1, 1, 2, 1],
    );
    const { gained, lost, alerts_before } = report.compare;
    assertEquals([gained, lost, alerts_before], [2, 0, 0]);
    const shown = await runCli(["backtest", detection, "--compare", old, "--state", state]);
    assertMatch(shown.stdout, /\nhistory from \S+Z to \S+Z\n/);
    assertMatch(shown.stdout, /\ncompared: 2 rows gained, 0 lost; 1 alert instead of 0\n$/);
    assertEquals(report.compare.scans[0].gained[0].command_line, `sleep ${marker} 300`);
    assertEquals(report.history.map((one: { scan_id: number }) => one.scan_id), [2, 3]);

    const text = await runCli(["backtest", detection, "--recorded", host]);
    assertEquals(text.code, 0, text.stderr);
    assertStringIncludes(
      text.stdout,
      "1 of 1 scan evaluated; fired in 1: 1 alert of 1 row, 0 suppressed",
    );

    const later = await runCli(["backtest", detection, "--state", state, "--since", "2100-01-01"]);
    assertEquals(later.code, 3);
    assertStringIncludes(later.stderr, "no scan");
  },
);

Deno.test("record and backtest say what they need", async () => {
  await using folder = await temporaryFolder();
  const detection = await repository(folder.path, "x");
  const nowhere = join(folder.path, "nothing.kv");
  const cases: readonly (readonly [string[], number, string])[] = [
    [["record"], 2, "--detection FILE or --tables A,B"],
    [["record", "--tables", "procs"], 2, "there is no table procs"],
    [["record", "--tables", "processes.pidd"], 2, "processes has no column pidd"],
    [["record", "--tables", "processes", "--shrink"], 2, "--shrink needs"],
    [
      ["record", "--tables", "processes", "--out", join(nowhere, "x.yaml")],
      2,
      "there is no folder",
    ],
    [
      ["record", "--detection", detection, "--stored", "latest", "--state", nowhere],
      3,
      "there is no store",
    ],
    [
      ["record", "--detection", detection, "--stored", "one", "--state", nowhere],
      3,
      "there is no store",
    ],
    [["backtest", detection, "--state", nowhere], 3, "there is no store"],
    [["backtest", detection, "--recorded", "x", "--stored"], 2, "exclude each other"],
    [["backtest", detection, "--recorded", nowhere], 2, "nothing.kv"],
    [["backtest", detection, "--since", "soon"], 2, "neither a time nor a duration"],
  ];
  for (const [words, code, message] of cases) {
    const result = await runCli(words);
    assertEquals(result.code, code, words.join(" ") + result.stderr);
    assertStringIncludes(result.stderr, message);
  }
});
