import { assert, assertEquals } from "@std/assert";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import type { ScanResult } from "../../engine/scan.ts";
import type { CollectionTask } from "../../model/collection.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { loadDetections } from "../../compiler/files.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { temporaryFolder } from "../cli/run_cli.ts";
import { isLinux, run, testWith, until } from "../collectors/support.ts";
import { withEngine } from "../engine/support.ts";
import { scanHost } from "../engine/triggers/support.ts";

/** Keeps what the collectors of this host are asked for. */
function counted(collectors: Collectors) {
  const tasks: CollectionTask[] = [];
  const counting: Collectors = {
    ...collectors,
    collect(task) {
      tasks.push(task);
      return collectors.collect(task);
    },
  };
  return {
    tasks,
    counting,
    keysOf: (table: string) => tasks.filter((task) => task.table === table).map(({ keys }) => keys),
  };
}

/** Starts copies of sleep(1) with something behind them. */
async function sleepers(folder: string, count: number) {
  const stack = new AsyncDisposableStack();
  const pids: number[] = [];
  const program = await Deno.readFile("/bin/sleep");
  const mark = new TextEncoder().encode("daemoneye-chain-bait");
  const path = `${folder}/bait`;
  await Deno.writeFile(path, new Uint8Array([...program, ...mark]), { mode: 0o755 });
  for (let number = 0; number < count; number++) {
    const child = stack.use(run(path, ["600"]));
    await until(
      `${path} runs`,
      () => Deno.readTextFileSync(`/proc/${child.pid}/comm`) === "bait\n",
    );
    pids.push(child.pid);
  }
  return { path, pids, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const META = (number: number, severity: string) =>
  `---
id: 00000000-0000-4000-8000-00000000000${number}
title: A chain
description: Processes, their programs, what rules find in those.
status: test
severity: ${severity}
platforms: [linux]
`;

/** Detections over a folder: a chain of three stages, and another that needs the same of its second. */
async function detectionsOver(folder: string): Promise<readonly CompiledDetection[]> {
  await Deno.writeTextFile(
    `${folder}/bait.yar`,
    'rule bait { strings: $a = "daemoneye-chain-bait" condition: $a }',
  );
  const chain = `${META(1, "high")}resources: { yara: [bait.yar] }
---
SELECT p.pid, b.file_format, y.rule_name FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path GLOB '${folder}/*'
AUTO JOIN yara_matches y ON y.file_path = b.file_path WHEN b.file_format = 'ELF'
`;
  const other = `${META(2, "low")}---
SELECT p.pid, b.entropy FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path GLOB '${folder}/*'
WHERE b.entropy > 0
`;
  const files = [`${folder}/chain.sql`, `${folder}/other.sql`];
  await Deno.writeTextFile(files[0]!, chain);
  await Deno.writeTextFile(files[1]!, other);
  const loaded = await loadDetections(files, CATALOGUE);
  return loaded.map(({ compiled, diagnostics }) => {
    assert(compiled, Deno.inspect(diagnostics));
    return compiled;
  });
}

const firedOf = ({ alerts }: ScanResult) =>
  alerts.map(({ rule_id, alert_data }) =>
    `${rule_id.at(-1)} ${alert_data.pid} ${alert_data.rule_name ?? ""}`
  ).sort();

testWith({ Linux: isLinux }, "a chain is asked stage by stage, and each key once", async () => {
  await using folder = await temporaryFolder();
  const detections = await detectionsOver(folder.path);
  await using started = await sleepers(folder.path, 2);
  const { path, pids } = started;
  await using collectors = await openCollectors({
    platform: "linux",
    policy: "preferred",
    idleAfter: 300,
  });
  /** A scan with nothing that is remembered of earlier ones. */
  const turn = async (triggerBounds = {}) => {
    const { tasks, counting, keysOf } = counted(collectors);
    let result: ScanResult | undefined;
    await withEngine(async (store, sandbox) => {
      result = await scanHost(store, sandbox, counting, detections, { triggerBounds });
    });
    return { tasks, keysOf, result: result! };
  };
  const expected = [
    ...pids.flatMap((pid) => [`1 ${pid} bait`, `2 ${pid} `]),
  ].sort();

  const first = await turn();
  assertEquals(firedOf(first.result), expected, JSON.stringify(first.result.summary));
  const [analysed, ...others] = first.keysOf("binary_analysis");
  assertEquals([analysed!.column, [...analysed!.values!].sort(), others], [
    "pid",
    [...pids].sort(),
    [],
  ]);
  // Two processes run one file.
  assertEquals(first.keysOf("yara_matches"), [{ column: "file_path", values: [path] }]);
  const order = first.tasks.map(({ table }) => table);
  assertEquals(order.slice(-2), ["binary_analysis", "yara_matches"]);

  // Who waits to be asked ends when nobody does, and what comes next starts it.
  const state = () => collectors.statuses().find(({ name }) => name === "binmond")!.state;
  await until("binmond rests", () => state() === "idle");
  const again = await turn();
  assertEquals(firedOf(again.result), expected);
  assertEquals(state(), "running");

  const bounded = await turn({ keys: 1 });
  assertEquals(bounded.keysOf("binary_analysis").map((keys) => keys!.values!.length), [1]);
  assertEquals(firedOf(bounded.result).length, 2);
  const bound = "binary_analysis: 1 of 2 keys were not answered (bound of 1 keys reached)";
  const { partial } = bounded.result.summary;
  assertEquals(
    partial.map(({ reason }) => reason.endsWith(bound)),
    [true, true],
    Deno.inspect(partial),
  );
});
