import { own } from "../core/own.ts";
import type { process_performance } from "../../profiles/process_performance.ts";
import type { processes } from "../../profiles/processes.ts";
import type { Row } from "../../schema/row.ts";
import type { Platform } from "../../schema/types.ts";
import type { Reading } from "../core/collector.ts";
import type { Identify, Identity } from "./identity.ts";
import { amountOf, listOf, textOf, type Told, wholeOf } from "./values.ts";

type ProcessRow = Row<typeof processes, Platform>;
type PerformanceRow = Row<typeof process_performance, Platform>;
type State = ProcessRow["state"];

/** What else the rows of processes are made of. */
export interface ProcessContext {
  /** The platform that the library runs on. */
  readonly platform: Platform;
  /** Who processes are. */
  readonly identify: Identify;
  /** When the library was asked, ms since the epoch. */
  readonly now: number;
}

/** The library's words for states; Windows has none, and what is `unknown` is not told. */
const STATES: Readonly<Record<string, State>> = {
  running: "running",
  sleeping: "sleeping",
  blocked: "disk_sleep",
  stopped: "stopped",
  zombie: "zombie",
  dead: "dead",
};

/** Rows of `processes` of what the library's `processes()` says. What it does not tell is absent. */
export function processReadings(told: unknown, context: ProcessContext): readonly Reading[] {
  const all = processesOf(told, context);
  return [...all.values()].map(({ pid, process, identity }): Reading => {
    const ppid = wholeOf(process.parentPid);
    const parent = parentOf(all, ppid, pid, identity);
    const row: Partial<ProcessRow> = defined({
      pid,
      ppid,
      process_key: identity?.key,
      parent_key: identity && (parent?.identity?.key ?? null),
      name: textOf(process.name),
      executable_path: pathOf(process, context),
      command_line: commandLineOf(process, context),
      state: own(STATES, textOf(process.state) ?? ""),
      kernel_thread: isKernel(pid, ppid, context.platform),
      cpu_usage: usageOf(process, context),
      memory_rss: kib(process.memRss),
      memory_vms: virtualOf(process, context),
      start_time: identity?.start,
      run_time: identity && Math.max(0, Math.floor((context.now - identity.start) / 1000)),
      user_name: textOf(process.user),
      priority: priorityOf(process, context),
      nice_value: niceOf(process, context),
      parent_process: parent ? textOf(parent.process.name) : null,
      parent_executable_path: parent ? pathOf(parent.process, context) : null,
      parent_command_line: parent ? commandLineOf(parent.process, context) : null,
      accessible: false,
    });
    return { row, gaps: lackingIn(row, PROCESS_COLUMNS) };
  });
}

/** Rows of `process_performance` of what the library's `processes()` says. */
export function performanceReadings(told: unknown, context: ProcessContext): readonly Reading[] {
  return [...processesOf(told, context).values()].map(({ pid, process, identity }): Reading => {
    const rss = kib(process.memRss);
    const row: Partial<PerformanceRow> = defined({
      timestamp: context.now,
      pid,
      process_key: identity?.key,
      process_name: textOf(process.name),
      cpu_usage_percent: usageOf(process, context),
      memory_rss: rss,
      memory_vms: virtualOf(process, context),
      memory_usage_percent: amountOf(process.mem),
      priority: priorityOf(process, context),
      nice_value: niceOf(process, context),
      working_set: rss,
    });
    return { row, gaps: lackingIn(row, PERFORMANCE_COLUMNS) };
  });
}

/** Columns of `processes` that can be had. */
export const PROCESS_COLUMNS = [
  "pid",
  "ppid",
  "process_key",
  "parent_key",
  "name",
  "executable_path",
  "command_line",
  "state",
  "kernel_thread",
  "cpu_usage",
  "memory_rss",
  "memory_vms",
  "start_time",
  "run_time",
  "user_name",
  "priority",
  "nice_value",
  "parent_process",
  "parent_executable_path",
  "parent_command_line",
  "accessible",
] as const satisfies readonly (keyof ProcessRow)[];

