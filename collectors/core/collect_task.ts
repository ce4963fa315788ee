import { setImmediate } from "node:timers";
import type { TableOutcome } from "../../model/collection.ts";
import { BATCH_LIMITS, createBatcher, THRIFTY_LIMITS } from "./batches.ts";
import type { Channel } from "./channel.ts";
import type { Collector, CollectorContext } from "./collector.ts";
import type { TaskMessage } from "./messages.ts";
import { createSieve } from "./sieve.ts";

/** Milliseconds of reading after which other tasks and the agent's messages have their turn. */
const SLICE = 4;

/** Reads what a task asks for and sends it through its channel. What the collector throws comes through. */
export async function collectTask(
  collector: Collector,
  task: TaskMessage,
  context: CollectorContext,
  channel: Channel,
): Promise<TableOutcome> {
  const { deadline } = context;
  const batcher = createBatcher(task.table, task.thrifty ? THRIFTY_LIMITS : BATCH_LIMITS);
  const sieve = await createSieve(task);
  let forget: (() => void)[] = [];
  const missing = new Set<string>();
  let unsent = false;

  const flush = async () => {
    const batch = batcher.take();
    if (!batch) return;
    if (!channel.isOpen()) await channel.opened(deadline);
    if (channel.isOpen()) channel.send(batch, forget);
    else unsent = true;
    forget = [];
  };
  /** Why nothing more is to be read or sent; `undefined` where there is no reason. */
  const ending = (): TableOutcome | undefined =>
    channel.signal.aborted
      ? { status: "partial", reason: "it was not wanted to its end" }
      : unsent
      ? { status: "partial", reason: `only a part was taken within ${task.deadline} ms` }
      : performance.now() > deadline
      ? { status: "partial", reason: `only a part was read within ${task.deadline} ms` }
      : undefined;

  const read = async (): Promise<TableOutcome> => {
    const readings = await collector.collect(task, {
      ...context,
      partial: (why) => missing.add(why),
    });
    let slice = performance.now() + SLICE;
    for await (const reading of readings) {
      if (!sieve.wants(reading)) reading.forget?.();
      else {
        if (reading.forget) forget.push(reading.forget);
        if (batcher.add(reading)) await flush();
        if (sieve.hasEnough()) break;
      }
      if (performance.now() > slice) {
        await new Promise<void>((resolve) => void setImmediate(resolve));
        slice = performance.now() + SLICE;
      }
      const outcome = ending();
      if (outcome) return outcome;
    }
    return missing.size > 0
      ? { status: "partial", reason: [...missing].join("; ") }
      : { status: "complete" };
  };

  try {
    const outcome = await read();
    await flush();
    return outcome.status === "complete" && unsent ? ending()! : outcome;
  } catch (error) {
    await flush();
    throw error;
  }
}
