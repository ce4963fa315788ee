import type { process_performance } from "../../profiles/process_performance.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure, listFolder, type ProcFiles } from "../proc/files.ts";
import { livingFolder, TICK } from "../proc/stat.ts";
import { parseControlGroups } from "../procmond/control_groups.ts";
import { parseCounters } from "../procmond/counters.ts";
import { type Graphics, readGraphics } from "./graphics.ts";
import type { Heat } from "./heat.ts";
import { parseMemoryUse } from "./memory.ts";
import { differenceOf, type Sample, type Use } from "./rates.ts";
import { type RateColumn, RATES, sharesOf } from "./shares.ts";
import { parseTally, type Tally } from "./stat.ts";
import { readThreadTotals } from "./threads.ts";

/** A row of `process_performance` on Linux. */
export type PerformanceRow = Row<typeof process_performance, "linux">;

/** A reading of all processes in the making. */
export interface Scan {
  /** The process tree. */
  readonly files: ProcFiles;
  /** Columns that the task asks for. */
  readonly wanted: ReadonlySet<string>;
  /** What was used before; absent where no rate is wanted, or there was no time for a second reading. */
  readonly before?: Sample | undefined;
  /** What this reading finds. */
  readonly now: Sample;
  /** How warm the host is. */
  readonly heat: Heat;
  /** The pressure in a control group, as JSON. */
  readonly pressure: (path: string) => string | null;
}

/** Reads `stat` of a process; `undefined` where there is no such process. */
export function readTally(files: ProcFiles, pid: number): Tally | Failure | undefined {
  const bytes = files.read(`${pid}/stat`);
  return bytes instanceof Failure ? bytes : parseTally(bytes);
}

/** What a process had used, for a later reading to be compared with. */
export function readUse(
  files: ProcFiles,
  pid: number,
  stat: Tally,
  graphics?: Graphics | null | Failure,
): { readonly use: Use; readonly io: Record<string, number> | Failure } {
  const at = performance.now();
  const bytes = files.read(`${pid}/io`);
  const io = bytes instanceof Failure ? bytes : parseCounters(decode(bytes));
  return {
    io,
    use: {
      starttime: stat.starttime,
      at,
      cpu: (stat.utime + stat.stime) * TICK,
      waited: stat.blkio * TICK,
      ...(!(io instanceof Failure) && { read: io.read_bytes, written: io.write_bytes }),
      ...(graphics && !(graphics instanceof Failure) && { engines: graphics.engines }),
    },
  };
}

