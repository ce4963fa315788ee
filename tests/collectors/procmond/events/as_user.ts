// Watches processes without the kernel's events and prints what it was told of one; process_events_user_test.ts starts it.
import type { Reading } from "../../../../collectors/core/collector.ts";
import { watch } from "../../../../collectors/procmond/events/watch.ts";

const aborter = new AbortController();
const events = watch(
  { project: Deno.args.slice(1) },
  {
    procRoot: "/proc",
    deadline: Infinity,
    signal: aborter.signal,
    reconcileEvery: 600_000,
    dropped: () => {},
  },
);
const told: Reading[] = [];
let child: Deno.ChildProcess | undefined;
// Something always happens: whatever is told first shows that everything is.
const ticking = setInterval(() => new Deno.Command("/bin/true").output(), 100);
for await (const reading of events) {
  child ??= new Deno.Command(Deno.args[0]!, { stdin: "piped", stdout: "null" }).spawn();
  if (reading.row.pid !== child.pid) continue;
  told.push(reading);
  // When polling, a fork and an exec come together.
  if (reading.row.event_type === "exec") await child.stdin.close();
  if (reading.row.event_type === "exit") break;
}
clearInterval(ticking);
console.log(JSON.stringify({ pid: child!.pid, parent: Deno.pid, told }));
Deno.exit(0);
