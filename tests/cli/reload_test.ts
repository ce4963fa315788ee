import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseArguments } from "../../cli/command.ts";
import { followChanges } from "../../cli/changes.ts";
import { agent } from "../../cli/commands/agent.ts";
import { prepare, watchPrepared } from "../../cli/reload.ts";
import { temporaryFolder } from "./run_cli.ts";

const RULE = `---
id: 5a2f1c3e-8b7d-4e6f-9a01-2b3c4d5e6f70
title: First
description: The first process.
severity: low
---
SELECT pid FROM processes WHERE pid = 1
`;

const GOOD = RULE.replace(
  "severity: low",
  "severity: low\nstatus: test\nplatforms: [linux]\nidentity: [pid]",
);

Deno.test("watchPrepared() tells of what changed after it was read and before it was watched, once", async () => {
  await using folder = await temporaryFolder();
  const rules = join(folder.path, "rules");
  const rule = join(rules, "first.sql");
  await Deno.mkdir(rules);
  await Deno.writeTextFile(rule, RULE);
  // What was written long ago was read.
  await Deno.utime(rule, 1, 1);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const args = parseArguments(agent, [rules, "--state", join(folder.path, "state.kv")]);
  const told = async (act: () => Promise<void>) => {
    const prepared = await prepare(args);
    await act();
    let count = 0;
    using _watch = watchPrepared(args, prepared, () => count++, (reason) => {
      throw new Error(reason);
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return count;
  };
  assertEquals(await told(async () => {}), 0);
  assertEquals(await told(() => Deno.writeTextFile(rule, RULE.replace("First", "Second"))), 1);
  assertEquals(await told(async () => {}), 0);
  assertEquals(await told(() => Deno.writeTextFile(join(rules, "other.sql"), RULE)), 1);
});

Deno.test("followChanges() reads what was refused once, and again when it changes", async () => {
  await using folder = await temporaryFolder();
  const rules = join(folder.path, "rules");
  const rule = join(rules, "first.sql");
  await Deno.mkdir(rules);
  await Deno.writeTextFile(rule, RULE);
  const args = parseArguments(agent, [rules, "--state", join(folder.path, "state.kv")]);
  const first = await prepare(args);
  const stop = new AbortController();
  const kinds: string[] = [];
  const seen = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const following = (async () => {
    for await (const change of followChanges(args, first, stop.signal, () => {}, () => {})) {
      kinds.push("reason" in change ? "refused" : "taken");
      seen[kinds.length - 1]?.resolve();
    }
  })();
  await Deno.writeTextFile(rule, "no detection");
  await seen[0]!.promise;
  // Time enough to read it several times, if anybody would.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  assertEquals(kinds, ["refused"]);
  await Deno.writeTextFile(rule, GOOD.replace("First", "Second"));
  await seen[1]!.promise;
  assertEquals(kinds, ["refused", "taken"]);
  stop.abort();
  await following;
});
