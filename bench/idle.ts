/**
 * What the agent costs a host on which nothing happens.
 *
 *     deno task bench:idle [PROCESSES] [MINUTES] [SECONDS BETWEEN SCANS] [DETECTIONS]
 *
 * Starts so many sleeping processes (1,000 by default) and an agent with the shipped detections, or with those of a folder,
 * gives it a minute to settle, and counts for so many minutes (5) what all its processes together use of a core (user and
 * system time, as the kernel counts it), their summed PSS and the resident set of each. Scans are 10 seconds apart. What
 * others do on the host meanwhile, the agent is told of: the events that it stored are counted, and the load is said.
 */
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { meterOf, startAgent, startSleepers } from "./support/agent.ts";

const [processes = 1000, minutes = 5, every = 10] = Deno.args.slice(0, 3).map(Number);
const SETTLING_MS = 60_000;

/** What the agent has said of its scans since it was last asked. */
let seen = { scans: 0, rows: new Map<string, number>(), silent: new Map<string, number>() };

const folder = Deno.makeTempDirSync({ prefix: "daemoneye-bench-" });
const endSleepers = startSleepers(processes);
const agent = startAgent(
  [...Deno.args.slice(3), "--every", `${every}s`, "--state", join(folder, "state.kv")],
  (line) => {
    const { kind, rows, not_evaluated } = JSON.parse(line);
    if (kind !== "summary") return;
    seen.scans++;
    for (const { reason } of not_evaluated) {
      seen.silent.set(reason, (seen.silent.get(reason) ?? 0) + 1);
    }
    for (const [table, count] of Object.entries(rows)) {
      seen.rows.set(table, (seen.rows.get(table) ?? 0) + Number(count));
    }
  },
);
try {
  await delay(SETTLING_MS);
  seen = { scans: 0, rows: new Map(), silent: new Map() };
  const meter = meterOf(agent);
  await delay(minutes * 60_000);
  const { percent, pss, lines } = meter.read();
  console.log(
    `processor: ${percent.toFixed(2)} % of a core; memory: ${Math.round(pss)} MB summed PSS`,
  );
  console.log(lines.join("\n"));
  const events = ["process_events", "file_events"].map((table) =>
    `${seen.rows.get(table) ?? 0} ${table}`
  );
  console.log(
    `${seen.scans} scans, ${events.join(", ")}; load of the host ${
      Deno.loadavg().map((load) => load.toFixed(1)).join(", ")
    }`,
  );
  for (const [reason, times] of seen.silent) console.log(`not evaluated ${times} times: ${reason}`);
} finally {
  await Promise.all([agent.end(), endSleepers()]);
  Deno.removeSync(folder, { recursive: true });
}
