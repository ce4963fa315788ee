import { eventStream } from "../plan/events.ts";
import type { Check } from "./check.ts";

/** A detection in events mode runs row by row. */
export const eventsMode: Check = {
  code: "events-mode",
  docs: {
    what: "A query in events mode that cannot run one event at a time.",
    why: "Events come one by one; there is no set of them to group, to count or to number.",
    bad: "mode: events\n---\nSELECT name, count(*) AS starts FROM process_events GROUP BY name",
    good: "mode: events\n---\nSELECT name, pid FROM process_events WHERE event_type = 'exec'",
  },
  *check({ query, binding, detection }) {
    if (detection?.meta.mode !== "events" || binding.faults.length > 0) return;
    const found = eventStream(query, binding);
    if ("faults" in found) yield* found.faults;
  },
};
