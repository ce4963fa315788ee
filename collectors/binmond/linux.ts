import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { tellSecrets } from "../memmond/secrecy.ts";
import { analyse } from "./binary_analysis.ts";
import { openSignatures } from "./code_signing.ts";
import { listSymbols } from "./imports_exports.ts";
import { binmond } from "./mod.ts";
import { openTargets } from "./targets.ts";
import { matchRules } from "./yara_matches.ts";

/** Reads the rows of a task. */
export function collect(
  task: TaskMessage,
  context: CollectorContext,
): Iterable<Reading> | AsyncIterable<Reading> {
  tellSecrets(context.secrets);
  return task.table === "yara_matches" ? matchRules(task, context) : readFormats(task, context);
}

function* readFormats(task: TaskMessage, context: CollectorContext): Iterable<Reading> {
  using signatures = openSignatures(context.filesRoot ?? "/");
  for (const target of openTargets(task.keys, context)) {
    if (task.table === "binary_analysis") yield analyse(target, task.project);
    else if (task.table === "code_signing") yield signatures.describe(target, task.project);
    else yield* listSymbols(target);
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...binmond, collect }));
