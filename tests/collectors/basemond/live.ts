/**
 * Collects the tables of the base source on this host and prints what comes as JSON: `good` from the collectors as they
 * are, `throws` where the better ones cannot start, `base` from the base source alone, `hangs` where that hangs, `silent`
 * where its programs say nothing, `unanswered` where the library never tells of processes.
 *
 * @module
 */
import { basemond } from "../../../collectors/basemond/mod.ts";
import { COLLECTORS, openCollectors, type Registration } from "../../../collectors/mod.ts";
import type { CollectorDeclaration } from "../../../collectors/core/collector.ts";
import { drain } from "../support.ts";

const [way = "good", policy = "preferred"] = Deno.args;

const withModule = (collector: CollectorDeclaration, file: string): CollectorDeclaration => ({
  ...collector,
  modules: { linux: new URL(file, import.meta.url) },
});

function collectorsOf(): readonly Registration[] {
  const base = COLLECTORS.filter(({ collector }) => collector === basemond);
  switch (way) {
    case "throws":
      return COLLECTORS.map((one) =>
        one.fallback ? { ...one, collector: withModule(one.collector, "throws.ts") } : one
      );
    case "base":
      return base;
    case "silent":
      return base.map((one) => ({ ...one, collector: withModule(basemond, "silent.ts") }));
    case "unanswered":
      return base.map((one) => ({ ...one, collector: withModule(basemond, "unanswered.ts") }));
    case "hangs":
      return base.map((one) => ({ ...one, collector: withModule(basemond, "hangs.ts") }));
    default:
      return COLLECTORS;
  }
}

using _listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
await using collectors = await openCollectors({
  platform: "linux",
  policy: policy === "required" ? "required" : "preferred",
  collectors: collectorsOf(),
});
const deadline = way === "hangs" ? 1000 : 20_000;
const tables: Record<string, unknown> = {};
const wanted = way === "unanswered" ? ["processes", "network_interfaces"] : basemond.tables;
for (const table of wanted) {
  const project = [
    ...["pid", "process_key", "parent_key", "start_time", "name", "state", "command_line"],
    ...["executable_hash", "local_port", "interface_name", "ip_networks", "memory_rss"],
  ];
  const short = way === "unanswered" && table === "processes" ? 1000 : deadline;
  tables[table] = await drain(collectors.collect({ table, project, deadline: short }));
  if (way === "hangs" || way === "silent") break;
}
console.log(JSON.stringify({ tables, reports: collectors.reports(), pid: Deno.pid }));
