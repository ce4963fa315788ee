import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHandle } from "../../../collectors/core/handle.ts";
import type { Predicate } from "../../../model/predicate.ts";
import type { CollectorKind, TableSpec } from "../../../schema/types.ts";
import { drain, isLinux, testWith } from "../support.ts";

const things: TableSpec = {
  name: "things",
  description: "Things.",
  collector: "unruly",
  kind: "monitor",
  columns: { name: ["string", "Name"], size: ["integer", "Size"] },
  examples: [],
};

function handleOf(way: string, kind: CollectorKind = "monitor", idleAfter = 60_000) {
  return createHandle({
    idleAfter,
    collector: {
      name: "unruly",
      kind,
      tables: ["things"],
      permissions: {},
      modules: { linux: new URL(`./unruly.ts?way=${way}`, import.meta.url) },
    },
    specs: [things],
    platform: "linux",
    policy: "off",
  });
}

const task = { table: "things", project: ["name"], deadline: 20_000 };

/** What a handle makes of a collector that behaves in some way. */
async function collect(way: string, deadline = task.deadline, start?: number) {
  const handle = handleOf(way);
  if (start !== undefined) await handle.start(start);
  const { rows, outcome } = await drain(handle.collect({ ...task, deadline }));
  const report = handle.report()!;
  await handle.close();
  return { names: rows.map(({ values }) => values.name), rows, outcome, report };
}

const test = (name: string, fn: () => Promise<void>) => testWith({ Linux: isLinux }, name, fn);

test("createHandle() passes on rows, with a gap for what is not collected", async () => {
  const { names, rows, outcome, report } = await collect("well");
  assertEquals(names, ["a", "b"]);
  assertEquals(rows[0]!.gaps, { size: "not_collected" });
  assertEquals(outcome, { status: "complete" });
  assertEquals([report.rows, report.dropped, report.problem], [2, 0, undefined]);
  assertEquals(report.confinement_reason, "confinement is switched off");
});

test("createHandle() answers several tasks in one process, also at the same time", async () => {
  const handle = handleOf("well");
  const all = await Promise.all([1, 2, 3].map(() => drain(handle.collect(task))));
  assertEquals(all.map(({ rows }) => rows.length), [2, 2, 2]);
  await handle.close();
  assertEquals((await drain(handle.collect(task))).rows.length, 2, "after close it starts again");
  await handle.close();
});

test("createHandle() keeps what came before a collector died, and says how", async () => {
  const { names, outcome, report } = await collect("dies");
  assertEquals(names, ["a"]);
  assertEquals(outcome, { status: "partial", reason: "unruly: it ended (status 7)" });
  assertEquals(report.problem, "it ended (status 7)");
});

test("createHandle() tells why a collector did not start, without its escape sequences", async () => {
  const { outcome } = await collect("dies at once");
  assertEquals(outcome, {
    status: "unavailable",
    reason: "unruly: it ended (status 3): cannot \\x1b[31mbegin",
  });
});

test("createHandle() takes only the collector and the protocol that it means", async () => {
  for (
    const [way, reason] of [
      ["old protocol", /protocol 0, this agent 3/],
      ["other name", /another collector/],
      ["other columns", /another collector/],
      ["too free", /may do more than it should: net/],
      ["no hello", /does not say hello/],
    ] as const
  ) {
    const { outcome } = await collect(way);
    assertEquals(outcome.status, "unavailable", way);
    assert("reason" in outcome);
    assertMatch(outcome.reason, reason);
  }
});

test("createHandle() does not wait beyond the deadline", async () => {
  const started = performance.now();
  // Starting takes on a busy host as long as it takes.
  const [hangs, silent] = await Promise.all([
    collect("hangs", 3000, 30_000),
    collect("silent", 500),
  ]);
  assert(performance.now() - started < 45_000);
  assertEquals(hangs.names, ["a"]);
  assertEquals(hangs.outcome, { status: "partial", reason: "unruly: it did not answer in time" });
  assertEquals(silent.outcome.status, "unavailable");
});

test("a start goes on when nobody waits for it any more, and is no failure", async () => {
  const handle = handleOf("late");
  const reason = "unruly: it did not start in time";
  const impatient = await drain(handle.collect({ ...task, deadline: 1 }));
  assertEquals(impatient.outcome, { status: "unavailable", reason });
  let started = false;
  const starting = handle.start(60_000).then(() => started = true);
  assertEquals(
    (await drain(handle.collect({ ...task, deadline: 1 }))).outcome.status,
    "unavailable",
  );
  assertEquals(started, false, "who has no patience does not wait as long as others");
  assertEquals(handle.state(), { state: "running" });
  await starting;
  assertEquals((await drain(handle.collect(task))).rows.length, 2);
  assertEquals(handle.report()!.restarts, undefined);
  await handle.close();
});

