import { assertEquals } from "@std/assert";
import type { Channel } from "../../../collectors/core/channel.ts";
import { collectTask } from "../../../collectors/core/collect_task.ts";
import type { Collector } from "../../../collectors/core/collector.ts";
import type { TaskMessage } from "../../../collectors/core/messages.ts";
import type { TableOutcome } from "../../../model/collection.ts";
import type { Cell, RecordBatch } from "../../../schema/batch.ts";
import { sample } from "./sample_declaration.ts";

/** Collects with a function; the names that were sent, and the outcome. */
async function collect(
  collect: Collector["collect"],
): Promise<{ readonly names: readonly Cell[]; readonly outcome: TableOutcome }> {
  const sent: RecordBatch[] = [];
  const channel: Channel = {
    signal: new AbortController().signal,
    isOpen: () => true,
    opened: () => Promise.resolve(),
    send: (batch) => void sent.push(batch),
    drop: () => {},
    count: () => ({ counters: { rows: 0, dropped: 0, acknowledged: 0 } }),
    isAwaiting: () => false,
    grant: () => {},
    acknowledge: () => {},
    cancel: () => {},
  };
  const task: TaskMessage = {
    type: "task",
    id: 1,
    table: "samples",
    project: ["name"],
    deadline: 60_000,
  };
  const context = { procRoot: "", deadline: performance.now() + task.deadline };
  const outcome = await collectTask({ ...sample, collect }, task, context, channel);
  return { names: sent.flatMap(({ values }) => values[0]!), outcome };
}

Deno.test("collectTask() takes rows as they are, promised, or one after the other", async () => {
  const rows = [{ row: { name: "a" } }, { row: { name: "b" } }];
  const whole = { names: ["a", "b"], outcome: { status: "complete" } } as const;
  assertEquals(await collect(() => rows), whole);
  assertEquals(await collect(() => Promise.resolve(rows)), whole);
  const later = async function* () {
    for (const row of rows) yield await Promise.resolve(row);
  };
  assertEquals(await collect(later), whole);
});

Deno.test("collectTask() says each reason once why rows are missing", async () => {
  const result = await collect(function* (_, { partial }) {
    partial!("a folder is closed");
    yield { row: { name: "a" } };
    for (const reason of ["a folder is closed", "there are too many"]) partial!(reason);
  });
  assertEquals(result, {
    names: ["a"],
    outcome: { status: "partial", reason: "a folder is closed; there are too many" },
  });
});
