import type { CollectorDeclaration } from "../core/collector.ts";
import { TRACE_EVENTS } from "./events/trace_events.ts";

/** Processes: `processes` that run, and `process_events` that happen. */
export const procmond: CollectorDeclaration = {
  name: "procmond",
  kind: "monitor",
  tables: ["processes", "process_events"],
  permissions: { proc: "look", read: ["/etc/passwd"], trace: TRACE_EVENTS },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
