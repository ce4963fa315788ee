import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseArguments } from "../../cli/command.ts";
import { followChanges } from "../../cli/changes.ts";
import { agent } from "../../cli/commands/agent.ts";
import { prepare, watchPrepared } from "../../cli/reload.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
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
    await using _watch = watchPrepared(args, prepared, () => count++, (reason) => {
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
  await Deno.writeTextFile(rule, GOOD);
  await using changes = await follow(folder.path, rules);
  await Deno.writeTextFile(rule, "no detection");
  await changes.until("refused");
  // Time enough to read it several times, if anybody would.
  await pause();
  assertEquals(changes.seen, ["refused"]);
  await Deno.writeTextFile(rule, GOOD.replace("First", "Second"));
  await changes.until("taken Second");
  assertEquals(changes.seen, ["refused", "taken Second"]);
});

Deno.test("followChanges() takes in what is saved in folders that came after it began", async () => {
  await using folder = await temporaryFolder();
  const rules = join(folder.path, "rules");
  const inner = join(rules, "custom", "inner");
  await Deno.mkdir(join(rules, "empty"), { recursive: true });
  await Deno.writeTextFile(join(rules, "first.sql"), GOOD);
  await using changes = await follow(folder.path, rules);
  await pause();
  await Deno.writeTextFile(join(rules, "empty", "second.sql"), other("Second"));
  await changes.until("taken First Second");
  await Deno.mkdir(inner, { recursive: true });
  await pause();
  await Deno.writeTextFile(join(inner, "third.sql"), other("Third"));
  await changes.until("taken First Second Third");
  await Deno.rename(join(rules, "custom"), join(folder.path, "backup"));
  await changes.until("taken First Second");
  assertEquals(changes.told.filter((message) => /watched/.test(message)), []);
});

Deno.test("followChanges() goes on watching while folders are missing", async () => {
  await using folder = await temporaryFolder();
  const rules = join(folder.path, "rules");
  const indicators = join(rules, "indicators");
  const deploy = async (title: string) => {
    await Deno.mkdir(indicators, { recursive: true });
    await Deno.writeTextFile(
      join(indicators, "domains.csv"),
      "indicator_value,indicator_type\nexample.org,domain\n",
    );
    await Deno.writeTextFile(
      join(rules, "first.sql"),
      GOOD.replace("First", title)
        .replace("[pid]", "[pid]\nresources: { indicators: [indicators/domains.csv] }")
        .replace("WHERE", "JOIN threat_indicators ON indicator_value = name WHERE"),
    );
  };
  await deploy("First");
  await using changes = await follow(folder.path, rules);
  await Deno.remove(indicators, { recursive: true });
  await changes.until("refused");
  await pause();
  await Deno.remove(rules, { recursive: true });
  await changes.until("refused");
  await pause();
  await deploy("Second");
  await changes.until("taken Second");
  await pause();
  await deploy("Third");
  await changes.until("taken Third");
  // Another folder in its place, at once.
  await Deno.remove(rules, { recursive: true });
  await deploy("Third");
  await pause();
  await deploy("Fourth");
  await changes.until("taken Fourth");
  assertEquals(changes.told.filter((message) => /watched/.test(message)), []);
});

/** Time enough to read everything anew, and to watch what there is then. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4_000));
}

/** Another detection. */
function other(title: string): string {
  return GOOD.replace("First", title).replace(/^id: .*$/m, `id: ${crypto.randomUUID()}`);
}

function titlesOf(detections: readonly CompiledDetection[]): string[] {
  return detections.map(({ detection }) => detection.meta.title).sort();
}

/** Follows changes of a folder of rules until it is disposed of. */
async function follow(folder: string, rules: string) {
  const args = parseArguments(agent, [rules, "--state", join(folder, "state.kv")]);
  const first = await prepare(args);
  assertEquals(first.faults.map(({ line }) => line).join(), "");
  const stop = new AbortController();
  const seen: string[] = [];
  const told: string[] = [];
  let looked = 0;
  const changes = followChanges(
    args,
    first,
    stop.signal,
    (message) => told.push(message),
    () => {},
  );
  const following = (async () => {
    for await (const change of changes) {
      seen.push(
        "reason" in change ? "refused" : ["taken", ...titlesOf(change.detections)].join(" "),
      );
    }
  })();
  return {
    /** What became of each change. */
    seen,
    told,
    /** Waits for something that was not waited for before, not for ever. */
    async until(what: string) {
      const end = Date.now() + 60_000;
      for (;;) {
        const at = seen.indexOf(what, looked);
        if (at >= 0) return void (looked = at + 1);
        if (Date.now() > end) throw new Error(`${what}: not within 60 s: ${seen}; ${told}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}