/** Columns of `process_performance` that can be had. */
export const PERFORMANCE_COLUMNS = [
  "timestamp",
  "pid",
  "process_key",
  "process_name",
  "cpu_usage_percent",
  "memory_rss",
  "memory_vms",
  "memory_usage_percent",
  "priority",
  "nice_value",
  "working_set",
] as const satisfies readonly (keyof PerformanceRow)[];

/** A row without what is not known. */
export function defined<T extends object>(
  row: T,
): { readonly [N in keyof T]?: Exclude<T[N], undefined> } {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as { readonly [N in keyof T]?: Exclude<T[N], undefined> };
}

/** Gaps for the columns that a row lacks. */
export function lackingIn(
  row: object,
  columns: readonly string[],
): Readonly<Record<string, "not_collected">> {
  return Object.fromEntries(
    columns.filter((column) => !(column in row)).map((column) => [column, "not_collected"]),
  );
}

/** A process as the library tells of it. */
interface Known {
  readonly pid: number;
  readonly process: Told;
  readonly identity: Identity | undefined;
}

function processesOf(told: unknown, { identify }: ProcessContext): ReadonlyMap<number, Known> {
  const known = new Map<number, Known>();
  for (const process of listOf((told as Told | null)?.list)) {
    const pid = wholeOf(process.pid);
    if (pid !== undefined) {
      known.set(pid, { pid, process, identity: identify(pid, process.started) });
    }
  }
  return known;
}

/** The parent, unless it is younger than its child: then another process has its id. */
function parentOf(
  all: ReadonlyMap<number, Known>,
  ppid: number | undefined,
  pid: number,
  child: Identity | undefined,
): Known | undefined {
  const parent = ppid === undefined || ppid === pid ? undefined : all.get(ppid);
  return parent?.identity && child && parent.identity.start > child.start ? undefined : parent;
}

/** Only Windows tells what runs; elsewhere the library has it from the arguments, which a program may choose. */
function pathOf({ path }: Told, { platform }: ProcessContext): string | undefined {
  return platform === "windows" ? textOf(path) : undefined;
}

/** The library takes arguments apart; of some, which begin with a name and a colon, it keeps only the name. */
function commandLineOf(
  { path, command, params }: Told,
  { platform }: ProcessContext,
): string | undefined {
  const program = textOf(command);
  if (program === undefined || platform === "windows") return program;
  const [folder, rest] = [textOf(path), textOf(params)];
  if (folder === undefined && rest === undefined && !program.includes(" ")) return undefined;
  return `${folder === undefined ? "" : `${folder}/`}${program}${
    rest === undefined ? "" : ` ${rest}`
  }`;
}

/** The threads of the kernel are children of `kthreadd` on Linux, and one process on other systems. */
function isKernel(pid: number, ppid: number | undefined, platform: Platform): boolean {
  return {
    linux: pid === 2 || ppid === 2,
    macos: pid === 0,
    windows: pid === 0 || pid === 4,
  }[platform];
}

/** On macOS it is what ps(1) shows; elsewhere the library counts shares of all that is used by anybody. */
function usageOf({ cpu }: Told, { platform }: ProcessContext): number | undefined {
  return platform === "macos" ? amountOf(cpu) : undefined;
}

/** On Windows the library has room in the page file instead. */
function virtualOf({ memVsz }: Told, { platform }: ProcessContext): number | undefined {
  return platform === "windows" ? undefined : kib(memVsz);
}

/** On Linux ps(1) counts in its own way. */
function priorityOf({ priority }: Told, { platform }: ProcessContext): number | undefined {
  return platform === "linux" ? undefined : wholeOf(priority);
}

/** Windows has none, which the library writes as 0. */
function niceOf({ nice }: Told, { platform }: ProcessContext): number | undefined {
  return platform !== "windows" && Number.isSafeInteger(nice) ? nice as number : undefined;
}

function kib(value: unknown): number | undefined {
  const amount = wholeOf(value);
  return amount === undefined ? undefined : amount * 1024;
}
