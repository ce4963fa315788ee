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
import { file_events } from "../../profiles/file_events.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { pause, watchTable } from "../support/watched.ts";

const files = Number(Deno.args[0] ?? 5000);
const others = Number(Deno.args[1] ?? 20_000);
const folder = await Deno.makeTempDir({ dir: "/tmp" });
const elsewhere = await Deno.makeTempDir({ dir: "/var/lib" });

const watched = await watchTable({
  table: "file_events",
  project: collectedColumns(file_events, "linux").map(({ name }) => name),
  paths: [folder],
  things: "files",
  whole: "with the process's key",
  sighting(cell) {
    const [, made] = /^\d+-(\d{13})\d{6}$/.exec(String(cell("file_name"))) ?? [];
    return cell("event_type") === "create" && made !== undefined
      ? { made: Number(made), whole: cell("process_key") != null }
      : undefined;
  },
});

function sh(script: string, cwd: string): Promise<unknown> {
  return new Deno.Command("bash", { args: ["-c", script], cwd }).output();
}

/** Makes so many files in a folder; the time of its making is in the name of each. */
function make(count: number, cwd: string, wait = ""): Promise<unknown> {
  const script = `i=0; while [ $i -lt ${count} ]; do t=\${EPOCHREALTIME/./};` +
    ` : > $i-\${t}000; i=$((i+1)); ${wait} done`;
  return sh(script, cwd);
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

await watched.ready(() => sh(": > ready", folder));

const atBurst = cpu();
await watched.measure("in a burst", files, () => make(files, folder));
console.log(`  ${since(atBurst)}`);
const few = Math.min(200, files);
await watched.measure("one at a time", few, () => make(few, folder, "sleep 0.01;"));

const atFirst = cpu();
await pause(5000);
console.log(`nothing happens for 5 s: ${since(atFirst)}`);
const idle = cpu();
const began = performance.now();
await make(others, elsewhere);
const made = Math.round(performance.now() - began);
await pause(2000);
console.log(
  `${others} files made elsewhere in ${made} ms, ${watched.lost()} events lost: ${since(idle)}`,
);
await watched.end();
await Promise.all([folder, elsewhere].map((path) => Deno.remove(path, { recursive: true })));
