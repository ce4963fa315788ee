import { process_events } from "../../../profiles/process_events.ts";
import type { Cell } from "../../../schema/batch.ts";
import { collectedColumns } from "../../../schema/columns.ts";
import type { Reading } from "../../core/collector.ts";
import { decode, Failure, type ProcFiles } from "../../proc/files.ts";
import type { Host } from "../host.ts";
import { NO_MEMORY } from "../memory.ts";
import { createScan, type Scan } from "../scan.ts";
import { type Cells, findProcess, type Gaps, identify, OF_PROGRAM } from "./found.ts";
import type { Happening } from "./happening.ts";

/** Makes rows of what happens, with what is known of the processes. */
export interface EventRows {
  /** Reads a process that lives already, so that its end will be a whole row. */
  meet(pid: number): void;
  /** Whether a process is known to live. */
  knows(pid: number): boolean;
  /** The processes that are known to live. */
  pids(): readonly number[];
  /** Forgets a process whose end nobody has told. */
  forget(pid: number): void;
  /** The row of what happened; `since` is what the same process is known to have done since. */
  rowOf(happening: Happening, since?: Since): Reading;
}

/** What a process did after an event: ran another program, or ended. */
export type Since = "moved" | "ended";

/** A process that lives, as it was when it was last read. */
interface Life {
  readonly row: Cells;
  readonly gaps: Gaps;
  /** When it began, as the source counts it in ms, where its beginning was told. */
  readonly began: number | undefined;
}

const COLUMNS = collectedColumns(process_events, "linux").map(({ name }) => name);

/** Columns of the event itself, and those that the hasher fills. */
const OTHERS: ReadonlySet<string> = new Set([
  "event_id",
  "event_type",
  "event_time",
  "exit_code",
  "duration_ms",
  "executable_hash",
  "hash_algorithm",
  "file_exists",
  "platform_data",
]);
const OF_PROCESS = COLUMNS.filter((column) => !OTHERS.has(column));

/** What a process does not keep from a fork or an exec to its end. */
const PASSING: ReadonlySet<string> = new Set([
  "state",
  "cpu_usage",
  "accumulated_cpu_time",
  "memory_rss",
  "memory_vms",
  "run_time",
  "disk_usage",
  "thread_count",
]);

/** What an exec leaves as it is. */
const LASTING = [
  "ppid",
  "parent_key",
  "process_key",
  "start_time",
  "session_id",
  "parent_process",
  "parent_executable_path",
  "parent_command_line",
] as const;

/** What a fork copies, by what a child's row calls it of its parent. */
const COPIED = {
  executable_path: "parent_executable_path",
  command_line: "parent_command_line",
} as const;

/** Longer texts of processes that live are not kept for their end. */
const LONG = 4096;

/** ms for which what was read of parents is believed. */
const PARENTS_BELIEVED = 20;

