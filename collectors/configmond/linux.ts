import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { openHost, unreadInWords } from "../regmond/host.ts";
import { readConfiguration } from "./configuration.ts";
import { configmond } from "./mod.ts";
import { readPolicies } from "./policies/mod.ts";

function* collect(
  { table, keys }: TaskMessage,
  { filesRoot = "/", procRoot, sysRoot, partial = () => {} }: CollectorContext,
): Iterable<Reading> {
  if (!keys) throw new Error("it was not told which settings");
  const host = openHost(filesRoot, procRoot, sysRoot);
  const read = table === "system_configuration" ? readConfiguration : readPolicies;
  yield* read(host, keys, partial);
  const unread = unreadInWords(host);
  if (unread !== undefined) partial(unread);
}

if (import.meta.main) await runCollector(defineCollector({ ...configmond, collect }));
