import type { ProcFiles } from "../../proc/files.ts";
import { listProcesses } from "../../proc/list.ts";
import type { EventRows } from "./rows.ts";

/** Compares what was told with what there is, from time to time. */
export interface Reconciler {
  /** ms until it is to be done again. */
  left(): number;
  /** Does it; how many processes are known to have begun or ended untold. What is odd is looked at twice. */
  compare(): number;
}

/** ms in which what has happened must have been told. */
export const LATEST = 1000;

/** Makes a {@linkcode Reconciler} that compares every so many ms; `now` counts ms. */
export function createReconciler(
  files: ProcFiles,
  rows: Pick<EventRows, "knows" | "pids" | "meet" | "forget">,
  every: number,
  now: () => number = () => performance.now(),
): Reconciler {
  let due = now() + every;
  let suspects: ReadonlySet<number> | undefined;
  return {
    left: () => Math.max(0, due - now()),
    compare() {
      const living = new Set(listProcesses(files));
      const odd = [...living].filter((pid) => !rows.knows(pid))
        .concat(rows.pids().filter((pid) => !living.has(pid)));
      if (suspects === undefined) {
        if (odd.length > 0) suspects = new Set(odd);
        due = now() + (odd.length > 0 ? LATEST : every);
        return 0;
      }
      const suspected = suspects;
      const missed = odd.filter((pid) => suspected.has(pid));
      for (const pid of missed) {
        rows.forget(pid);
        if (living.has(pid)) rows.meet(pid);
      }
      suspects = undefined;
      due = now() + every;
      return missed.length;
    },
  };
}
