import { assertEquals } from "@std/assert";
import { eventsThatCount } from "../../engine/event_filter.ts";
import type { Gap } from "../../schema/batch.ts";
import { batchOf, detectionOf } from "./support.ts";

const compiled = detectionOf(
  "SELECT e.pid FROM process_events e WHERE e.name = 'x' AND e.ppid = 0",
  "mode: events\n",
);

function range(rows: readonly { readonly name: string | null }[], gaps: readonly Gap[] = []) {
  const batch = batchOf("process_events", rows.map((row) => ({ ppid: 0, ...row })));
  return eventsThatCount(compiled, { ...batch, gaps });
}

Deno.test("eventsThatCount() gives the first and the last event that meets the conditions", () => {
  assertEquals(range([]), undefined);
  assertEquals(range([{ name: "a" }, { name: null }]), undefined);
  assertEquals(range([{ name: "a" }, { name: "x" }, { name: "b" }, { name: "x" }, { name: "c" }]), [
    1,
    3,
  ]);
});

Deno.test("eventsThatCount() counts an event of which a condition is not known", () => {
  const rows = [{ name: "a" }, { name: null }, { name: null }, { name: "a" }];
  const denied = { column: "name", reason: "denied" } as const;
  assertEquals(range(rows, [{ ...denied, rows: [1] }, { ...denied, rows: [2] }]), [1, 2]);
  assertEquals(range(rows, [{ ...denied, rows: "all" }]), [0, 3]);
  assertEquals(range(rows, [{ column: "ppid", reason: "denied", rows: "all" }]), undefined);
});

Deno.test("eventsThatCount() counts every event where there is no condition", () => {
  const all = detectionOf("SELECT e.pid FROM process_events e", "mode: events\n");
  assertEquals(eventsThatCount(all, batchOf("process_events", [{ pid: 1 }, { pid: 2 }])), [0, 1]);
});

Deno.test("eventsThatCount() gathers what is not known of events once for all detections", () => {
  const rows = Array.from({ length: 100 }, () => ({ ppid: 0, name: null }));
  let asked = 0;
  const batch = {
    ...batchOf("process_events", rows),
    get gaps(): Gap[] {
      asked++;
      return rows.map((_, row) => ({ column: "name", reason: "denied", rows: [row] }));
    },
  };
  assertEquals(eventsThatCount(compiled, batch), [0, 99]);
  assertEquals(eventsThatCount({ ...compiled, plan: { ...compiled.plan } }, batch), [0, 99]);
  assertEquals(asked, 1);
});