/** Reads a process; `undefined` where it has ended. */
export function readPerformance(scan: Scan, pid: number): Reading | undefined {
  const { files, wanted, before, now, heat, pressure } = scan;
  const { host } = now;
  const stat = readTally(files, pid);
  if (stat === undefined || stat === Failure.GONE) return undefined;
  if (stat instanceof Failure) return unreadable(wanted, pid, stat);
  const folder = livingFolder(files, pid, stat);
  const status = files.read(`${folder}/status`);
  if (status === Failure.GONE) return undefined;
  if (status instanceof Failure) return unreadable(wanted, pid, status);
  const memory = parseMemoryUse(decode(status));
  const gaps: Record<string, GapReason> = {};
  const given = <T>(value: T | Failure | undefined, ...columns: (keyof PerformanceRow)[]) => {
    if (!(value instanceof Failure)) return value ?? null;
    const reason = value.reason === "gone" ? "not_collected" : value.reason;
    for (const column of columns) gaps[column] = reason;
    return null;
  };
  const some = <T>(columns: readonly (keyof PerformanceRow)[], read: () => T) =>
    columns.some((column) => wanted.has(column)) ? read() : undefined;

  const graphics = some(["gpu_usage", "gpu_memory_used"], () => readGraphics(files, folder));
  const { use, io } = readUse(files, pid, stat, graphics);
  // It may have ended meanwhile; or the kernel counts no such thing.
  if (io === Failure.GONE && readTally(files, pid) === Failure.GONE) return undefined;
  now.uses.set(pid, use);
  const counters = given(io, ...IO_COLUMNS);
  const threads = some(
    THREAD_COLUMNS,
    () => readThreadTotals(files, pid, stat.num_threads === 1 ? memory : undefined),
  );
  const totals = given(threads, ...THREAD_COLUMNS);
  const handles = some(["handle_count"], () => listFolder(files, `${folder}/fd`));
  const groups = some(["cgroup_id", "container_id", "platform_data"], () => {
    const bytes = files.read(`${folder}/cgroup`);
    return bytes instanceof Failure ? bytes : parseControlGroups(decode(bytes));
  });
  const group = given(groups, "cgroup_id", "container_id");
  const path = group && pathOf(group.json);
  const stalls = path === null ? null : pressure(path);

  const age = Math.max(0, host.uptime + use.at - host.at - stat.starttime * TICK);
  const rates = () => {
    const shares = before && sharesOf(before, now, differenceOf(pid, use, before, age));
    // What has no graphics processor open does not use it.
    const known = { ...graphics === null && { gpu_usage: null }, ...shares };
    for (const column of RATES) {
      if (known[column] !== undefined || !wanted.has(column)) continue;
      gaps[column] ??= before ? "not_collected" : "deadline";
    }
    return { ...UNKNOWN, ...known };
  };
  const waits = totals && host.countsWaiting ? totals.waited : null;
  const row: { -readonly [C in keyof PerformanceRow]: PerformanceRow[C] | undefined } = {
    timestamp: Math.round(performance.timeOrigin + use.at),
    pid,
    process_key: `${host.bootId}:${pid}:${stat.starttime}`,
    process_name: stat.comm,
    memory_rss: memory.rss,
    memory_vms: stat.vsize,
    memory_usage_percent: 100 * memory.rss / host.memory,
    thread_count: stat.num_threads,
    context_switches: totals && totals.switches,
    disk_read_bytes: counters?.read_bytes ?? null,
    disk_write_bytes: counters?.write_bytes ?? null,
    priority: stat.priority,
    nice_value: stat.nice,
    cpu_time_user: seconds(stat.utime),
    cpu_time_system: seconds(stat.stime),
    cpu_time_total: seconds(stat.utime + stat.stime),
    memory_peak: memory.peak,
    memory_shared: memory.shared,
    memory_private: memory.private,
    io_read_ops: counters?.syscr ?? null,
    io_write_ops: counters?.syscw ?? null,
    io_read_bytes: counters?.rchar ?? null,
    io_write_bytes: counters?.wchar ?? null,
    io_wait_time: host.countsWaiting ? seconds(stat.blkio) : null,
    cpu_wait_time: totals?.waited == null ? null : totals.waited / 1e9,
    // Threads run and wait at the same time: only one alone is idle for the rest of it.
    cpu_idle_time: waits == null || stat.num_threads !== 1
      ? null
      : Math.max(0, age - use.cpu - use.waited - waits / 1e6) / 1000,
    cpu_guest_time: seconds(stat.guest),
    handle_count: given(handles, "handle_count")?.length ?? null,
    page_faults: stat.faults,
    working_set: memory.rss,
    peak_working_set: memory.peak,
    gpu_memory_used: given(graphics, "gpu_memory_used", "gpu_usage")?.memory ?? null,
    thermal_state: heat.state,
    cpu_time: (stat.utime + stat.stime) * TICK,
    user_time: stat.utime * TICK,
    system_time: stat.stime * TICK,
    cgroup_id: path,
    container_id: group && group.container_id,
    cpu_temperature: some(["cpu_temperature"], () => heat.temperatureOf(stat.processor)),
    platform_data: stalls && `{"pressure":${stalls}}`,
    ...NEVER,
    ...rates(),
  };
  return { row, gaps };
}

const UNKNOWN = Object.fromEntries(RATES.map((column) => [column, undefined])) as Record<
  RateColumn,
  undefined
>;

/** What Linux tells of no process; `performanceSources` says why. */
const NEVER = {
  network_read_bytes: null,
  network_write_bytes: null,
  network_usage_percent: null,
  network_receive_speed: null,
  network_transmit_speed: null,
  cpu_steal_time: null,
  cpu_guest_nice_time: null,
  steal_time: null,
  energy_impact: null,
  perf_events: null,
} as const satisfies Partial<Record<keyof PerformanceRow, null>>;

/** The group that a process is in: of version 2 of control groups, else the first that is told. */
function pathOf(groups: string): string | null {
  const all: readonly { readonly hierarchy: number; readonly path: string }[] = JSON.parse(groups);
  return (all.find(({ hierarchy }) => hierarchy === 0) ?? all[0])?.path ?? null;
}

/** A process that the kernel lists and tells nothing of; `undefined` where it has ended. */
function unreadable(
  wanted: ReadonlySet<string>,
  pid: number,
  { reason }: Failure,
): Reading | undefined {
  if (reason === "gone") return undefined;
  const row = { pid };
  const gaps = [...wanted].filter((column) => !(column in row)).map((column) => [column, reason]);
  return { row, gaps: Object.fromEntries(gaps) };
}

function seconds(ticks: number): number {
  return ticks * TICK / 1000;
}

/** Columns that `io` fills, and those that all threads fill together. */
const IO_COLUMNS = [
  "disk_read_bytes",
  "disk_write_bytes",
  "io_read_ops",
  "io_write_ops",
  "io_read_bytes",
  "io_write_bytes",
  "disk_usage_percent",
  "disk_read_speed",
  "disk_write_speed",
] as const satisfies readonly (keyof PerformanceRow)[];
const THREAD_COLUMNS = [
  "context_switches",
  "cpu_wait_time",
  "cpu_idle_time",
] as const satisfies readonly (keyof PerformanceRow)[];
