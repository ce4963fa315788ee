/**
 * How long it takes from something that happens to a file to its row in the agent, and whether any is lost.
 *
 *     deno task bench:file-events [FILES] [OTHERS]
 *
 * Watches `file_events` with all columns through the confined collector, and makes so many files (5,000 by default) as
 * quickly as a shell can, in one watched folder, and then one at a time; the time of the making is in the name of each.
 * Then nothing happens, and then so many files (20,000) are made elsewhere: what that costs those who watch, in processor
 * time. Needs root.
 */
import { openCollectors } from "../../collectors/mod.ts";
import { file_events } from "../../profiles/file_events.ts";
import { collectedColumns } from "../../schema/columns.ts";

const files = Number(Deno.args[0] ?? 5000);
const others = Number(Deno.args[1] ?? 20_000);
const project = collectedColumns(file_events, "linux").map(({ name }) => name);
const folder = await Deno.makeTempDir({ dir: "/tmp" });
const elsewhere = await Deno.makeTempDir({ dir: "/var/lib" });

await using collectors = await openCollectors({
  platform: "linux",
  policy: "preferred",
  paths: [folder],
});
const aborter = new AbortController();
const seen: { readonly delay: number; readonly whole: boolean }[] = [];
let lost = 0;
let any = false;
const stream = collectors.watch({
  table: "file_events",
  project,
  onLoss: ({ count = 1 }) => lost += count,
}, aborter.signal);
const reading = (async () => {
  for await (const { columns, values, rows, acknowledge } of stream) {
    const now = Date.now();
    const cells = (column: string) => values[columns.indexOf(column)]!;
    const [types, names, keys] = ["event_type", "file_name", "process_key"].map(cells);
    for (let row = 0; row < rows; row++) {
      any = true;
      const [, made] = /^\d+-(\d{13})\d{6}$/.exec(String(names![row])) ?? [];
      if (types![row] !== "create" || made === undefined) continue;
      seen.push({ delay: now - Number(made), whole: keys?.[row] != null });
    }
    acknowledge?.();
  }
})();

async function sh(script: string, cwd: string): Promise<number> {
  const began = performance.now();
  await new Deno.Command("bash", { args: ["-c", script], cwd }).output();
  return performance.now() - began;
}

/** Waits until so many files were told, or nothing comes for two seconds. */
async function settled(count: number): Promise<void> {
  for (let last = -1; seen.length < count && seen.length !== last;) {
    last = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function report(what: string, count: number, ms: number): void {
  const delays = seen.map(({ delay }) => delay).sort((one, other) => one - other);
  const at = (share: number) => delays[Math.floor(share * (delays.length - 1))];
  const whole = seen.filter(({ whole }) => whole).length;
  console.log(
    `${what}: ${seen.length} of ${count} files told, ${lost} events lost; ${
      Math.round(ms)
    } ms to make them`,
  );
  console.log(
    `  made to row: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms;` +
      ` ${Math.round(100 * whole / seen.length)} % with the process's key`,
  );
  seen.length = 0;
}

/** Fields of `/proc/<pid>/stat` from the state on; none where it has ended. */
function statOf(pid: number): readonly string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/.*\) /s, "").split(" ");
  } catch {
    return [];
  }
}

/** Seconds of processor time that each of the processes which watch for us has used so far. */
function cpu(): Readonly<Record<string, number>> {
  const used: Record<string, number> = {};
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    let ancestor = Number(name);
    while (ancestor > 1 && ancestor !== Deno.pid) ancestor = Number(statOf(ancestor)[1] ?? 0);
    if (ancestor !== Deno.pid || stat.length === 0) continue;
    const args = Deno.readTextFileSync(`/proc/${name}/cmdline`);
    const what = /(opener|reader)\.ts|fsmond/.exec(args)?.[0] ??
      (Number(name) === Deno.pid ? "agent" : "other");
    used[what] = (used[what] ?? 0) + (Number(stat[11]) + Number(stat[12])) / 100;
  }
  return used;
}

/** What was used since. */
function since(before: Readonly<Record<string, number>>): string {
  const now = Object.entries(cpu()).map(([what, used]) =>
    `${what} ${(used - (before[what] ?? 0)).toFixed(2)}`
  );
  return `processor time (s): ${now.join(", ")}`;
}

// The collector watches when it tells.
while (!any) await sh(": > ready", folder);
await new Promise((resolve) => setTimeout(resolve, 1000));
seen.length = 0;

const make = (pause: string) =>
  `i=0; while [ $i -lt COUNT ]; do t=\${EPOCHREALTIME/./};` +
  ` : > $i-\${t}000; i=$((i+1)); ${pause} done`;
const atBurst = cpu();
const burst = await sh(make("").replace("COUNT", String(files)), folder);
await settled(files);
report("in a burst", files, burst);
console.log(`  ${since(atBurst)}`);
const few = Math.min(200, files);
const slowly = await sh(make("sleep 0.01;").replace("COUNT", String(few)), folder);
await settled(few);
report("one at a time", few, slowly);

const atFirst = cpu();
await new Promise((resolve) => setTimeout(resolve, 5000));
console.log(`nothing happens for 5 s: ${since(atFirst)}`);
const idle = cpu();
const made = await sh(make("").replace("COUNT", String(others)), elsewhere);
await new Promise((resolve) => setTimeout(resolve, 2000));
console.log(
  `${others} files made elsewhere in ${Math.round(made)} ms, ${lost} events lost: ${since(idle)}`,
);
for (const { name, confinement, memory } of collectors.reports()) {
  console.log(`${name}: ${confinement}, ${Math.round((memory ?? 0) / 2 ** 20)} MB resident`);
}
aborter.abort();
await reading;
await Promise.all([folder, elsewhere].map((path) => Deno.remove(path, { recursive: true })));
