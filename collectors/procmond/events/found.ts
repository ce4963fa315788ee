import type { Cell, GapReason } from "../../../schema/batch.ts";
import { Failure } from "../../proc/files.ts";
import { TICK } from "../../proc/stat.ts";
import { readProcess } from "../process.ts";
import { readStat } from "../program.ts";
import type { Scan } from "../scan.ts";
import type { Happening } from "./happening.ts";

/** Values of a row. */
export type Cells = Record<string, Cell | undefined>;
/** Why values of a row are missing. */
export type Gaps = Record<string, GapReason>;

/** What was read of a process. */
export interface Found {
  /** What could be read. */
  readonly row: Cells;
  /** What could not. */
  readonly gaps: Gaps;
  /** Whether its program is no longer there to be read. */
  readonly hasEnded: boolean;
}

/** What a process loses when it ends, and what is another's after an exec. */
export const OF_PROGRAM = [
  "executable_path",
  "executable_deleted",
  "command_line",
  "arguments",
  "environment_variables",
  "working_directory",
  "root_directory",
] as const;

/** Reads the process that an event is of; `undefined` where it has gone. */
export function findProcess(
  scan: Scan,
  happening: Pick<Happening, "pid" | "at">,
): Found | undefined {
  const reading = readProcess(scan, happening.pid);
  if (!reading) return undefined;
  const { start_time, kernel_thread, memory_vms, thread_count } = reading.row;
  if (typeof start_time === "number" && !isOf(scan, happening, start_time)) return undefined;
  const hasEnded = kernel_thread === false && memory_vms === 0 && (thread_count as number) < 2;
  return {
    row: hasEnded ? without(reading.row, OF_PROGRAM) : reading.row,
    gaps: reading.gaps ?? {},
    hasEnded,
  };
}

/** Reads of a process that has ended only who it was, as long as its parent has not asked how it ended. */
export function identify(
  scan: Scan,
  happening: Pick<Happening, "pid" | "at">,
): Found | undefined {
  const { pid } = happening;
  const { files, host: { bootId, bootTime } } = scan;
  const stat = readStat(files, pid);
  if (stat instanceof Failure) return undefined;
  const start_time = bootTime + stat.starttime * TICK;
  if (!isOf(scan, happening, start_time)) return undefined;
  const row = {
    process_key: `${bootId}:${pid}:${stat.starttime}`,
    start_time,
    session_id: stat.session,
    accumulated_cpu_time: (stat.utime + stat.stime) * TICK,
  };
  return { row, gaps: {}, hasEnded: true };
}

/** Whether what was read is of the process that an event is of, and not of one that has its id since. */
function isOf({ host }: Scan, { at }: Pick<Happening, "at">, start: number): boolean {
  // The kernel counts the start in ticks, and its events a moment later.
  return at === undefined || start - host.bootTime <= at + 2 * TICK;
}

function without(row: Cells, columns: readonly string[]): Cells {
  const rest = { ...row };
  for (const column of columns) delete rest[column];
  return rest;
}
