import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fill, onDisk } from "../store/disk.ts";
import { cliCommand, jsonLines, runCli } from "./run_cli.ts";

const RULE = `---
id: 00000000-0000-4000-8000-0000000000aa
title: First
description: Alerts at each scan.
status: test
severity: medium
platforms: [linux]
identity: [which]
suppression: { for: 1s }
---
SELECT pid, 'first' AS which FROM processes WHERE pid = 1
`;

function startAgent(config: string) {
  const process = cliCommand(["agent", "--config", config, "--format", "json"]).spawn();
  const said = { out: "", err: "" };
  const read = async (stream: ReadableStream<Uint8Array>, name: "out" | "err") => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said[name] += text;
  };
  const reading = Promise.all([read(process.stdout, "out"), read(process.stderr, "err")]);
  const lines = () => jsonLines(said.out.slice(0, said.out.lastIndexOf("\n") + 1));
  return {
    process,
    said,
    alerts: () => lines().filter(({ kind }) => kind === "alert"),
    scans: () => lines().filter(({ kind }) => kind === "summary"),
    async until(what: string, holds: () => boolean) {
      const end = Date.now() + 90_000;
      while (!holds()) {
        if (Date.now() > end) throw new Error(`${what}: not in time\n${said.out}${said.err}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async end(signal: Deno.Signal): Promise<number> {
      process.kill(signal);
      const { code } = await process.status;
      await reading;
      return code;
    },
  };
}

onDisk(
  "an agent on a full disk goes on alerting, also when it is started there, and stores again once there is room",
  64,
  async (folder) => {
    const config = join(folder, "daemoneye.yaml");
    const other = join(folder, "other");
    await Deno.mkdir(join(folder, "rules"));
    await Deno.writeTextFile(join(folder, "rules", "one.sql"), RULE);
    await Deno.writeTextFile(
      config,
      "state: state.kv\ndetections: [rules]\nschedule: { every: 1s }\nconfinement: preferred\n",
    );
    const first = startAgent(config);
    await first.until("two scans", () => first.scans().length >= 2);
    fill(other);
    await first.until(
      "the alert",
      () => first.alerts().some(({ title }) => /not stored/.test(title)),
    );
    const before = first.alerts().length;
    await first.until("more alerts", () => first.alerts().length > before + 1);
    await first.end("SIGKILL");

    const second = startAgent(config);
    await second.until("alerts", () => second.alerts().length >= 2);
    const stored = await runCli(["alerts", "export", "--state", join(folder, "state.kv")]);
    assertEquals(stored.code, 0, stored.stderr);
    const ids = new Set(jsonLines(stored.stdout).map(({ id }) => id));
    for (const { id, title } of [...first.alerts(), ...second.alerts().slice(0, 1)]) {
      assert(ids.has(id), `${title} ${id} is not stored`);
    }
    await Deno.remove(other);
    const seen = second.scans().length;
    await second.until("scans", () => second.scans().length > seen + 2);
    const sql = "SELECT count(*) AS n FROM processes WHERE pid = 1";
    const { code, stdout, stderr } = await runCli([
      "query",
      sql,
      "--stored",
      "--format",
      "csv",
      "--state",
      join(folder, "state.kv"),
    ]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "1");
    assertEquals(stderr, "");
    assertEquals(await second.end("SIGTERM"), 0);
    assertEquals(second.said.err.includes("internal error"), false);
  },
);
