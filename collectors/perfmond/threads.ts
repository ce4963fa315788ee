import { decode, Failure, listFolder, type ProcFiles } from "../proc/files.ts";
import { parseSwitches } from "./memory.ts";

/** What threads of a process have counted together; `null` where the kernel does not count. */
export interface ThreadTotals {
  /** Context switches. */
  readonly switches: number | null;
  /** ns for which they could have run and did not. */
  readonly waited: number | null;
}

/**
 * Adds up what the kernel tells of each thread alone. What threads that have ended had counted is lost with them.
 * `single` says that the process has one thread, whose `status` is at hand.
 */
export function readThreadTotals(
  files: ProcFiles,
  pid: number,
  single: { readonly switches: number | null } | undefined,
): ThreadTotals | Failure {
  if (single) return { switches: single.switches, waited: waitedOf(files, `${pid}`) };
  const folder = `${pid}/task`;
  const tids = listFolder(files, folder);
  if (tids instanceof Failure) return tids;
  let switches: number | null = null;
  let waited: number | null = null;
  for (const tid of tids) {
    const status = files.read(`${folder}/${tid}/status`);
    if (!(status instanceof Failure)) switches = plus(switches, parseSwitches(decode(status)));
    waited = plus(waited, waitedOf(files, `${folder}/${tid}`));
  }
  return { switches, waited };
}

function plus(sum: number | null, one: number | null): number | null {
  return one === null ? sum : (sum ?? 0) + one;
}

/** The second number of `schedstat` (sched-stats.rst of the kernel). */
function waitedOf(files: ProcFiles, folder: string): number | null {
  const bytes = files.read(`${folder}/schedstat`);
  const waited = bytes instanceof Failure ? undefined : /^\d+ (\d+) /.exec(decode(bytes))?.[1];
  return waited === undefined ? null : Number(waited);
}