/** Makes an {@linkcode EventRows} for the columns that a task wants. */
export function createEventRows(
  project: readonly string[],
  files: ProcFiles,
  host: () => Host,
): EventRows {
  const wanted = new Set(project);
  const gapped = OF_PROCESS.filter((column) => wanted.has(column));
  const lives = new Map<number, Life>();
  let scan: Scan;
  let renewed = -Infinity;
  const renew = () => {
    if (performance.now() - renewed < PARENTS_BELIEVED) return;
    scan = createScan(project, files, host(), NO_MEMORY);
    renewed = performance.now();
  };

  /** What is known of a parent that may have ended. */
  const parentColumns = (ppid: number | undefined): Cells => {
    const parent = ppid === undefined ? undefined : lives.get(ppid)?.row;
    return {
      ppid,
      parent_key: parent?.process_key,
      parent_process: parent?.name,
      parent_executable_path: parent?.executable_path,
      parent_command_line: parent?.command_line,
    };
  };

  const remember = (pid: number, { row, gaps }: Pick<Life, "row" | "gaps">, began?: number) => {
    const kept: { row: Cells; gaps: Gaps; began: number | undefined } = {
      row: {},
      gaps: { ...gaps },
      began,
    };
    for (const column of OF_PROCESS) {
      const cell = row[column];
      const isLong = typeof cell === "string" && cell.length > LONG;
      kept.row[column] = isLong ? null : cell;
      if (isLong) kept.gaps[column] = "budget";
    }
    lives.set(pid, kept);
  };

  const readings = {
    fork(happening: Happening & { readonly type: "fork" }, since: Since | undefined) {
      const { pid, ppid, name, mark } = happening;
      const found = since === "ended" ? identify(scan, happening) : findProcess(scan, happening);
      const hasMoved = since === "moved" || found && hasOtherProgram(found.row, name);
      const row: Cells = { ...parentColumns(ppid), ...found?.row };
      if (!found || found.hasEnded || hasMoved) {
        // It ran its parent's program when it began, whatever has become of it.
        for (const column of OF_PROGRAM) delete row[column];
        for (const [own, parents] of Object.entries(COPIED)) row[own] = row[parents];
        row.name = name ?? row.name;
      }
      // No program begins a thread of the kernel.
      if (ppid !== undefined && lives.get(ppid)?.row.kernel_thread === false) {
        row.kernel_thread ??= false;
      }
      const gaps = found?.gaps ?? {};
      remember(pid, { row, gaps }, mark);
      return { row, gaps, accessible: found !== undefined && !found.hasEnded };
    },
    exec(happening: Happening & { readonly type: "exec" }, since: Since | undefined) {
      const { pid, filename } = happening;
      const life = lives.get(pid);
      const found = since === "ended" ? identify(scan, happening) : findProcess(scan, happening);
      const row: Cells = { ...pick(life?.row ?? {}, LASTING), ...found?.row };
      const gaps = { ...found?.gaps };
      if (since === "moved") {
        for (const column of ["name", ...OF_PROGRAM]) delete row[column];
      }
      if (typeof row.executable_path !== "string" && filename?.startsWith("/")) {
        row.executable_path = filename;
        delete gaps.executable_path;
      }
      row.name ??= happening.name ?? (filename && nameOf(filename));
      row.kernel_thread ??= false;
      remember(pid, { row, gaps }, life?.began);
      return { row, gaps, accessible: found !== undefined && !found.hasEnded && !since };
    },
    exit(happening: Happening & { readonly type: "exit" }) {
      const { pid, name } = happening;
      const life = lives.get(pid);
      const found = life ? identify(scan, happening) : findProcess(scan, happening);
      lives.delete(pid);
      const isSame = life?.row.process_key === undefined ||
        found?.row.process_key === life.row.process_key;
      const last = isSame ? found : undefined;
      const row: Cells = { ...last?.row };
      for (const [column, cell] of Object.entries(life?.row ?? {})) {
        if (cell !== undefined && !PASSING.has(column)) row[column] = cell;
      }
      row.name ??= name;
      return {
        row,
        gaps: { ...last?.gaps, ...life?.gaps },
        accessible: (life ?? last)?.row.accessible === true,
      };
    },
  };

  return {
    meet(pid) {
      renew();
      const found = findProcess(scan, { pid });
      if (found) remember(pid, found);
    },
    knows: (pid) => lives.has(pid),
    pids: () => [...lives.keys()],
    forget: (pid) => void lives.delete(pid),
    rowOf(happening, since) {
      renew();
      const { type, pid, time, mark } = happening;
      const began = lives.get(pid)?.began;
      const found = type === "fork"
        ? readings.fork(happening, since)
        : type === "exec"
        ? readings.exec(happening, since)
        : readings.exit(happening);
      const row: Cells = {
        event_id: `${scan.host.bootId}:${pid}:${type}:${Math.round(1000 * mark)}`,
        event_type: type,
        event_time: time,
        exit_code: null,
        duration_ms: null,
      };
      if (type === "exit") {
        row.exit_code = happening.code ?? exitCode(files, pid) ?? null;
        row.duration_ms = duration(happening, began, found.row.start_time, scan.host);
      }
      const gaps: Gaps = {};
      for (const column of OF_PROCESS) row[column] = found.row[column];
      row.pid = pid;
      row.accessible = found.accessible && found.row.accessible !== false;
      const life = lives.get(pid);
      if (life) life.row.accessible = row.accessible;
      for (const column of gapped) {
        const reason = found.gaps[column];
        if (row[column] === undefined) gaps[column] = "not_collected";
        else if (reason !== undefined && row[column] === null) gaps[column] = reason;
      }
      return { row, gaps };
    },
  };
}

/** Whether a process that has just begun runs another program already than the one that it began with. */
function hasOtherProgram(row: Cells, name: string | undefined): boolean {
  if (name !== undefined) return row.name !== name;
  const { executable_path: own, parent_executable_path: parents } = row;
  return typeof own === "string" && typeof parents === "string" && own !== parents;
}

function pick(row: Cells, columns: readonly string[]): Cells {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

/** The name that a process has after running a program: the last part of what that was called, 15 bytes of it. */
function nameOf(filename: string): string {
  const bytes = new TextEncoder().encode(filename.slice(filename.lastIndexOf("/") + 1));
  return decode(bytes.subarray(0, 15));
}

/** ms for which a process lived; NULL where its start is not known. */
function duration(
  { time, at, mark }: Happening,
  began: number | undefined,
  start: Cell | undefined,
  { bootTime }: Host,
): number | null {
  if (began === undefined && typeof start !== "number") return null;
  const lived = began !== undefined
    ? mark - began
    : at === undefined
    ? time - (start as number)
    : at - ((start as number) - bootTime);
  return Math.max(0, Math.round(lived));
}

/**
 * The exit code that a zombie still shows: status, or 128 plus the signal. Nothing where it is 0, which the kernel also
 * shows to those who may not know.
 */
function exitCode(files: ProcFiles, pid: number): number | undefined {
  const bytes = files.read(`${pid}/stat`);
  if (bytes instanceof Failure) return undefined;
  const text = decode(bytes);
  const fields = text.slice(text.lastIndexOf(")") + 2).trimEnd().split(" ");
  const status = Number(fields[EXIT_CODE - 3]);
  if (fields[0] !== "Z" || !(status > 0)) return undefined;
  const signal = status & 0x7f;
  return signal > 0 ? 128 + signal : status >> 8 & 0xff;
}

/** The field of `stat`, counted as proc_pid_stat(5) does. */
const EXIT_CODE = 52;
