import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createHandle, type HandleOptions } from "../../../collectors/core/handle.ts";
import { HOST_CLOCK } from "../../../collectors/core/restarts.ts";
import type { CollectionTask } from "../../../model/collection.ts";
import type { Predicate } from "../../../model/predicate.ts";
import { drain, isLinux, testWith } from "../support.ts";
import { sample, SAMPLE_TABLES } from "./sample_declaration.ts";

const test = (name: string, fn: () => Promise<void>) => testWith({ Linux: isLinux }, name, fn);
const task: CollectionTask = { table: "samples", project: ["name", "size"], deadline: 20_000 };

function open(options: Partial<HandleOptions> = {}) {
  const handle = createHandle({
    collector: sample,
    specs: SAMPLE_TABLES,
    platform: "linux",
    policy: "off",
    ...options,
  });
  const state = async (ttl?: number) => {
    const { rows } = await drain(
      handle.collect({ ...task, table: "state", ...(ttl !== undefined && { ttl }) }),
    );
    return Object.fromEntries(rows.map(({ values }) => [values.name, values.size]));
  };
  return {
    ...handle,
    is: handle.state,
    state,
    ask: async (more: Partial<CollectionTask>) => await drain(handle.collect({ ...task, ...more })),
    [Symbol.asyncDispose]: handle.close,
  };
}

test("collect() leaves out rows that are not wanted, and keeps those that nobody can judge", async () => {
  await using sample = open();
  const where: Predicate = {
    op: "and",
    of: [
      { op: "<", column: "size", value: 8 },
      { op: "regexp", column: "name", pattern: "^row [0-9]$" },
    ],
  };
  const { rows, outcome } = await sample.ask({ where });
  assertEquals(outcome, { status: "complete" });
  // The size of the rows 0 and 5 was denied.
  assertEquals(
    rows.map(({ values }) => values.name),
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `row ${n}`),
  );
  assertEquals(rows[5]!.gaps, { size: "denied" });
  assertEquals(sample.report()!.rows, 8);
});

test("collect() stops at the limit, for which rows that nobody can judge do not count", async () => {
  await using sample = open();
  const { rows, outcome } = await sample.ask({ limit: 3 });
  assertEquals([rows.length, outcome.status], [3, "complete"]);
  assertEquals((await sample.state()).produced, 3, "nothing more was read");
  const where: Predicate = { op: ">", column: "size", value: 3 };
  const judged = await sample.ask({ where, limit: 3 });
  assertEquals(
    judged.rows.map(({ values }) => values.name),
    [0, 4, 5, 6, 7].map((n) => `row ${n}`),
  );
});

test("collect() hands on how old an answer may be", async () => {
  await using sample = open();
  assertEquals((await sample.state(1234)).ttl, 1234);
});

test("a collector waits for a store that is slow", async () => {
  await using sample = open();
  const rows = sample.collect(task);
  await rows.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  rows.return({ status: "complete" });
  const { produced } = await sample.state();
  // Four batches may be on their way, and one is waiting to be.
  assert(produced as number <= 5 * 500 + 1, `${produced} rows were read that nobody has taken`);
});

test("collect() says what was not taken in time", async () => {
  await using sample = open();
  await sample.state();
  const rows = sample.collect({ ...task, deadline: 2000 });
  await rows.next();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const { outcome } = await drain(rows);
  assertEquals(outcome.status, "partial");
});

test("rows that were collected are forgotten once they are acknowledged, not before", async () => {
  await using sample = open();
  const { rows } = await sample.ask({ where: { op: "=", column: "size", value: 7 } });
  assertEquals(rows.length, 601);
  assertEquals((await sample.state()).forgotten, 3000 - 601, "those that nobody wanted");
  let acknowledge = () => {};
  for await (const batch of sample.collect(task)) acknowledge = batch.acknowledge!;
  assertEquals((await sample.state()).forgotten, 3000 - 601);
  acknowledge();
  assertEquals((await sample.state()).forgotten, 3000 - 601 + 3000);
});

test("start() starts a collector to see whether it can, and says why it cannot", async () => {
  await using handle = open();
  assertEquals(handle.is(), { state: "idle" });
  await handle.start(10_000);
  assertEquals([handle.is(), handle.report()!.rows], [{ state: "running" }, 0]);
  await handle.close();
  assertEquals(handle.is(), { state: "idle" });

  const missing = new URL("nowhere.ts", import.meta.url);
  await using broken = open({ collector: { ...sample, modules: { linux: missing } } });
  await assertRejects(() => broken.start(10_000), Error, "it ended (status 1)");
  assertEquals(broken.is().state, "waiting");
  assertMatch(broken.is().reason!, /nowhere\.ts/);

  await using elsewhere = open({ collector: { ...sample, modules: {} } });
  await assertRejects(() => elsewhere.start(10_000), Error, "it cannot read linux");
  assertEquals(elsewhere.is(), { state: "unsupported" });
});

test("a collector that fails again and again is left alone, and says why", async () => {
  let time = 0;
  const clock = { ...HOST_CLOCK, now: () => time };
  const missing = new URL("nowhere.ts", import.meta.url);
  await using broken = open({ collector: { ...sample, modules: { linux: missing } }, clock });
  for (let count = 0; count < 5; count++) {
    assertEquals((await broken.ask({})).outcome.status, "unavailable");
    assertEquals(broken.is().state, count < 4 ? "waiting" : "given_up");
    time += 20_000;
  }
  const { outcome } = await broken.ask({});
  assert("reason" in outcome);
  assertMatch(outcome.reason, /^sample: it failed 5 times within 10 minutes, at last: it ended/);
  time += 600_000;
  assertEquals(broken.is().state, "waiting");
});

test("a task waits for a collector that may not be started again yet, or says so", async () => {
  const slept: number[] = [];
  let time = 0;
  const clock = {
    now: () => time,
    random: () => 1,
    sleep(ms: number) {
      slept.push(ms);
      time += ms;
      return Promise.resolve();
    },
  };
  const missing = new URL("nowhere.ts", import.meta.url);
  await using broken = open({ collector: { ...sample, modules: { linux: missing } }, clock });
  await broken.ask({});
  await broken.ask({});
  assertEquals(slept, [1000]);
  const { outcome } = await broken.ask({ deadline: 500 });
  assert("reason" in outcome);
  assertMatch(outcome.reason, /it is started again in 2 s$/);
});
