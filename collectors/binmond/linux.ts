import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { analyse } from "./binary_analysis.ts";
import { listSymbols } from "./imports_exports.ts";
import { binmond } from "./mod.ts";
import { openTargets } from "./targets.ts";

function* collect(task: TaskMessage, context: CollectorContext): Iterable<Reading> {
  for (const target of openTargets(task.keys, context)) {
    if (task.table === "binary_analysis") yield analyse(target, task.project);
    else yield* listSymbols(target);
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...binmond, collect }));
