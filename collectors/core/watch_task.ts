import { setImmediate } from "node:timers";
import type { TableOutcome } from "../../model/collection.ts";
import { BATCH_LIMITS, createBatcher } from "./batches.ts";
import type { Channel } from "./channel.ts";
import type { Collector, WatchContext } from "./collector.ts";
import type { TaskMessage } from "./messages.ts";
import { createSieve } from "./sieve.ts";

/** Milliseconds between two batches, unless one is full: what comes alone is sent at once, what comes in crowds together. */
const PATIENCE = 5;

/** Milliseconds in which the agent takes what is left once it has cancelled a task. */
const FAREWELL = 1000;

/** Long values are limited in each batch: a subscription has no end by which they could be counted. */
const LIMITS = { ...BATCH_LIMITS, budget: 2 ** 23, renewed: true };

/**
 * Sends what a collector sees happen, until the task is cancelled. While the agent takes nothing a batch fills up, then
 * the collector is asked for no more. What the collector throws comes through.
 */
export async function watchTask(
  watch: NonNullable<Collector["watch"]>,
  task: TaskMessage,
  context: WatchContext,
  channel: Channel,
): Promise<TableOutcome> {
  const { signal } = channel;
  const batcher = createBatcher(task.table, LIMITS);
  const sieve = await createSieve(task);
  let forget: (() => void)[] = [];
  let sent = -Infinity;
  let scheduled = false;
  let sending: Promise<void> | undefined;

  const trySending = async (until: number) => {
    if (!channel.isOpen()) await channel.opened(until);
    if (!channel.isOpen()) return;
    const batch = batcher.take();
    if (!batch) return;
    channel.send(batch, forget);
    forget = [];
    sent = performance.now();
  };
  const flush = (until = Infinity): Promise<void> =>
    sending ??= trySending(until).finally(() => sending = undefined);
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    const run = () => {
      scheduled = false;
      flush();
    };
    const delay = sent + PATIENCE - performance.now();
    if (delay > 0) setTimeout(run, delay);
    else setImmediate(run);
  };

  const pump = async (): Promise<TableOutcome> => {
    for await (const reading of watch(task, context)) {
      if (signal.aborted) break;
      if (!sieve.wants(reading)) {
        reading.forget?.();
        continue;
      }
      if (reading.forget) forget.push(reading.forget);
      if (batcher.add(reading)) await flush();
      else schedule();
      if (sieve.hasEnough()) return { status: "complete" };
    }
    return { status: "partial", reason: "its source of events has ended" };
  };
  // A collector that waits for an event that does not come is not waited for.
  const cancelled = new Promise<TableOutcome>((resolve) => {
    signal.addEventListener("abort", () => resolve({ status: "complete" }));
    if (signal.aborted) resolve({ status: "complete" });
  });
  try {
    return await Promise.race([pump(), cancelled]);
  } finally {
    await sending;
    await flush(performance.now() + FAREWELL);
    const left = batcher.take();
    if (left) channel.drop(left.rows, "they were not taken before the end");
  }
}
