import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { openProcFiles } from "../proc/files.ts";
import { listProcesses } from "../proc/list.ts";
import { watch } from "./events/watch.ts";
import { readHost } from "./host.ts";
import { createMemory } from "./memory.ts";
import { procmond } from "./mod.ts";
import { readProcess } from "./process.ts";
import { createScan } from "./scan.ts";

const memory = createMemory();

/** Reads every process from the process tree of Linux (proc(5)). */
function* collect({ project }: TaskMessage, { procRoot }: CollectorContext): Iterable<Reading> {
  const files = openProcFiles(procRoot);
  const pids = listProcesses(files);
  memory.keep(pids);
  const scan = createScan(project, files, readHost(files), memory);
  for (const pid of pids) {
    const reading = readProcess(scan, pid);
    if (reading) yield reading;
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...procmond, collect, watch }));
