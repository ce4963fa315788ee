import { assert, assertEquals } from "@std/assert";
import { openStreams, type StreamLimits } from "../../engine/streams.ts";
import { createQueue } from "../../engine/streams_queue.ts";
import type {
  CollectedBatch,
  Collection,
  TableOutcome,
  WatchTask,
} from "../../model/collection.ts";
import type { TableRead } from "../../model/compiled.ts";
import type { Predicate } from "../../model/predicate.ts";
import { batchOf } from "./support.ts";

/** A collector that tells what it is told to tell. */
function source() {
  const tasks: WatchTask[] = [];
  let tell = (_: CollectedBatch | TableOutcome) => {};
  async function* watch(task: WatchTask, signal: AbortSignal): Collection {
    tasks.push(task);
    const waiting: (CollectedBatch | TableOutcome)[] = [];
    let wake = Promise.withResolvers<void>();
    const add = (one: CollectedBatch | TableOutcome) => {
      waiting.push(one);
      wake.resolve();
    };
    tell = add;
    signal.addEventListener("abort", () => add({ status: "complete" }));
    for (;;) {
      const one = waiting.shift();
      if (!one) {
        await wake.promise;
        wake = Promise.withResolvers();
      } else if ("status" in one) return one;
      else yield one;
    }
  }
  return { watch, tasks, tell: (one: CollectedBatch | TableOutcome) => tell(one) };
}

const READ: TableRead = { table: "process_events", columns: ["pid"] };

const events = (...pids: number[]) => batchOf("process_events", pids.map((pid) => ({ pid })));

const pids = (taken: readonly { readonly batches: readonly CollectedBatch[] }[]) =>
  taken.flatMap(({ batches }) => batches.flatMap(({ values }) => values[0]!));

async function withStreams(
  use: (streams: ReturnType<typeof openStreams>, host: ReturnType<typeof source>) => Promise<void>,
  limits?: StreamLimits,
) {
  const host = source();
  const streams = openStreams(host, () => {}, limits);
  streams.watch([READ]);
  await pause();
  try {
    await use(streams, host);
  } finally {
    await streams.close();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("openStreams() counts every event that found no room, oldest first", async () => {
  await withStreams(async (streams, { tell }) => {
    for (let at = 0; at < 10; at++) tell(events(at, at));
    await streams.arrived();
    await pause();
    const taken = streams.takeForJudging();
    assertEquals(pids(taken), [7, 7, 8, 8, 9, 9]);
    assertEquals(taken[0]?.outcome, {
      status: "partial",
      reason: "14 events: more came than could be judged or stored",
    });
    assertEquals(streams.takeForJudging(), []);
  }, { waiting: 6 * 8 });
});

Deno.test("openStreams() gives so many events at once to be judged, and all of them to be stored", async () => {
  await withStreams(async (streams, { tell }) => {
    for (let at = 0; at < 5; at++) tell(events(at));
    await streams.arrived();
    await pause();
    assertEquals(pids(streams.takeForJudging()), [0, 1]);
    await streams.arrived();
    assertEquals(pids(streams.takeForJudging()), [2, 3]);
    assertEquals(pids(streams.takeForJudging()), [4]);
    assertEquals(pids(streams.forStoring()), [0, 1, 2, 3, 4]);
  }, { together: 2 });
});

Deno.test("openStreams() keeps what could not be stored, with what was lost", async () => {
  await withStreams(async (streams, { tell, tasks }) => {
    let acknowledged = 0;
    tell({ ...events(1), acknowledge: () => acknowledged++ });
    await pause();
    tasks[0]!.onLoss!({ count: 3, reason: "no room" });
    streams.forStoring();
    tell({ ...events(2), acknowledge: () => acknowledged += 10 });
    await pause();
    const kept = streams.forStoring();
    assertEquals(pids(kept), [1, 2]);
    assertEquals(kept[0]?.outcome, { status: "partial", reason: "3 events: no room" });
    tasks[0]!.onLoss!({ count: 4, reason: "no room" });
    tell(events(3));
    await pause();
    streams.stored(kept);
    assertEquals(acknowledged, 10);
    const rest = streams.forStoring();
    assertEquals(pids(rest), [3]);
    assertEquals(rest[0]?.outcome, { status: "partial", reason: "4 events: no room" });
  });
});

Deno.test("openStreams() tells a collector what is looked for, and begins anew only where that is more", async () => {
  await withStreams(async (streams, { tasks }) => {
    const [one, other] = ["/srv/a/%", "/srv/b/%"].map((pattern) =>
      ({ op: "like", column: "file_path", pattern }) as const
    );
    const wanted: (readonly Predicate[])[] = [[one!], [one!, other!], [{ ...other! }], []];
    for (const interests of wanted) {
      streams.watch([{ ...READ, interests }]);
      await pause();
    }
    assertEquals(tasks.map(({ interests }) => interests), [undefined, [one!], [one!, other!]]);
  });
});

Deno.test("openStreams() goes on without a gap where nothing more is read, and loses nothing where more is", async () => {
  await withStreams(async (streams, { tell, tasks }) => {
    tell(events(1));
    await pause();
    streams.watch([{ ...READ, columns: [] }]);
    assertEquals(tasks.length, 1);
    streams.watch([{ ...READ, columns: ["pid", "name"] }]);
    await pause();
    assertEquals(tasks.map(({ project }) => project), [["pid"], ["pid", "name"]]);
    tell(events(2));
    await pause();
    const taken = streams.takeForJudging();
    assertEquals(pids(taken), [1, 2]);
    assert(taken[0]?.outcome.status === "partial");
    streams.watch([]);
    assertEquals(streams.forStoring(), []);
  });
});

Deno.test("createQueue() keeps a loss that comes between telling and forgetting the one before, also one that nobody counted", () => {
  const queue = createQueue("process_events", 1_000);
  queue.lose("its collector has ended");
  const { batches } = queue.peek();
  queue.lose("its collector has ended");
  queue.drop(batches);
  assertEquals(queue.peek().outcome, { status: "partial", reason: "its collector has ended" });
  queue.drop([]);
  assertEquals(queue.peek().outcome, { status: "complete" });
});
