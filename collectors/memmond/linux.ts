import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { listHeaps } from "./heap_analysis.ts";
import { MAX_SEARCHED } from "./limits.ts";
import { listArtifacts } from "./memory_artifacts.ts";
import { listPatterns, patternsOf } from "./memory_patterns.ts";
import { listRegions } from "./memory_regions.ts";
import { memmond } from "./mod.ts";
import { createAllowance } from "./search.ts";
import { tellSecrets } from "./secrecy.ts";
import { openTargets } from "./targets.ts";

function* collect(task: TaskMessage, context: CollectorContext): Iterable<Reading> {
  tellSecrets(context.secrets);
  const left = { left: MAX_SEARCHED.task };
  const patterns = task.table === "memory_patterns"
    ? patternsOf(task, (reason) => context.partial?.(reason))
    : [];
  for (const target of openTargets(task.keys, context)) {
    switch (task.table) {
      case "memory_regions":
        yield* listRegions(target, task.project);
        break;
      case "memory_patterns":
        yield* listPatterns(target, patterns, createAllowance(target.deadline, left));
        break;
      case "memory_artifacts":
        yield* listArtifacts(target, createAllowance(target.deadline, left));
        break;
      case "heap_analysis":
        yield* listHeaps(target, task.project, createAllowance(target.deadline, left));
    }
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...memmond, collect }));
