/**
 * A whole scan beside `ps`, on a host with many processes: time, rows and peak memory.
 *
 * Usage: `deno task bench:scan [processes]` (10,000 by default). Starts that many sleeping processes and ends them.
 */
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const PS = ["-eo", "pid,ppid,comm,exe,args,stat,rss,vsz,euid,ruid,lstart", "-ww"];
const ROUNDS = 3;

const wanted = Number(Deno.args[0] ?? 10_000);
const state = await Deno.makeTempDir({ prefix: "daemoneye-bench-" });
const sleepers = await startSleepers(wanted);
try {
  const ps: number[] = [];
  const scans: { ms: number; rss: number; summary: Summary }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ps.push(await timePs());
    scans.push(await timeScan());
  }
  const best = Math.min(...ps);
  console.log(`ps ${PS.join(" ")}: ${ps.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  for (const [round, { ms, rss, summary }] of scans.entries()) {
    const collectors = summary.collectors.map(({ name, duration_ms }) =>
      `${name} ${duration_ms} ms`
    ).join(", ");
    console.log(
      `scan ${round + 1}: ${summary.rows.processes} rows, ${ms.toFixed(0)} ms = ${
        (ms / best).toFixed(1)
      } x ps ` +
        `(${collectors}), peak memory of all its processes ${
          (rss / 2 ** 20).toFixed(0)
        } MiB (sum of RSS)`,
    );
  }
} finally {
  sleepers.kill("SIGKILL");
  await sleepers.status;
  await new Deno.Command("pkill", { args: ["-KILL", "-f", "^sleep 86399$"] }).output();
  await Deno.remove(state, { recursive: true });
}

interface Summary {
  readonly rows: { readonly processes: number };
  readonly collectors: readonly { readonly name: string; readonly duration_ms: number }[];
}

/** Sleeping processes, all children of one shell, which says when the last one runs. */
async function startSleepers(count: number): Promise<Deno.ChildProcess> {
  const script =
    'i=0; while [ "$i" -lt "$1" ]; do sleep 86399 & i=$((i + 1)); done; echo ready; wait';
  const child = new Deno.Command("sh", {
    args: ["-c", script, "sleepers", String(count)],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return child;
}

async function timePs(): Promise<number> {
  const start = performance.now();
  await new Deno.Command("ps", { args: PS }).output();
  return performance.now() - start;
}

/** One scan as its task starts it; a store of its own for all rounds, so that the first one hashes and later ones do not. */
async function timeScan(): Promise<{ ms: number; rss: number; summary: Summary }> {
  const start = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "-P=host",
      "cli/main.ts",
      "scan",
      "--format",
      "json",
      "--state",
      `${state}/state.kv`,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let rss = 0;
  const timer = setInterval(() => rss = Math.max(rss, treeRss(child.pid)), 50);
  const { stdout } = await child.output();
  clearInterval(timer);
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
  return { ms: performance.now() - start, rss, summary: JSON.parse(last) };
}

/** Resident memory of a process and all its descendants, bytes; pages that they share count for each of them. */
function treeRss(pid: number): number {
  let sum = 0;
  try {
    sum += 1024 *
      Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
    for (
      const child of Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ")
    ) {
      if (child !== "") sum += treeRss(Number(child));
    }
  } catch {
    // It ended while it was looked at.
  }
  return sum;
}
