import type { Reading, WatchContext } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { readOwners } from "../files/owners.ts";
import { decode, Failure, openProcFiles, type ProcFiles } from "../proc/files.ts";
import { type Mount, parseMountInfo } from "../proc/mounts.ts";
import { readHost } from "../procmond/host.ts";
import { createActors } from "./actors.ts";
import type { FileSource } from "./happening.ts";
import { openKernelEvents } from "./kernel.ts";
import { openNotifications } from "./notifications.ts";
import { DEFAULT_PATHS, type Named, namedPlaces } from "./paths.ts";
import { createRows } from "./rows.ts";

/** ms for which names of owners, and what is mounted, are believed. */
const HOST_BELIEVED = 5_000;

/**
 * Tells of what happens to files, as `file_events`: as the kernel tells the agent, which takes root; else as it tells any
 * user, of files that this user sees, and without who did it.
 */
export async function* watch(
  { project, where, interests = [] }: Pick<TaskMessage, "project" | "where" | "interests">,
  context: WatchContext,
): AsyncGenerator<Reading, void, void> {
  const { procRoot, fileEventsRoot, signal, dropped, paths = DEFAULT_PATHS } = context;
  const named = namedPlaces(where ? [where, ...interests] : interests);
  const places: Named = { paths: [...new Set([...paths, ...named.paths])], access: named.access };
  const files = openProcFiles(procRoot);
  const host = readHost(files);
  const kernel = fileEventsRoot === undefined
    ? undefined
    : await openKernelEvents(fileEventsRoot, places, dropped);
  const source: FileSource = kernel ?? openNotifications(places.paths, dropped);
  const aborted = new Promise<readonly []>((resolve) =>
    signal.addEventListener("abort", () => resolve([]))
  );
  try {
    const agent = kernel?.agent ?? Deno.ppid;
    const rowsOf = createRows(project, {
      identity: `${host.bootId}:${Math.round(1000 * (performance.timeOrigin + performance.now()))}`,
      actors: createActors(files, host, agent),
      owners: believed(readOwners),
      mounts: believed(() => readMounts(files, agent)),
    });
    while (!signal.aborted) {
      const happenings = await Promise.race([source.next(), aborted]);
      for (const happening of happenings) yield* rowsOf(happening);
    }
  } finally {
    source.close();
  }
}

function readMounts(files: ProcFiles, pid: number): readonly Mount[] {
  const bytes = files.readPieces(`${pid}/mountinfo`);
  return bytes instanceof Failure ? [] : parseMountInfo(decode(bytes));
}

/** What was read, read again after a while, or after so many ms. */
function believed<T>(read: () => T): (atMost?: number) => T {
  let value = read();
  let readAt = performance.now();
  return (atMost = HOST_BELIEVED) => {
    if (performance.now() - readAt > atMost) {
      value = read();
      readAt = performance.now();
    }
    return value;
  };
}
