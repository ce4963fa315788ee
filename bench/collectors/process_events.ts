/**
 * How long it takes from an exec to its row in the agent, and whether any row is lost.
 *
 *     deno run -A bench/collectors/process_events.ts [EXECS]
 *
 * Watches `process_events` with all columns but the hashes through the confined collector, and runs so many programs that
 * end at once (5,000 by default), as quickly as a shell can start them, and then one at a time. Printed are the rows that
 * came, the time from the kernel's event to the checked row here, and how many programs could still be read. Needs root.
 */
import { openCollectors } from "../../collectors/mod.ts";
import { process_events } from "../../profiles/process_events.ts";
import { collectedColumns } from "../../schema/columns.ts";

const execs = Number(Deno.args[0] ?? 5000);
const HASHES = ["executable_hash", "hash_algorithm", "file_exists"];
const project = collectedColumns(process_events, "linux").map(({ name }) => name)
  .filter((name) => !HASHES.includes(name));

await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
const aborter = new AbortController();
const seen: { readonly delay: number; readonly whole: boolean }[] = [];
let lost = 0;
const stream = collectors.watch({
  table: "process_events",
  project,
  onLoss: ({ count = 1 }) => lost += count,
}, aborter.signal);
const reading = (async () => {
  for await (const { columns, values, rows, acknowledge } of stream) {
    const now = Date.now();
    const cells = (column: string) => values[columns.indexOf(column)]!;
    const [types, paths, times, wholes] = [
      "event_type",
      "executable_path",
      "event_time",
      "accessible",
    ].map(cells);
    for (let row = 0; row < rows; row++) {
      if (types![row] !== "exec" || !String(paths![row]).endsWith("/true")) continue;
      seen.push({ delay: now - (times![row] as number), whole: wholes![row] === true });
    }
    acknowledge?.();
  }
})();

/** Waits until so many execs were told, or nothing comes for two seconds. */
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
    `${what}: ${seen.length} of ${count} execs told, ${lost} events lost; ${
      Math.round(ms)
    } ms to start them`,
  );
  console.log(
    `  exec to row: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms;` +
      ` ${Math.round(100 * whole / seen.length)} % read before they ended`,
  );
  seen.length = 0;
}

// The collector watches when it tells.
while (seen.length === 0) await new Deno.Command("/bin/true").output();
await new Promise((resolve) => setTimeout(resolve, 1000));
seen.length = 0;

const began = performance.now();
const loop = `i=0; while [ $i -lt ${execs} ]; do /bin/true; i=$((i+1)); done`;
await new Deno.Command("sh", { args: ["-c", loop] }).output();
const took = performance.now() - began;
await settled(execs);
report("in a burst", execs, took);

const few = Math.min(200, execs);
const slowly = performance.now();
for (let count = 0; count < few; count++) {
  await new Deno.Command("/bin/true").output();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await settled(few);
report("one at a time", few, performance.now() - slowly);
for (const { name, confinement, memory } of collectors.reports()) {
  console.log(`${name}: ${confinement}, ${Math.round((memory ?? 0) / 2 ** 20)} MB resident`);
}
aborter.abort();
await reading;
