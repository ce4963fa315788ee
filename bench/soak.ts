/**
 * Whether an agent under load stays as it is: memory, open files and the size of its store over time.
 *
 *     deno task soak [MINUTES] [PROCESSES A SECOND]
 *
 * Runs the real agent with the shipped detections and one that raises an alert for each of so many short processes a second
 * (50 by default), scans every second and a file as sink, for so many minutes (60). Scans and alerts are kept for one
 * minute, so that the store should stop growing after two. Every few seconds it prints the resident memory of the agent's
 * own process and the summed PSS of all its processes (smaps_rollup in proc_pid_smaps(5)), open files of the agent, processes,
 * and the bytes of the store and of its log; at the end, for each of these and for the PSS of each process, the mean of the
 * second and of the last quarter. Linux; as root, to read what others own.
 */
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { nameOf, pss, rss, startAgent } from "./support/agent.ts";

const [minutes = 60, rate = 50] = Deno.args.map(Number);
const SAMPLES = 60;

const DETECTION = `---
id: 00000000-0000-4000-8000-00000000500a
title: A short process
description: Raises an alert for each process of the load.
status: test
severity: low
platforms: [linux]
mode: events
identity: [pid, event_time]
suppression: { for: 1s }
---
SELECT pid, event_time FROM process_events WHERE event_type = 'exec' AND name = 'sleep'
`;

const folder = Deno.makeTempDirSync({ prefix: "daemoneye-soak-" });
const state = join(folder, "store", "state.kv");
Deno.mkdirSync(join(folder, "rules"));
Deno.writeTextFileSync(join(folder, "rules", "short.sql"), DETECTION);
Deno.writeTextFileSync(
  join(folder, "daemoneye.yaml"),
  `state: ${state}
detections: [rules, ${join(Deno.cwd(), "detections")}]
schedule: { every: 1s }
retention: { age: 60s }
sinks:
  - { type: file, path: ${join(folder, "alerts.jsonl")}, max_size: 10MB }
`,
);
const seen = { scans: 0, events: 0, alerts: 0 };
const said: string[] = [];
const agent = startAgent(
  ["--config", join(folder, "daemoneye.yaml")],
  (line) => {
    const { kind, rows, alerts } = JSON.parse(line);
    if (kind !== "summary") return;
    seen.scans++;
    seen.events += Number(rows.process_events ?? 0);
    seen.alerts += alerts;
  },
  (line) => said.push(line),
);
const load = new Deno.Command("sh", {
  args: ["-c", `while :; do sleep 0.001 & sleep ${1 / rate}; done`],
}).spawn();

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size / 1e6;
  } catch {
    return 0;
  }
}

/** PSS of each process, MB, by what people know it by. */
const parts: Map<string, number>[] = [];

/** What is looked at, by its heading. */
function sample(): Record<string, number> {
  const pids = agent.tree();
  const part = new Map<string, number>();
  for (const pid of pids) part.set(nameOf(pid), (part.get(nameOf(pid)) ?? 0) + pss(pid));
  parts.push(part);
  return {
    "agent MB": rss(agent.pid),
    "all PSS MB": [...part.values()].reduce((sum, size) => sum + size, 0),
    files: [...Deno.readDirSync(`/proc/${agent.pid}/fd`)].length,
    processes: pids.length,
    "store MB": sizeOf(state),
    "log MB": sizeOf(`${state}-wal`),
    "audit MB": sizeOf(`${state}.audit.jsonl`),
    scans: seen.scans,
    events: seen.events,
    alerts: seen.alerts,
  };
}

const show = (values: readonly (string | number)[]) =>
  console.log(
    values.map((value) => typeof value === "number" ? value.toFixed(1) : value)
      .map((text) => text.padStart(11)).join(""),
  );

const samples: Record<string, number>[] = [];
try {
  const started = performance.now();
  for (let at = 1; at <= SAMPLES; at++) {
    await delay(Math.max(0, started + at * minutes * 60_000 / SAMPLES - performance.now()));
    const values = sample();
    if (at === 1) show(["minutes", ...Object.keys(values)]);
    samples.push(values);
    show([(performance.now() - started) / 60_000, ...Object.values(values)]);
  }
  const quarter = SAMPLES / 4;
  const tell = (name: string, values: readonly number[]) => {
    const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / quarter;
    const [second, last] = [values.slice(quarter, 2 * quarter), values.slice(-quarter)];
    console.log(`${name}: ${mean(second).toFixed(1)}, then ${mean(last).toFixed(1)}`);
  };
  for (const name of Object.keys(samples[0]!).slice(0, 7)) {
    tell(name, samples.map((values) => values[name]!));
  }
  for (const name of new Set(parts.flatMap((part) => [...part.keys()]))) {
    tell(`  ${name}, PSS MB`, parts.map((part) => part.get(name) ?? 0));
  }
} finally {
  load.kill("SIGKILL");
  await Promise.all([agent.end(), load.status]);
  for (const line of new Set(said.map((line) => line.replace(/^\S+ /, "")))) console.log(line);
  Deno.removeSync(folder, { recursive: true });
}