test("close() ends a start that nobody waits for any more", async () => {
  const handle = handleOf("silent");
  await drain(handle.collect({ ...task, deadline: 1 }));
  await handle.close();
  assertEquals(handle.state(), { state: "idle" }, "that is nobody's fault");
});

test("createHandle() gives a task up that waits too long for others, and no other", async () => {
  const handle = handleOf("well");
  const first = handle.collect(task);
  assert(!(await first.next()).done);
  let over = false;
  const hasty = await drain(handle.collect({ ...task, deadline: 1 }));
  assertEquals(hasty.outcome, {
    status: "unavailable",
    reason: "unruly: it was busy with other tasks",
  });
  const next = drain(handle.collect(task)).finally(() => over = true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assertEquals(over, false, "the first one is not over yet");
  assertEquals((await drain(first)).rows.length, 1);
  assertEquals((await next).rows.length, 2);
  await handle.close();
});

test("createHandle() counts a broken message and goes on", async () => {
  for (const [way, count] of [["one broken", 2], ["too long", 1], ["changed", 0]] as const) {
    const { names, outcome, report } = await collect(way);
    assertEquals(names.length, count, way);
    const status = count ? "partial" : "unavailable";
    assertEquals(outcome, { status, reason: "unruly: some of what it sent was lost" });
    assertEquals(report.dropped, 1);
  }
});

test("createHandle() refuses a batch that does not fit its table", async () => {
  for (const way of ["wrong value", "wrong packing"]) {
    const { names, outcome, report } = await collect(way);
    assertEquals(names, ["a"], way);
    assertEquals(outcome.status, "partial");
    assertEquals(report.dropped, 1);
  }
});

test("createHandle() notices a batch that never came", async () => {
  const { names, outcome, report } = await collect("loses one");
  assertEquals(names, ["a", "c"]);
  assertEquals(outcome.status, "partial");
  assertEquals(report.dropped, 1);
});

test("createHandle() takes no rows of another task", async () => {
  const { names, outcome } = await collect("other task");
  assertEquals(names, []);
  assertEquals(outcome.status, "unavailable");
});

test("createHandle() gives a collector up after three broken messages in a row", async () => {
  const { outcome, report } = await collect("three broken");
  assertEquals(outcome, {
    status: "partial",
    reason: "unruly: it sent 3 broken messages in a row",
  });
  assertEquals(report.dropped, 3);
});

test("createHandle() asks a collector only for what it can apply", async () => {
  const handle = handleOf("echo");
  const asked = async (where: Predicate) => {
    const { rows } = await drain(handle.collect({ ...task, where, limit: 3 }));
    return JSON.parse(String(rows[0]!.values.name));
  };
  const known: Predicate = { op: "=", column: "size", value: 1 };
  const unknown: Predicate = { op: "regexp", column: "name", pattern: "x" };
  assertEquals(await asked(known), [known, 3]);
  assertEquals(await asked({ op: "and", of: [known, unknown] }), [known, null]);
  assertEquals(await asked({ op: "or", of: [known, unknown] }), [null, null]);
  await handle.close();
});

test("createHandle() passes a collector's own words on, made harmless", async () => {
  const { outcome } = await collect("error");
  assertEquals(outcome, {
    status: "partial",
    reason: "unruly: it could not read things: no \\x1b[2J such thing",
  });
});

test("createHandle() ends a collector whose rows nobody wants any more", async () => {
  const handle = handleOf("endless");
  const batches = handle.collect(task);
  for (let count = 0; count < 100; count++) await batches.next();
  await batches.return({ status: "complete" });
  await handle.close();
});

test("createHandle() ends a collection when it is closed meanwhile", async () => {
  const handle = handleOf("hangs");
  const batches = handle.collect(task);
  await batches.next();
  const rest = drain(batches);
  await handle.close();
  assertEquals((await rest).outcome.status, "partial");
});

test("createHandle() ends a collector that nobody asks any more, and starts it again", async () => {
  const handle = handleOf("well", "triggerable", 50);
  assertEquals((await drain(handle.collect(task))).rows.length, 2);
  assertEquals(handle.state().state, "running");
  while (handle.state().state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(handle.state(), { state: "idle" }, "that is nobody's fault");
  const again = await Promise.all([1, 2].map(() => drain(handle.collect(task))));
  assertEquals(again.map(({ outcome }) => outcome.status), ["complete", "complete"]);
  assertEquals(handle.report()?.restarts, undefined);
  await handle.close();
});

test("createHandle() leaves a collector running that watches the host", async () => {
  const handle = handleOf("well", "monitor", 1);
  await drain(handle.collect(task));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(handle.state().state, "running");
  await handle.close();
});
