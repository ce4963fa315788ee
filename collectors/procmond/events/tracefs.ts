import { Failure, listFolder, type ProcFiles } from "../../proc/files.ts";
import { listProcesses } from "../../proc/list.ts";
import { hasEnded, readStat } from "../program.ts";
import { createSourceClock, distanceToBoot } from "./clock.ts";
import type { EventSource, Happening, SourceContext } from "./happening.ts";
import { createTasks } from "./tasks.ts";
import { openTracePipe, type TracePipe } from "./trace_pipe.ts";
import { parseTraceRecord } from "./trace_record.ts";

/** ms that a record may be old when it is read; who is later has to hurry. */
const BEHIND = 3;

const pipes = new Map<string, TracePipe>();

/** Opens the kernel's own events as a source, from now on; `uptime` tells ms since the start of the host. */
export function openTracefs(
  traceRoot: string,
  files: ProcFiles,
  uptime: () => number,
  { dropped }: SourceContext,
): EventSource {
  const path = `${traceRoot}/trace_pipe`;
  const pipe = pipes.get(path) ?? openTracePipe(path);
  pipes.set(path, pipe);
  const clock = createSourceClock(distanceToBoot(uptime));
  const began = uptime();
  const tasks = createTasks((pid) => hasEnded(files, pid), livingThreads(files));
  let isBehind = true;

  return {
    async next() {
      const happenings: Happening[] = [];
      for (const bytes of await pipe.next(isBehind)) {
        const record = parseTraceRecord(bytes);
        // What happened before anybody watched has waited in the buffer.
        if (record.at < began) continue;
        if (record.lost > 0) dropped(record.lost, "the kernel's buffer of events was full");
        if (record.event === "unknown") {
          dropped(1, "an event of the kernel could not be read");
          continue;
        }
        const { at } = record;
        const time = clock.wall(at);
        isBehind = Date.now() - time > BEHIND;
        const happening = tasks.take(record);
        if (happening) happenings.push({ ...happening, time, at, mark: at });
      }
      return happenings;
    },
    close() {},
  };
}

/** All threads but first ones, with their processes. */
function livingThreads(files: ProcFiles): Map<number, number> {
  const threads = new Map<number, number>();
  for (const pid of listProcesses(files)) {
    const stat = readStat(files, pid);
    if (stat instanceof Failure || stat.num_threads < 2) continue;
    const tids = listFolder(files, `${pid}/task`);
    for (const tid of tids instanceof Failure ? [] : tids.map(Number)) {
      if (tid !== pid) threads.set(tid, pid);
    }
  }
  return threads;
}
