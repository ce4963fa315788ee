import { setImmediate } from "node:timers";
import { within } from "../../../std/within.ts";
import type { Reading, WatchContext } from "../../core/collector.ts";
import type { TaskMessage } from "../../core/messages.ts";
import type { ProcFiles } from "../../proc/files.ts";
import { openProcFiles } from "../../proc/files.ts";
import { listProcesses } from "../../proc/list.ts";
import { type Host, readHost, readUptime } from "../host.ts";
import { openConnector } from "./connector.ts";
import type { EventSource, Happening } from "./happening.ts";
import { openPolling } from "./polling.ts";
import { createReconciler, LATEST } from "./reconcile.ts";
import { createEventRows, type EventRows, type Since } from "./rows.ts";
import { openTracefs } from "./tracefs.ts";

/** ms for which names of users and the like are believed. */
const HOST_BELIEVED = 10_000;

/** ms of reading after which others have their turn. */
const SLICE = 10;

/** Tells of processes that begin, run another program, and end, as `process_events`. */
export async function* watch(
  { project }: Pick<TaskMessage, "project">,
  context: WatchContext,
): AsyncGenerator<Reading, void, void> {
  const { procRoot, signal, reconcileEvery, dropped } = context;
  const files = openProcFiles(procRoot);
  const source = openSource(files, context);
  const rows = createEventRows(project, files, createHostReader(files));
  let pending: ReturnType<EventSource["next"]> | undefined;
  try {
    await meetAll(files, rows);
    const reconciler = createReconciler(files, rows, reconcileEvery);
    // What is told late would look as if nobody had told it.
    let isLate = false;
    while (!signal.aborted) {
      if (!isLate && reconciler.left() === 0) {
        const missed = reconciler.compare();
        if (missed > 0) dropped(missed, "processes began or ended and nobody told");
      }
      pending ??= source.next();
      const happenings = await within(pending, reconciler.left());
      if (happenings === undefined) {
        isLate = false;
        continue;
      }
      pending = undefined;
      const since = whatFollows(happenings);
      for (const [index, happening] of happenings.entries()) {
        yield rows.rowOf(happening, since[index]);
      }
      const last = happenings.at(-1);
      if (last) isLate = Date.now() - last.time > LATEST;
    }
  } finally {
    // Nobody waits any more for what may still come.
    pending?.catch(() => {});
    source.close();
  }
}

/**
 * The best source at hand: the kernel's events, which the agent switches on as root; the process connector, which takes the
 * C library, and which a confined collector therefore does not have; else a look every second.
 */
function openSource(
  files: ProcFiles,
  context: Pick<WatchContext, "traceRoot" | "libc" | "dropped">,
): EventSource {
  const { traceRoot, libc } = context;
  if (traceRoot !== undefined) {
    return openTracefs(traceRoot, files, () => readUptime(files), context);
  }
  if (Deno.permissions.querySync({ name: "ffi" }).state === "granted") {
    try {
      return openConnector(libc ?? "libc.so.6", files, context);
    } catch {
      // Older kernels give it to root alone, and there are other C libraries.
    }
  }
  return openPolling(files, context);
}

/** What the process of each happening does later among them. */
function whatFollows(happenings: readonly Happening[]): (Since | undefined)[] {
  const known = new Map<number, Since>();
  const following = happenings.toReversed().map(({ pid, type }) => {
    const since = known.get(pid);
    if (type === "fork") known.delete(pid);
    else if (type === "exit") known.set(pid, "ended");
    else if (since === undefined) known.set(pid, "moved");
    return since;
  });
  return following.reverse();
}

/** Reads all processes that live already. */
async function meetAll(files: ProcFiles, rows: EventRows): Promise<void> {
  let slice = performance.now() + SLICE;
  for (const pid of listProcesses(files)) {
    if (!rows.knows(pid)) rows.meet(pid);
    if (performance.now() < slice) continue;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    slice = performance.now() + SLICE;
  }
}

function createHostReader(files: ProcFiles): () => Host {
  let host = readHost(files);
  let readAt = performance.now();
  return () => {
    if (performance.now() - readAt > HOST_BELIEVED) {
      host = readHost(files);
      readAt = performance.now();
    }
    return host;
  };
}
