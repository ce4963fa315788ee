import { compilePredicate } from "../../dialect/predicate.ts";
import { yara_matches } from "../../profiles/yara_matches.ts";
import type { CollectorContext, Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { matchFiles } from "./yara/files.ts";
import { matchMemory } from "./yara/memory.ts";
import { rulesOf } from "./yara/rules.ts";

const TARGETS = yara_matches.columns.scan_target[2].values;

/** The rows of what a task means: one for each rule that a file, or the memory of a process, matches. */
export async function* matchRules(
  { keys, interests, resources = [] }: TaskMessage,
  context: CollectorContext,
): AsyncIterable<Reading> {
  const rules = rulesOf(resources);
  const targets = scanTargets(interests);
  if (targets.has("file")) yield* matchFiles(keys, rules, context);
  if (!targets.has("memory")) return;
  if (keys?.column === "pid") yield* matchMemory(keys, rules, context);
  // No row would mean that no rule matches.
  else context.partial?.("only processes have memory, and they are asked for by pid");
}

/** What is to be searched: what anybody names, and files for whoever names nothing. */
export function scanTargets(
  interests: TaskMessage["interests"] = [],
): ReadonlySet<(typeof TARGETS)[number]> {
  const named = interests.filter((interest) => "column" in interest);
  const satisfies = named.map(compilePredicate);
  const unsaid = named.length < Math.max(1, interests.length);
  return new Set(
    TARGETS.filter((target) =>
      unsaid && target === "file" ||
      satisfies.some((test) => test((column) => column === "scan_target" ? target : null))
    ),
  );
}
