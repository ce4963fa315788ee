import type {
  Collection,
  CollectionTask,
  CollectorReport,
  CollectorState,
  WatchTask,
} from "../../model/collection.ts";
import { collectFrom, GRACE } from "./collecting.ts";
import type { CollectorDeclaration } from "./collector.ts";
import type { ConnectionOptions } from "./connection.ts";
import { HOST_CLOCK } from "./restarts.ts";
import { createSupervisor, type SupervisorOptions } from "./supervisor.ts";
import { watchFrom } from "./watching.ts";
import { within } from "../../std/within.ts";

/** The agent's side of a collector: starts its process when there is work, and checks all that it says. */
export interface CollectorHandle {
  /** What is known of the collector without running it. */
  readonly collector: CollectorDeclaration;
  /**
   * Collects a table of the collector; tasks wait for each other, but not longer than all of them may take if they are
   * like this one. Whatever the collector does wrong is an outcome, never a throw. Columns that it does not supply are gaps
   * of every batch.
   */
  collect(task: CollectionTask): Collection;
  /**
   * Passes on what the collector sees happen, until the signal is aborted: then what is left comes, and the outcome. A
   * collector that fails is started again; what happened meanwhile is told as lost, and makes the outcome partial.
   */
  watch(task: WatchTask, signal: AbortSignal): Collection;
  /**
   * Starts its process, if it does not run, to see whether it can collect and watch.
   *
   * @throws {Error} in words, where it does not start within so many milliseconds
   */
  start(patience: number): Promise<void>;
  /** What it is doing, and why it is not running where that is somebody's fault. */
  state(): { readonly state: CollectorState; readonly reason?: string };
  /** What it did so far; `undefined` where nothing was asked of it. */
  report(): CollectorReport | undefined;
  /** Ends its process once the tasks that collect have come to their end and the others are cancelled. */
  drain(): Promise<void>;
  /** Ends its process. A later task starts it again. */
  close(): Promise<void>;
}

/** What a handle is made of. */
export interface HandleOptions extends ConnectionOptions, SupervisorOptions {
  /** ms: how often a collector that subscribes to events compares what it is told with the host; 10 minutes if absent. */
  readonly reconcileEvery?: number;
  /** ms between two signs of life of a collector that watches; 10 seconds if absent. */
  readonly heartbeat?: number;
  /** ms without a task after which the process of a collector that waits to be asked is ended; 3 minutes if absent. */
  readonly idleAfter?: number;
  /** Places of files that a collector of files watches, instead of those that it knows itself. */
  readonly paths?: readonly string[];
  /** Whether memory is scarce now; see `CollectionTask.thrifty`. */
  readonly thrifty?: () => boolean;
  /** Told each time that its process has started. */
  readonly onStarted?: (report: CollectorReport) => void;
}

/** Milliseconds in which a collector that was told to end must have ended. */
const FAREWELL = 500;
/** The same for one that may finish its tasks. */
const DRAINING = 10_000;
/** Milliseconds without a task: longer than the usual period of a scan. */
const IDLE = 180_000;

/** Makes a {@linkcode CollectorHandle}; nothing is started yet. */
export function createHandle(options: HandleOptions): CollectorHandle {
  const { collector, specs, clock = HOST_CLOCK } = options;
  const pace = {
    reconcile_every: options.reconcileEvery ?? 600_000,
    heartbeat: options.heartbeat ?? 10_000,
    ...(options.paths && { paths: options.paths }),
  };
  const { name } = collector;
  const tables = new Map(specs.map((spec) => [spec.name, spec]));
  let report: CollectorReport | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let ending = 0;
  let asked = 0;
  let resting = new AbortController();

  const update = (change: (report: CollectorReport) => Partial<CollectorReport>) => {
    const old = report ?? { name, confinement: "none", rows: 0, dropped: 0, duration_ms: 0 };
    report = { ...old, ...change(old) };
  };
  const supervisor = createSupervisor(options, {
    dropped: (count) => update(({ dropped }) => ({ dropped: dropped + count })),
    heartbeat: ({ memory }) => update(() => ({ memory })),
    started({ confinement, reason, lacks }, again) {
      update(({ restarts = 0 }) => ({
        confinement,
        ...(reason !== undefined && { confinement_reason: reason }),
        ...(lacks.length > 0 && { lacks }),
        ...(again && { restarts: restarts + 1 }),
      }));
      options.onStarted?.(report!);
    },
    failed: (reason) => update(() => ({ problem: reason })),
  });
  const source = { name, supervisor, update, clock, pace, isEnding: () => ending > 0 };
  const end = async (word: "shutdown" | "drain", patience: number) => {
    ending++;
    try {
      await supervisor.end(word, patience);
    } finally {
      ending--;
    }
  };

  /** Ends a process that nobody has asked anything for a while. Who asks now waits until it is gone, and starts another. */
  const restLater = async () => {
    resting = new AbortController();
    const { signal } = resting;
    await clock.sleep(options.idleAfter ?? IDLE, signal);
    if (!signal.aborted) queue = queue.then(() => end("shutdown", FAREWELL));
  };
  const stop = (word: "shutdown" | "drain", patience: number) => {
    resting.abort();
    return end(word, patience);
  };

  return {
    collector,
    async *collect(task) {
      asked++;
      resting.abort();
      const earlier = queue;
      const patience = asked * (task.deadline + GRACE);
      const { promise, resolve } = Promise.withResolvers<unknown>();
      queue = promise;
      let left: Promise<unknown> | undefined;
      try {
        if (!await within(earlier.then(() => true), patience)) {
          left = earlier;
          return { status: "unavailable", reason: `${name}: it was busy with other tasks` };
        }
        const sized = options.thrifty?.() ? { ...task, thrifty: true as const } : task;
        return yield* collectFrom(source, sized, tables.get(task.table)!, (end) => left = end);
      } finally {
        resolve(left);
        const last = --asked === 0 && supervisor.state().state === "running";
        if (last && collector.kind === "triggerable") restLater();
      }
    },
    watch: (task, signal) => watchFrom(source, task, tables.get(task.table)!, signal),
    start: (patience) => supervisor.withSession(() => {}, patience, { watches: true }),
    state: () => supervisor.state(),
    report: () => report && { ...report, duration_ms: Math.round(report.duration_ms) },
    drain: () => stop("drain", DRAINING),
    close: () => stop("shutdown", FAREWELL),
  };
}
