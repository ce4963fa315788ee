import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { perfmond } from "./mod.ts";
import { createScans } from "./scan.ts";

let scans: ReturnType<typeof createScans> | undefined;

function collect(task: TaskMessage, context: CollectorContext): Promise<Iterable<Reading>> {
  scans ??= createScans(context);
  return scans(task, context);
}

if (import.meta.main) await runCollector(defineCollector({ ...perfmond, collect }));
