/**
 * What the agent costs a host on which nothing happens.
 *
 *     deno task bench:idle [PROCESSES] [MINUTES] [SECONDS BETWEEN SCANS]
 *
 * Starts so many sleeping processes (1,000 by default) and an agent with the shipped detections, gives it a minute to
 * settle, and counts for so many minutes (5) what all its processes together use of a core (user and system time, as the
 * kernel counts it), their summed PSS (smaps_rollup in proc_pid_smaps(5); shared pages count once) and the largest
 * resident set. Scans are 10 seconds apart. What others do on the host meanwhile, the agent is told of: the events that it
 * stored are counted, and the load is said. Needs root to read what others own.
 */
import { delay } from "@std/async/delay";
import { join } from "@std/path";

const [processes = 1000, minutes = 5, every = 10] = Deno.args.map(Number);
const TICKS = 100;
const SETTLING_MS = 60_000;

const folder = Deno.makeTempDirSync({ prefix: "daemoneye-bench-" });
const sleepers = new Deno.Command("sh", {
  args: ["-c", `i=0; while [ $i -lt ${processes} ]; do sleep 9999 & i=$((i+1)); done; wait`],
}).spawn();
const agent = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "-A",
    "cli/main.ts",
    "agent",
    "--every",
    `${every}s`,
    "--format",
    "json",
    "--state",
    join(folder, "state.kv"),
  ],
  env: {
    // As the service has it.
    DENO_V8_FLAGS: "--max-semi-space-size=2",
    MALLOC_ARENA_MAX: "1",
    MALLOC_MMAP_THRESHOLD_: "131072",
    MALLOC_TRIM_THRESHOLD_: "131072",
  },
  stdout: "piped",
  stderr: "inherit",
}).spawn();

/** What the agent has said of its scans since it was last asked. */
let seen = { scans: 0, rows: new Map<string, number>(), silent: 0 };
const reading = (async () => {
  let rest = "";
  for await (const text of agent.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { kind, rows, not_evaluated } = JSON.parse(line);
      if (kind !== "summary") continue;
      seen.scans++;
      seen.silent = not_evaluated.length;
      for (const [table, count] of Object.entries(rows)) {
        seen.rows.set(table, (seen.rows.get(table) ?? 0) + Number(count));
      }
    }
  }
})();

/** The agent and everything that it has started. */
function tree(): number[] {
  const found = [agent.pid];
  for (const pid of found) {
    try {
      for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
        const children = Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`);
        found.push(...children.split(" ").filter(Boolean).map(Number));
      }
    } catch {
      // It has ended.
    }
  }
  return found;
}

/** Seconds of a core that a process and its children that have ended have used. */
function used(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  } catch {
    return 0;
  }
}

/** Megabytes after a label. */
function megabytes(pid: number, file: string, label: RegExp): number {
  try {
    return Number(label.exec(Deno.readTextFileSync(`/proc/${pid}/${file}`))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function nameOf(pid: number): string {
  try {
    const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
    const module = words.findLast((word) => /\.ts$/.test(word));
    return module?.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "") ?? words[0] ?? "";
  } catch {
    return "";
  }
}

const total = () => new Map(tree().map((pid) => [pid, used(pid)]));
const report: string[] = [];
try {
  await delay(SETTLING_MS);
  const [before, started] = [total(), performance.now()];
  seen = { scans: 0, rows: new Map(), silent: 0 };
  await delay(minutes * 60_000);
  const seconds = (performance.now() - started) / 1000;
  let [sum, share] = [0, 0];
  for (const [pid, now] of total()) {
    const percent = 100 * (now - (before.get(pid) ?? 0)) / seconds;
    share += percent;
    const pss = megabytes(pid, "smaps_rollup", /^Pss:\s+(\d+)/m);
    const rss = megabytes(pid, "status", /^VmRSS:\s+(\d+)/m);
    sum += pss;
    if (pss > 1 || percent > 0.01) {
      report.push(
        `  ${nameOf(pid)}: ${percent.toFixed(2)} %, ${Math.round(pss)} MB PSS, ${
          Math.round(rss)
        } MB RSS`,
      );
    }
  }
  console.log(
    `processor: ${share.toFixed(2)} % of a core; memory: ${Math.round(sum)} MB summed PSS`,
  );
  console.log(report.join("\n"));
  const events = ["process_events", "file_events"].map((table) =>
    `${seen.rows.get(table) ?? 0} ${table}`
  );
  console.log(
    `${seen.scans} scans, ${seen.silent} detections not evaluated, ${
      events.join(", ")
    }; load of the host ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`,
  );
} finally {
  agent.kill("SIGTERM");
  sleepers.kill("SIGKILL");
  new Deno.Command("pkill", { args: ["-KILL", "-x", "-f", "sleep 9999"] }).outputSync();
  await Promise.all([agent.status, sleepers.status, reading]);
  Deno.removeSync(folder, { recursive: true });
}
