/**
 * Reads many processes, beside ps in the same run.
 *
 *     deno run -A bench/collectors/processes.ts [PROCESSES] [RUNS]
 *
 * Makes so many sleeping processes (10,000 by default), then takes turns: ps; the first scan of a new procmond with the
 * columns that ps reads; the first scan of another with all core columns; its next two scans, before each of which one
 * process in a hundred is replaced by another; and a scan with hashes. Printed are the medians, what they are to ps, and
 * procmond's memory. Reading means everything from the task to the last checked batch here.
 */
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";

const count = Number(Deno.args[0] ?? 10_000);
const runs = Number(Deno.args[1] ?? 5);

// deno-fmt-ignore
const PS = ["-eo", "pid,ppid,comm,exe,args,stat,rss,vsz,euid,ruid,lstart", "-ww"];
// deno-fmt-ignore
const PS_COLUMNS = ["pid", "ppid", "name", "executable_path", "command_line", "state", "memory_rss", "memory_vms",
  "effective_user_id", "user_id", "start_time"];
const CHEAP = collectedColumns(processes, "linux").filter(({ costly }) => !costly)
  .map(({ name }) => name);
const HASHES = ["executable_hash", "hash_algorithm", "file_exists"];
const CORE = CHEAP.filter((name) => !HASHES.includes(name));

/** Processes that sleep. */
interface Sleepers extends AsyncDisposable {
  /** Ends some of them and starts as many others. */
  replace(some: number): Promise<void>;
}

async function startSleepers(count: number): Promise<Sleepers> {
  const shells: Deno.ChildProcess[] = [];
  const pids: number[] = [];
  const start = async (more: number) => {
    const script =
      `i=0; while [ $i -lt ${more} ]; do sleep 900 & i=$((i+1)); done; echo ready; wait`;
    const shell = new Deno.Command("sh", { args: ["-c", script], stdout: "piped" }).spawn();
    shells.push(shell);
    const reader = shell.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const children = Deno.readTextFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`);
    pids.push(...children.trim().split(" ").map(Number));
  };
  const end = (some: number) => {
    for (const pid of pids.splice(0, some)) Deno.kill(pid, "SIGKILL");
  };
  await start(count);
  return {
    async replace(some) {
      end(some);
      await start(some);
    },
    async [Symbol.asyncDispose]() {
      for (const shell of shells) shell.kill("SIGKILL");
      end(pids.length);
      await Promise.all(shells.map(({ status }) => status));
    },
  };
}

/** How long each contender took in each run, ms, and how many rows came. */
const results = new Map<string, { readonly times: number[]; rows: number }>();

async function time(what: string, work: () => Promise<number>): Promise<void> {
  const started = performance.now();
  const rows = await work();
  const result = results.get(what) ?? { times: [], rows };
  result.times.push(performance.now() - started);
  result.rows = rows;
  results.set(what, result);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

async function collect(collectors: Collectors, project: readonly string[]): Promise<number> {
  let rows = 0;
  const batches = collectors.collect({ table: "processes", project, deadline: 120_000 });
  for await (const batch of batches) rows += batch.rows;
  return rows;
}

/** Opens collectors whose processes run, and have read nothing yet. */
async function openStarted(): Promise<Collectors> {
  const collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  await collectors.start();
  return collectors;
}

await using sleepers = await startSleepers(count);
const reports = new Map<string, string>();
for (let run = 0; run < runs; run++) {
  await time("ps", async () => {
    const { stdout } = await new Deno.Command("ps", { args: PS }).output();
    return stdout.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), -1);
  });
  {
    await using collectors = await openStarted();
    await time("first scan, the columns of ps", () => collect(collectors, PS_COLUMNS));
  }
  {
    await using collectors = await openStarted();
    await time("first scan, core columns", () => collect(collectors, CORE));
    for (const scan of ["second", "third"]) {
      await sleepers.replace(Math.ceil(count / 100));
      await time(`${scan} scan, core columns, 1 % new`, () => collect(collectors, CORE));
    }
    await time("third scan, core columns and hashes", () => collect(collectors, CHEAP));
    for (const { name, confinement, dropped } of collectors.reports()) {
      reports.set(name, `${confinement}, ${dropped} dropped, ${memoryOf(name)} MB at most`);
    }
  }
}
const ps = median(results.get("ps")!.times);
for (const [name, { times, rows }] of results) {
  const ms = median(times);
  const range = `${Math.round(Math.min(...times))}..${Math.round(Math.max(...times))}`;
  console.log(
    `${name.padEnd(36)} ${Math.round(ms).toString().padStart(6)} ms (${range})` +
      ` ${(ms / ps).toFixed(2)} x ps, ${rows} rows`,
  );
}
for (const [name, report] of reports) console.log(`${name}: ${report}`);

/** Peak resident memory of a collector's process, in MB. */
function memoryOf(name: string): number {
  let peak = 0;
  for (const { name: pid } of Deno.readDirSync("/proc")) {
    try {
      const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
      if (!command.includes(`collectors/${name}/linux.ts`)) continue;
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      if (!/^Name:\s+(deno|DenoMain)/.test(status)) continue;
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // No process, or one that has ended.
    }
  }
  return Math.round(peak);
}
