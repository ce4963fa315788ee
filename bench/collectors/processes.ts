/**
 * Reads many processes, beside ps in the same run.
 *
 *     deno run -A bench/collectors/processes.ts [PROCESSES] [RUNS]
 *
 * Makes so many sleeping processes (10,000 by default), then takes turns: ps, procmond with the columns that ps reads,
 * procmond with all that is not costly, the same with hashes. Printed are the medians, what they are to ps, and procmond's
 * peak memory. Reading means everything from the task to the last checked batch here.
 */
import { openCollectors } from "../../collectors/mod.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";

const count = Number(Deno.args[0] ?? 10_000);
const runs = Number(Deno.args[1] ?? 5);

// deno-fmt-ignore
const PS = ["-eo", "pid,ppid,comm,exe,args,stat,rss,vsz,euid,ruid,lstart", "-ww"];
// deno-fmt-ignore
const PS_COLUMNS = ["pid", "ppid", "name", "executable_path", "command_line", "state", "memory_rss", "memory_vms",
  "effective_user_id", "user_id", "start_time"];
const CHEAP = collectedColumns(processes, "linux").filter(({ costly }) => !costly).map(({ name }) =>
  name
);
const HASHES = ["executable_hash", "hash_algorithm", "file_exists"];
const UNHASHED = CHEAP.filter((name) => !HASHES.includes(name));

/** Starts processes that sleep; `end` ends them all. */
async function startSleepers(count: number): Promise<{ end(): Promise<void> }> {
  const script =
    `i=0; while [ $i -lt ${count} ]; do sleep 600 & i=$((i+1)); done; echo ready; wait`;
  const shell = new Deno.Command("sh", { args: ["-c", script], stdout: "piped" }).spawn();
  const reader = shell.stdout.getReader();
  await reader.read();
  return {
    async end() {
      const children = Deno.readTextFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`);
      shell.kill("SIGKILL");
      for (const pid of children.trim().split(" ").map(Number)) Deno.kill(pid, "SIGKILL");
      await reader.cancel();
      await shell.status;
    },
  };
}

async function time(
  what: () => Promise<number>,
): Promise<{ readonly ms: number; readonly rows: number }> {
  const started = performance.now();
  const rows = await what();
  return { ms: performance.now() - started, rows };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

/** Peak resident memory of procmond's process, in MB. */
async function peakMemory(): Promise<number> {
  for await (const { name } of Deno.readDir("/proc")) {
    try {
      if (
        !Deno.readTextFileSync(`/proc/${name}/cmdline`).includes("collectors/procmond/linux.ts")
      ) continue;
      const [, peak] = /^VmHWM:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${name}/status`)) ?? [];
      if (/^Name:\s+deno/.test(Deno.readTextFileSync(`/proc/${name}/status`))) {
        return Number(peak) / 1024;
      }
    } catch {
      // No process, or one that has ended.
    }
  }
  return NaN;
}

const sleepers = await startSleepers(count);
try {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const collect = (project: readonly string[]) => async () => {
    let rows = 0;
    const batches = collectors.collect({ table: "processes", project, deadline: 120_000 });
    for await (const batch of batches) rows += batch.rows;
    return rows;
  };
  const contenders: Readonly<Record<string, () => Promise<number>>> = {
    "ps": async () => {
      const { stdout } = await new Deno.Command("ps", { args: PS }).output();
      return stdout.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), -1);
    },
    "procmond, the columns of ps": collect(PS_COLUMNS),
    "procmond, all columns without hashes": collect(UNHASHED),
    "procmond and hasher, all columns": collect(CHEAP),
  };
  console.log(
    `first contact, start-up included: ${Math.round((await time(collect(["pid"]))).ms)} ms`,
  );
  const first = await time(collect(UNHASHED));
  console.log(`first scan: ${first.rows} rows in ${Math.round(first.ms)} ms`);
  const results = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  const rows = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const result = await time(contender);
      results.get(name)!.push(result.ms);
      rows.set(name, result.rows);
    }
  }
  const ps = median(results.get("ps")!);
  for (const [name, all] of results) {
    const ms = median(all);
    const range = `${Math.round(Math.min(...all))}..${Math.round(Math.max(...all))}`;
    console.log(
      `${name.padEnd(38)} ${Math.round(ms).toString().padStart(6)} ms (${range})` +
        ` ${(ms / ps).toFixed(2)} x ps, ${rows.get(name)} rows`,
    );
  }
  console.log(`procmond: peak ${Math.round(await peakMemory())} MB resident`);
  for (const { name, confinement, dropped } of collectors.reports()) {
    console.log(`${name}: ${confinement}, ${dropped} dropped`);
  }
} finally {
  await sleepers.end();
}
