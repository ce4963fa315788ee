import { basename } from "../../dialect/path.ts";
import type { Cell } from "../../schema/batch.ts";
import { Failure, listFolder, type ProcFiles } from "../proc/files.ts";
import { type Stat, TICK } from "../proc/stat.ts";
import type { Host } from "../procmond/host.ts";
import { readExecutable, readStat } from "../procmond/program.ts";
import type { Happening } from "./happening.ts";
import { pathText } from "./path_text.ts";

/** What a row says of the process; `undefined` where it was gone. */
export type ActorColumns = Readonly<
  Record<
    "process_pid" | "process_key" | "process_name" | "executable_path",
    Cell | undefined
  >
>;

/** Knows the processes that do something to files. */
export interface Actors {
  /** The process of an event as it is now; nothing where what it does is the toolkit's own work. */
  of(happening: Happening): ActorColumns | undefined;
}

/** ms for which what was read of a process is believed. */
const BELIEVED = 5;
/** ms for which the agent is believed to have no other files open. */
const OPEN_BELIEVED = 1000;
/** ms by which times of the kernel may be wrong: it counts in hundredths of a second. */
const SLACK = 2 * TICK;
/** Parents of parents that are looked at. */
const MAX_ANCESTORS = 16;
/** Processes that are known to be the agent's own, or not to be. */
const MAX_KNOWN = 4096;

const UNKNOWN: ActorColumns = {
  process_pid: undefined,
  process_key: undefined,
  process_name: undefined,
  executable_path: undefined,
};

/** A process as it was read. */
interface Actor {
  readonly stat: Stat;
  readonly columns: ActorColumns;
}

/**
 * Makes {@linkcode Actors}. The agent and those of its descendants that run its own program write the state, the audit
 * log and alerts: to tell of that would lead to more of it.
 */
export function createActors(files: ProcFiles, host: Host, agent: number): Actors {
  const known = new Map<string, boolean>();
  let last: { readonly pid: number; readonly at: number; readonly actor: Actor | undefined } = {
    pid: 0,
    at: -Infinity,
    actor: undefined,
  };
  const own = read(agent)?.columns.executable_path;

  function read(pid: number): Actor | undefined {
    const stat = readStat(files, pid);
    if (stat instanceof Failure) return undefined;
    const executable = readExecutable(files, String(pid), stat);
    return {
      stat,
      columns: {
        process_pid: pid,
        process_key: `${host.bootId}:${pid}:${stat.starttime}`,
        process_name: stat.comm,
        executable_path: executable instanceof Failure ? undefined : executable?.path ?? null,
      },
    };
  }
  /** Files that the agent has open, for sources that do not tell who did something. */
  let open: { readonly at: number; readonly paths: ReadonlySet<string> } | undefined;
  const ownFiles = () => {
    const now = performance.now();
    if (!open || now - open.at > OPEN_BELIEVED) open = { at: now, paths: openFiles(files, agent) };
    return open.paths;
  };
  const find = (pid: number): Actor | undefined => {
    const now = performance.now();
    if (last.pid !== pid || now - last.at > BELIEVED) last = { pid, at: now, actor: read(pid) };
    return last.actor;
  };
  const isOwn = (pid: number, { columns, stat }: Actor): boolean => {
    if (pid === agent) return true;
    if (columns.executable_path !== own || own === undefined) return false;
    const key = `${pid}:${stat.starttime}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    let ancestor = stat.ppid;
    for (let depth = 0; ancestor > 1 && ancestor !== agent && depth < MAX_ANCESTORS; depth++) {
      const parent = readStat(files, ancestor);
      ancestor = parent instanceof Failure ? 0 : parent.ppid;
    }
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, ancestor === agent);
    return ancestor === agent;
  };

  return {
    of({ pid, at, program, start, path: file }) {
      if (pid === undefined) return ownFiles().has(pathText(file).text) ? undefined : UNKNOWN;
      if (pid <= 0) return UNKNOWN;
      const path = program === undefined ? undefined : pathText(program).text;
      const actor = find(pid);
      const isOther = actor &&
        (start === undefined
          ? host.uptime() - actor.stat.starttime * TICK < Date.now() - at - SLACK
          : actor.stat.starttime !== start);
      if (actor && !isOther) {
        if (isOwn(pid, actor)) return undefined;
        const { executable_path } = actor.columns;
        // A process that is ending has no program any more.
        return { ...actor.columns, executable_path: executable_path ?? path ?? executable_path };
      }
      const name = path === undefined ? undefined : basename(path)?.slice(0, 15);
      return {
        process_pid: pid,
        process_key: start === undefined ? undefined : `${host.bootId}:${pid}:${start}`,
        process_name: name,
        executable_path: path,
      };
    },
  };
}

/** What a process has open: links that name no file name nothing that happens. */
function openFiles(files: ProcFiles, pid: number): ReadonlySet<string> {
  const names = listFolder(files, `${pid}/fd`);
  if (names instanceof Failure) return new Set();
  return new Set(
    names.map((name) => files.link(`${pid}/fd/${name}`)).filter((link) => typeof link === "string"),
  );
}
