import type { CollectorContext, Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { Failure, openProcFiles, type ProcFiles } from "../proc/files.ts";
import { listProcesses } from "../proc/list.ts";
import { readGraphics } from "./graphics.ts";
import { readHeat } from "./heat.ts";
import { readHostUse } from "./host.ts";
import { readEnergy } from "./power.ts";
import { createPressure } from "./pressure.ts";
import { readPerformance, readTally, readUse } from "./process.ts";
import type { Sample } from "./rates.ts";
import { RATES } from "./shares.ts";

/** Reads `process_performance`. */
export type ReadPerformances = (
  task: Pick<TaskMessage, "project">,
  context: Pick<CollectorContext, "deadline">,
) => Promise<Iterable<Reading>>;

/** Ms between two readings that tell how much a process uses, at least: its time is counted in pieces of 10 ms. */
export const INTERVAL = 1000;

/**
 * Makes what reads `process_performance`; once, because rates are what was used since the previous reading. The first
 * time there is none: then what counters say is read at once, and all of it {@linkcode INTERVAL} later. Where the deadline
 * leaves no time for that rates are gaps.
 */
export function createScans(
  { procRoot, sysRoot = "" }: Pick<CollectorContext, "procRoot" | "sysRoot">,
): ReadPerformances {
  const files = openProcFiles(procRoot);
  let last: Sample | undefined;

  const begin = (): Sample => ({
    host: readHostUse(files),
    energy: readEnergy(sysRoot),
    uses: new Map(),
  });
  const previous = async (graphics: boolean, deadline: number): Promise<Sample | undefined> => {
    const sample = last ?? fill(begin(), files, graphics);
    last = sample;
    const wait = sample.host.at + INTERVAL - performance.now();
    if (performance.now() + wait > deadline) return undefined;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    return sample;
  };

  return async ({ project }, { deadline }) => {
    const wanted = new Set(project);
    const before = RATES.some((column) => wanted.has(column))
      ? await previous(wanted.has("gpu_usage"), deadline)
      : undefined;
    const now = begin();
    const scan = {
      files,
      wanted,
      before,
      now,
      heat: readHeat(sysRoot),
      pressure: wanted.has("platform_data") ? createPressure(sysRoot) : () => null,
    };
    return function* () {
      for (const pid of listProcesses(files)) {
        const reading = readPerformance(scan, pid);
        if (reading) yield reading;
      }
      // Two readings in quick succession are compared with the same one.
      if (!last || now.host.at - last.host.at >= INTERVAL) last = now;
    }();
  };
}

/** Reads of all processes only what counters say. */
function fill(sample: Sample, files: ProcFiles, graphics: boolean): Sample {
  for (const pid of listProcesses(files)) {
    const stat = readTally(files, pid);
    if (stat === undefined || stat instanceof Failure) continue;
    const engines = graphics ? readGraphics(files, `${pid}`) : undefined;
    sample.uses.set(pid, readUse(files, pid, stat, engines).use);
  }
  return sample;
}
