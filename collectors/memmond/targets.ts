import type { TaskKeys } from "../../model/collection.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { CollectorContext } from "../core/collector.ts";
import { decode, Failure, openProcFiles, type ProcFiles } from "../proc/files.ts";
import { hasProgram, livingFolder, parseStat } from "../proc/stat.ts";

/** A process that was asked for. */
export interface Target {
  /** The columns that say which process it is. */
  readonly identity: {
    readonly pid: number;
    readonly process_key: string | null;
    readonly process_name: string | null;
  };
  /** Where its files lie below the root of the process tree; why it cannot be looked at, where it cannot. */
  readonly folder: string | Failure;
  /** The process tree. */
  readonly files: ProcFiles;
  /** Whether it is still the process that it was. */
  readonly isSame: () => boolean;
  /** ms as `performance.now()` counts, after which nothing more is read of it. */
  readonly deadline: number;
}

/**
 * The processes that keys mean, those that are there. One that takes long leaves half of the time for the others.
 * Processes without memory of their own, as threads of the kernel and zombies, have no rows.
 */
export function* openTargets(
  keys: TaskKeys | undefined,
  { procRoot, deadline }: Pick<CollectorContext, "procRoot" | "deadline">,
): Iterable<Target> {
  if (keys?.column !== "pid") return;
  const files = openProcFiles(procRoot);
  const boot = files.read("sys/kernel/random/boot_id");
  const bootId = boot instanceof Failure ? "" : decode(boot).trim();
  const told = new Set<number>();
  for (const [index, value] of (keys.values ?? []).entries()) {
    const pid = Number(value);
    if (!Number.isSafeInteger(pid) || pid <= 0 || told.has(pid)) continue;
    told.add(pid);
    const statNow = () => {
      const bytes = files.read(`${pid}/stat`);
      return bytes instanceof Failure ? bytes : parseStat(bytes);
    };
    const stat = statNow();
    if (stat === Failure.GONE || stat === undefined) continue;
    const now = performance.now();
    const until = now + Math.max(0, deadline - now) / 2;
    if (stat instanceof Failure) {
      yield {
        identity: { pid, process_key: null, process_name: null },
        folder: stat,
        files,
        isSame: () => true,
        deadline: until,
      };
      continue;
    }
    const process_key = `${bootId}:${pid}:${stat.starttime}`;
    const wanted = keys.processes?.[index] ?? null;
    if (wanted !== null && wanted !== process_key || !hasProgram(stat)) continue;
    yield {
      identity: { pid, process_key, process_name: stat.comm },
      folder: livingFolder(files, pid, stat),
      files,
      isSame() {
        const again = statNow();
        return again !== undefined && !(again instanceof Failure) &&
          again.starttime === stat.starttime;
      },
      deadline: until,
    };
  }
}

/** Why a value is missing whose reading failed. */
export function gapOf({ reason }: Failure): GapReason {
  return reason === "gone" ? "not_collected" : reason;
}
