/**
 * What an agent with many detections costs, and how soon a webhook knows of a process that one of them looks for.
 *
 *     deno task bench:agent [DETECTIONS] [PROCESSES] [EVENTS] [SECONDS BETWEEN SCANS]
 *
 * Copies the shipped detections under other names until there are so many (1,000 by default), starts so many sleeping
 * processes (1,000), an agent that scans each minute and delivers to a webhook here, and, ten a second, so many programs
 * (600) that one detection looks for. Prints the time from before each program's start to the arrival of its alert, what
 * all processes of the agent used of a core before and meanwhile, and their summed PSS.
 */
import { delay } from "@std/async/delay";
import { dirname, join } from "@std/path";
import { findDetections } from "../compiler/files.ts";
import { meterOf, startAgent, startSleepers } from "./support/agent.ts";

const [detections = 1000, processes = 1000, events = 600, every = 60] = Deno.args.map(Number);
const PAUSE_MS = 100;

const WANTED = `---
id: 00000000-0000-4000-8000-00000000ba5e
title: A program of the benchmark
description: Raises an alert for each program of the benchmark.
status: test
severity: low
platforms: [linux]
mode: events
identity: [pid, event_time]
suppression: { for: 1s }
---
SELECT pid, event_time, command_line FROM process_events
WHERE event_type = 'exec' AND command_line LIKE '%sleep 0.2 0.0000%'
`;

/** Copies of the shipped detections, each under an id and a name of its own. */
async function copies(folder: string): Promise<void> {
  const shipped = await findDetections(["detections"]);
  const texts = shipped.map((file) => Deno.readTextFileSync(file));
  for (const [at, file] of shipped.entries()) {
    const named = /^resources: .*\[([^\]]+)/m.exec(texts[at]!)?.[1]?.split(", ") ?? [];
    for (const path of named) {
      Deno.mkdirSync(dirname(join(folder, path)), { recursive: true });
      Deno.copyFileSync(join(dirname(file), path), join(folder, path));
    }
  }
  for (let at = 0; at < detections - 1; at++) {
    const file = shipped[at % shipped.length]!;
    const text = texts[at % shipped.length]!
      .replace(/^id: .*$/m, `id: ${crypto.randomUUID()}`);
    const name = file.replace(/^.*\//, "").replace(/\.sql$/, `_${at}.sql`);
    Deno.writeTextFileSync(join(folder, name), text);
  }
  Deno.writeTextFileSync(join(folder, "wanted.sql"), WANTED);
}

const folder = Deno.makeTempDirSync({ prefix: "daemoneye-bench-" });
Deno.mkdirSync(join(folder, "rules"));
await copies(join(folder, "rules"));

/** When the alert for each program came, by its number. */
const arrived = new Map<number, number>();
await using server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen() {} },
  async (request) => {
    // The agent asks at its start whether alerts would arrive.
    if (request.method !== "POST") return new Response();
    const { alert_data } = await request.json();
    const number = /sleep 0\.2 0\.0000(\d+)$/.exec(alert_data?.command_line ?? "")?.[1];
    if (number !== undefined) arrived.set(Number(number), performance.now());
    return new Response();
  },
);
Deno.writeTextFileSync(
  join(folder, "daemoneye.yaml"),
  `state: ${join(folder, "state.kv")}
detections: [${join(folder, "rules")}]
schedule: { every: ${every}s }
sinks:
  - { type: webhook, url: "http://127.0.0.1:${server.addr.port}/" }
`,
);

const scans: { readonly detections: number; readonly duration_ms: number; silent: number }[] = [];
const endSleepers = startSleepers(processes);
const agent = startAgent(["--config", join(folder, "daemoneye.yaml")], (line) => {
  const { kind, duration_ms, detections, not_evaluated } = JSON.parse(line);
  if (kind === "summary") scans.push({ detections, duration_ms, silent: not_evaluated.length });
});
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0) ?? "-";
try {
  while (scans.length < 1) await delay(500);
  await delay(15_000);
  const idle = meterOf(agent);
  await delay(2 * every * 1000);
  const quiet = idle.read();
  const busy = meterOf(agent);
  const sent: number[] = [];
  const programs: Promise<unknown>[] = [];
  for (let at = 0; at < events; at++) {
    sent.push(performance.now());
    // Long enough that its command line can be read.
    programs.push(new Deno.Command("sleep", { args: ["0.2", `0.0000${at}`] }).output());
    await delay(PAUSE_MS);
  }
  await Promise.all(programs);
  const loaded = busy.read();
  for (let waited = 0; arrived.size < events && waited < 100; waited++) await delay(200);
  const took = [...arrived].map(([at, time]) => time - sent[at]!).sort((a, b) => a - b);
  console.log(
    `event to webhook, ${took.length} of ${events}: median ${percentile(took, 0.5)} ms, p95 ${
      percentile(took, 0.95)
    } ms, p99 ${percentile(took, 0.99)} ms, longest ${percentile(took, 1)} ms`,
  );
  console.log(
    `quiet: ${quiet.percent.toFixed(1)} % of a core; ${
      (1000 / PAUSE_MS).toFixed(0)
    } events a second: ${loaded.percent.toFixed(1)} %; ${Math.round(loaded.pss)} MB summed PSS`,
  );
  console.log(loaded.lines.join("\n"));
  for (const { detections, duration_ms, silent } of scans) {
    console.log(`scan: ${detections} detections, ${duration_ms} ms, ${silent} not evaluated`);
  }
} finally {
  await Promise.all([agent.end(), endSleepers()]);
  Deno.removeSync(folder, { recursive: true });
}
