import type { ExecutableLink } from "../proc/executable.ts";
import type { Failure } from "../proc/files.ts";
import type { Stat } from "../proc/stat.ts";
import type { ControlGroups } from "./control_groups.ts";
import type { Status } from "./status.ts";
import type { Arguments } from "./strings.ts";

/** What only a process itself changes: as long as it has not run, it is what it was. Absent: never read. */
export interface OwnParts {
  /** What it was started with. */
  readonly arguments?: Arguments | Failure | null;
  /** Its environment, as the JSON text of an object. */
  readonly environ?: string | Failure | null;
  /** What it made storage do, as JSON. */
  readonly io?: string | Failure | null;
  /** Its working folder. */
  readonly cwd?: string | Failure | null;
  /** Its root folder. */
  readonly root?: string | Failure | null;
  /** Its control groups. */
  readonly groups?: ControlGroups | Failure | null;
}

/** All that is remembered of a process. */
export interface Portrait {
  /** Its `stat`. */
  readonly stat: Stat;
  /** Its `status`. */
  readonly status: Status;
  /** What was read besides. */
  readonly parts: OwnParts;
  /** The file that it runs, if that was read; others may take its name from it. */
  readonly executable?: ExecutableLink | Failure | null | undefined;
}

/** A {@linkcode Portrait} of an earlier scan. */
export interface Recalled extends Portrait {
  /** When that scan began. */
  readonly seen: number;
}

/**
 * What a collector that lives on knows of processes from its earlier scans.
 *
 * A process with one thread that sleeps, slept when it was last read, and has not run in between is what it was: an exec,
 * other ids, another working folder, a rewritten command line all take running. That it has not run shows in `schedstat`,
 * which counts the nanoseconds for which it ran and for which it waited to run; no other process that comes to have its
 * id can have the same. Until that has been read once, the number of its context switches in `status` shows it. What
 * others can do to it without waking it (take memory from it, rename its folder, change its priority or control group,
 * write to its memory) is found within {@linkcode BELIEVED}.
 */
export interface Memory {
  /** Whether it is worth reading the `schedstat` of a process, before anything else of it. */
  knows(pid: number): boolean;
  /** What was read of a process that has not run since, by its `schedstat`. */
  recall(pid: number, schedule: string): Recalled | undefined;
  /** What was read of a process that has not run since, by what is now in `stat` and `status`. */
  recognize(pid: number, stat: Stat, status: Status): Recalled | undefined;
  /** Remembers what was read of a process, after its `schedstat` if that was read; whether parts of it were known. */
  remember(pid: number, portrait: Portrait, schedule: string | undefined, known: boolean): void;
  /**
   * Share of one core in percent that a process used since it was last looked at, by the time that it has used in ms;
   * `undefined` at the first look. Two looks within a second are one.
   */
  usage(pid: number, stat: Stat, used: number): number | undefined;
  /** Begins a scan of these processes; all others are forgotten. */
  keep(pids: readonly number[]): void;
}

/** ms for which a process that does not run is believed not to be changed by others; for some only half of it. */
export const BELIEVED = 60_000;

/** Characters of one process, and of all, that are remembered. */
const LONG = 16_384;
const MAX_CHARACTERS = 2 ** 26;

/** ms between two looks that tell how much a process runs: its time is counted in pieces of 10 ms. */
const SHORTEST = 1000;

interface Known extends Recalled {
  readonly schedule: string | undefined;
  readonly length: number;
  readonly until: number;
}

interface Look {
  readonly starttime: number;
  readonly used: number;
  readonly at: number;
  readonly share: number | undefined;
}

/** Makes a {@linkcode Memory}; `now` counts ms. */
export function createMemory(now: () => number = () => performance.now()): Memory {
  const known = new Map<number, Known>();
  const looks = new Map<number, Look>();
  let characters = 0;
  /** When the present scan began. */
  let time = now();

  const forget = (pid: number) => {
    characters -= known.get(pid)?.length ?? 0;
    known.delete(pid);
  };
  const believed = (pid: number) => {
    const last = known.get(pid);
    return last && time < last.until ? last : undefined;
  };

  return {
    knows: (pid) => believed(pid) !== undefined,
    recall(pid, schedule) {
      const last = believed(pid);
      return last?.schedule === schedule ? last : undefined;
    },
    recognize(pid, stat, { switches }) {
      const last = believed(pid);
      return last && isResting(stat) && last.stat.starttime === stat.starttime &&
          last.status.switches === switches
        ? last
        : undefined;
    },
    remember(pid, { stat, status, parts, executable }, schedule, wasKnown) {
      const last = wasKnown ? known.get(pid) : undefined;
      forget(pid);
      if (status.switches === null || !isResting(stat)) return;
      const length = lengthOf(parts);
      if (length > LONG || characters + length > MAX_CHARACTERS) return;
      // What was read in one scan should not all have to be read again in one scan.
      const until = last?.until ?? time + BELIEVED * (0.5 + Math.random() / 2);
      known.set(pid, { stat, status, parts, executable, schedule, length, until, seen: time });
      characters += length;
    },
    usage(pid, { starttime }, used) {
      const at = now();
      const last = looks.get(pid);
      if (last?.starttime !== starttime) {
        looks.set(pid, { starttime, used, at, share: undefined });
        return undefined;
      }
      const passed = at - last.at;
      if (passed < SHORTEST) return last.share;
      const share = Math.max(0, 100 * (used - last.used) / passed);
      looks.set(pid, { starttime, used, at, share });
      return share;
    },
    keep(pids) {
      time = now();
      const alive = new Set(pids);
      for (const pid of known.keys()) if (!alive.has(pid)) forget(pid);
      for (const pid of looks.keys()) if (!alive.has(pid)) looks.delete(pid);
    },
  };
}

/** Knows nothing, for readings that have to be new. */
export const NO_MEMORY: Memory = {
  knows: () => false,
  recall: () => undefined,
  recognize: () => undefined,
  remember() {},
  usage: () => undefined,
  keep() {},
};

/** Another thread could run while the first one, of which alone the kernel tells, sleeps. */
function isResting({ state, num_threads }: Stat): boolean {
  return num_threads === 1 && state !== "R";
}

function lengthOf({ arguments: words, environ, io, cwd, root, groups }: OwnParts): number {
  const texts = [environ, io, cwd, root].map((text) => typeof text === "string" ? text.length : 0);
  const said = words && "json" in words ? 2 * words.json.length : 0;
  const joined = groups && "json" in groups ? groups.json.length : 0;
  return texts.reduce((sum, length) => sum + length, said + joined);
}
