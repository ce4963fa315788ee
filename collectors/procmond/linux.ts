import { readdirSync } from "node:fs";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { openProcFiles } from "../proc/files.ts";
import { readHost } from "./host.ts";
import { procmond } from "./mod.ts";
import { readProcess, type Scan, SOURCES } from "./process.ts";
import { createParents } from "./program.ts";
import { EXTENSIONS } from "./extensions.ts";

/** Reads every process from the process tree of Linux (proc(5)). */
function* collect({ project }: TaskMessage, { procRoot }: CollectorContext): Iterable<Reading> {
  const files = openProcFiles(procRoot);
  const wanted = new Set(project);
  const reads = (columns: readonly string[]) => columns.some((column) => wanted.has(column));
  const parts = { executable: reads(SOURCES.exe), arguments: reads(SOURCES.cmdline) };
  const scan: Scan = {
    wanted,
    files,
    host: readHost(files),
    parts,
    reads: {
      ...parts,
      environ: reads(SOURCES.environ),
      io: reads(SOURCES.io),
      cwd: reads(SOURCES.cwd),
      root: reads(SOURCES.root),
      cgroup: reads(SOURCES.cgroup),
    },
    extensions: Object.entries(EXTENSIONS).filter(([name]) => wanted.has(name)),
    parents: createParents(files, parts),
    controlGroups: new Map(),
  };
  const pids = readdirSync(procRoot).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids.sort((one, other) => one - other)) {
    const reading = readProcess(scan, pid);
    if (reading) yield reading;
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...procmond, collect }));
