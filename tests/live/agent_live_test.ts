import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore } from "../../store/mod.ts";
import { cliCommand, jsonLines, temporaryFolder } from "../cli/run_cli.ts";

/** Finds each start of a program of a name that nobody else uses. */
const DETECTION = (name: string) =>
  `---
id: 00000000-0000-4000-8000-0000000000ab
title: A bait was started
description: A detection of a test.
status: test
severity: low
platforms: [linux]
mode: events
identity: [pid]
---
SELECT e.pid, e.user_name FROM process_events e
WHERE e.event_type = 'exec' AND e.name = '${name}'
`;

const STORM = 2_000;

Deno.test(
  "the agent that is stopped in the middle of a storm has judged every event that it took",
  {
    ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  },
  async () => {
    await using folder = await temporaryFolder();
    const name = `bait${Deno.pid % 100_000}`;
    const bait = join(folder.path, name);
    await Deno.copyFile("/bin/true", bait);
    const rule = join(folder.path, "rule.sql");
    await Deno.writeTextFile(rule, DETECTION(name));
    const state = join(folder.path, "state.kv");
    const agent = cliCommand(["agent", rule, "--state", state, "--format", "json", "--every", "1s"])
      .spawn();
    let out = "";
    const ready = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const text of agent.stdout.pipeThrough(new TextDecoderStream())) {
        out += text;
        if (/"kind":"summary"[\s\S]*"kind":"summary"/.test(out)) ready.resolve();
      }
    })();
    const errors = new Response(agent.stderr).text();
    await ready.promise;
    const storm = new Deno.Command("/bin/sh", {
      args: ["-c", `i=0; while [ $i -lt ${STORM} ]; do ${bait}; i=$((i+1)); done`],
    }).spawn();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const asked = performance.now();
    agent.kill("SIGTERM");
    const { code } = await agent.status;
    const took = performance.now() - asked;
    await storm.status;
    await reading;
    assertEquals([code, await errors], [0, ""]);
    assert(took < 30_000, `it took ${took} ms to end`);

    const alerted = new Set(
      jsonLines(out).filter(({ kind }) => kind === "alert").map(({ alert_data }) => alert_data.pid),
    );
    const stored = new Set<unknown>();
    using store = await openStore({
      path: state,
      mode: "read",
      holder: "a test",
      catalogue: CATALOGUE,
    });
    for (const { scan_id } of await store.scans({ limit: 1_000 })) {
      for await (const { columns, values, rows } of store.batches(scan_id, "process_events")) {
        const cells = (column: string) => values[columns.indexOf(column)]!;
        for (let row = 0; row < rows; row++) {
          if (cells("name")[row] !== name || cells("event_type")[row] !== "exec") continue;
          stored.add(cells("pid")[row]);
        }
      }
    }
    assert(stored.size > 50, `${stored.size} events`);
    assertEquals([...stored].filter((pid) => !alerted.has(pid)), []);
  },
);
