import { decode, Failure, type ProcFiles } from "../../proc/files.ts";
import { listProcesses } from "../../proc/list.ts";
import { hasProgram, parseStat } from "../../proc/stat.ts";
import type { EventSource, Happening, SourceContext, Told } from "./happening.ts";

/** ms between two looks. */
const EVERY = 1000;

/** What tells a process from the one that has its id next, and a program from the one that it runs next. */
interface Look {
  readonly starttime: string;
  readonly program: string;
  readonly comm: string;
  readonly ppid: number;
  readonly runs: boolean;
}

/**
 * Looks at all processes again and again: what is left where the kernel tells nothing. What begins and ends between two
 * looks is only counted, together with threads, which the kernel counts as the same.
 */
export function openPolling(
  files: ProcFiles,
  { dropped }: SourceContext,
  { now = Date.now, wait = sleep }: {
    readonly now?: () => number;
    readonly wait?: (ms: number) => Promise<void>;
  } = {},
): EventSource {
  let known = lookAtAll(files);
  let forks = countForks(files);

  return {
    async next() {
      await wait(EVERY);
      const seen = lookAtAll(files);
      const time = now();
      const happenings: Happening[] = [];
      const tell = (told: Told) => happenings.push({ ...told, time, mark: time });
      let begun = 0;
      for (const [pid, look] of seen) {
        const { comm: name, ppid } = look;
        const last = known.get(pid);
        const isNew = last?.starttime !== look.starttime;
        if (isNew) {
          if (last) tell({ type: "exit", pid, name: last.comm });
          tell({ type: "fork", pid, name, ppid });
          begun++;
        }
        // Without an exec it has the program of its parent, whose memory is laid out the same.
        const before = isNew ? seen.get(ppid) ?? known.get(ppid) : last;
        if (look.runs && before?.program !== look.program) tell({ type: "exec", pid, name });
      }
      for (const [pid, { comm: name }] of known) {
        if (!seen.has(pid)) tell({ type: "exit", pid, name });
      }
      const counted = countForks(files);
      const missed = counted - forks - begun;
      if (missed > 0) dropped(missed, "processes or threads began and ended between two looks");
      known = seen;
      forks = counted;
      return happenings;
    },
    close() {},
  };
}

function lookAtAll(files: ProcFiles): Map<number, Look> {
  const looks = new Map<number, Look>();
  for (const pid of listProcesses(files)) {
    const bytes = files.read(`${pid}/stat`);
    const stat = bytes instanceof Failure ? undefined : parseStat(bytes);
    if (!stat || bytes instanceof Failure) continue;
    const text = decode(bytes);
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    looks.set(pid, {
      starttime: String(stat.starttime),
      // The places of code, of the stack and of the arguments; where they are kept back there is only the name.
      program: [stat.comm, ...LAYOUT.map((field) => fields[field - 3])].join(" "),
      comm: stat.comm,
      ppid: stat.ppid,
      runs: hasProgram(stat),
    });
  }
  return looks;
}

/** startcode, startstack and arg_start, counted as proc_pid_stat(5) does. */
const LAYOUT = [26, 28, 48];

/** How many processes and threads have begun since the start of the host. */
function countForks(files: ProcFiles): number {
  const bytes = files.readPieces("stat");
  return bytes instanceof Failure ? 0 : Number(/^processes (\d+)$/m.exec(decode(bytes))?.[1] ?? 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
