import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { readAhead } from "../proc/ahead.ts";
import { openProcFiles } from "../proc/files.ts";
import { listProcesses } from "../proc/list.ts";
import { watch } from "./events/watch.ts";
import { readHost } from "./host.ts";
import { createMemory } from "./memory.ts";
import { procmond } from "./mod.ts";
import { readProcess } from "./process.ts";
import { createScan, wantedFiles } from "./scan.ts";
import { createSchedules } from "./schedules.ts";

/** Processes not yet known for which a second thread is worth its start. */
const MANY = 3000;

const memory = createMemory();
const schedules = createSchedules();

/** Reads every process from the process tree of Linux (proc(5)). */
function* collect({ project }: TaskMessage, { procRoot }: CollectorContext): Iterable<Reading> {
  const files = openProcFiles(procRoot);
  const pids = listProcesses(files);
  memory.keep(pids);
  schedules.keep(files, pids);
  const host = readHost(files);
  const fresh = pids.filter((pid) => !memory.knows(pid));
  const many = navigator.hardwareConcurrency > 1 && fresh.length >= MANY;
  using ahead = many ? readAhead(files, fresh, wantedFiles(project)) : undefined;
  const scan = createScan(project, ahead?.files ?? files, host, memory, schedules);
  const known = many ? pids.filter((pid) => memory.knows(pid)) : pids;
  for (const some of ahead ? [ahead.pids, known] : [known]) {
    for (const pid of some) {
      const reading = readProcess(scan, pid);
      if (reading) yield reading;
    }
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...procmond, collect, watch }));
