/**
 * How long it takes from an exec to its row in the agent, and whether any row is lost.
 *
 *     deno run -A bench/collectors/process_events.ts [EXECS]
 *
 * Watches `process_events` with all columns but the hashes through the confined collector, and runs so many programs that
 * end at once (5,000 by default), as quickly as a shell can start them, and then one at a time. Printed are the rows that
 * came, the time from the kernel's event to the checked row here, and how many programs could still be read. Needs root.
 */
import { process_events } from "../../profiles/process_events.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { pause, watchTable } from "../support/watched.ts";

const execs = Number(Deno.args[0] ?? 5000);
const HASHES = ["executable_hash", "hash_algorithm", "file_exists"];

const watched = await watchTable({
  table: "process_events",
  project: collectedColumns(process_events, "linux").map(({ name }) => name)
    .filter((name) => !HASHES.includes(name)),
  things: "execs",
  whole: "read before they ended",
  sighting: (cell) =>
    cell("event_type") === "exec" && String(cell("executable_path")).endsWith("/true")
      ? { made: Number(cell("event_time")), whole: cell("accessible") === true }
      : undefined,
});
const once = () => new Deno.Command("/bin/true").output();
await watched.ready(once);

const loop = `i=0; while [ $i -lt ${execs} ]; do /bin/true; i=$((i+1)); done`;
await watched.measure(
  "in a burst",
  execs,
  () => new Deno.Command("sh", { args: ["-c", loop] }).output(),
);
const few = Math.min(200, execs);
await watched.measure("one at a time", few, async () => {
  for (let count = 0; count < few; count++) {
    await once();
    await pause(10);
  }
});
await watched.end();
