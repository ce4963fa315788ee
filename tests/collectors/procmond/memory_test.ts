import { assert, assertEquals } from "@std/assert";
import { BELIEVED, createMemory, type Portrait } from "../../../collectors/procmond/memory.ts";

function portrait(
  more: { starttime?: number; switches?: number | null; state?: string; threads?: number } = {},
): Portrait {
  const { starttime = 100, switches = 5, state = "S", threads = 1 } = more;
  return {
    stat: {
      comm: "sh",
      state,
      ppid: 1,
      session: 7,
      flags: 0,
      utime: 20,
      stime: 30,
      priority: 20,
      nice: 0,
      num_threads: threads,
      starttime,
      vsize: 4096,
    },
    status: { uid: 0, effectiveUid: 0, gid: 0, effectiveGid: 0, rss: 0, switches },
    parts: { cwd: "/tmp" },
  };
}

function clock(): { now: () => number; pass(ms: number): void } {
  let time = 1000;
  return { now: () => time, pass: (ms) => void (time += ms) };
}

Deno.test("recall() knows a process that has not run by its schedstat", () => {
  const memory = createMemory();
  memory.remember(7, portrait(), "100 20 3\n", false);
  assertEquals(memory.recall(7, "100 20 3\n")?.parts, { cwd: "/tmp" });
  assertEquals(memory.recall(7, "101 20 4\n"), undefined);
  assertEquals(memory.recall(8, "100 20 3\n"), undefined);
  memory.remember(8, portrait(), undefined, false);
  assertEquals(memory.recall(8, "100 20 3\n"), undefined, "it was not read then");
});

Deno.test("recognize() knows a process that has not run by its context switches", () => {
  const memory = createMemory();
  const { stat, status } = portrait();
  memory.remember(7, portrait(), undefined, false);
  assertEquals(memory.recognize(7, stat, status)?.parts, { cwd: "/tmp" });
  for (const other of [{ starttime: 101 }, { switches: 6 }, { state: "R" }, { threads: 2 }]) {
    const { stat, status } = portrait(other);
    assertEquals(memory.recognize(7, stat, status), undefined, JSON.stringify(other));
  }
});

Deno.test("remember() keeps nothing of what may run unseen", () => {
  const memory = createMemory();
  for (const unseen of [{ state: "R" }, { threads: 2 }, { switches: null }]) {
    memory.remember(7, portrait(), "1 2 3", false);
    memory.remember(7, portrait(unseen), "1 2 3", false);
    assertEquals(memory.knows(7), false, JSON.stringify(unseen));
  }
});

Deno.test("what is remembered is believed for a minute at most, however often it is remembered", () => {
  const time = clock();
  const memory = createMemory(time.now);
  memory.remember(7, portrait(), "1 2 3", false);
  for (let passed = 0; passed < BELIEVED / 2; passed += 1000) {
    assert(memory.knows(7));
    memory.remember(7, memory.recall(7, "1 2 3")!, "1 2 3", true);
    time.pass(1000);
    memory.keep([7]);
  }
  time.pass(BELIEVED / 2);
  memory.keep([7]);
  assertEquals([memory.knows(7), memory.recall(7, "1 2 3")], [false, undefined]);
});

Deno.test("remember() takes neither long texts nor too many", () => {
  const memory = createMemory();
  const long = { ...portrait(), parts: { environ: "x".repeat(20_000) } };
  memory.remember(7, long, "1 2 3", false);
  assertEquals(memory.knows(7), false);
  const some = { ...portrait(), parts: { environ: "x".repeat(16_000) } };
  for (let pid = 0; pid < 10_000; pid++) memory.remember(pid, some, "1 2 3", false);
  const known = (from: number, to: number) => {
    let count = 0;
    for (let pid = from; pid < to; pid++) if (memory.knows(pid)) count++;
    return count;
  };
  assertEquals(known(0, 10_000), Math.floor(2 ** 26 / 16_000));
  // What is forgotten makes room.
  memory.keep([0, 1]);
  assertEquals(known(0, 10_000), 2);
  for (let pid = 5000; pid < 6000; pid++) memory.remember(pid, some, "1 2 3", false);
  assertEquals(known(5000, 6000), 1000);
});

Deno.test("usage() is the share of the time since the last look", () => {
  const time = clock();
  const memory = createMemory(time.now);
  const { stat } = portrait();
  assertEquals(memory.usage(7, stat, 1000), undefined, "the first look");
  time.pass(2000);
  assertEquals(memory.usage(7, stat, 2000), 50);
  time.pass(500);
  assertEquals(memory.usage(7, stat, 2500), 50, "two looks within a second are one");
  time.pass(500);
  assertEquals(memory.usage(7, stat, 2000), 0);
  time.pass(1000);
  assertEquals(memory.usage(7, stat, 4000), 200, "two threads");
  assertEquals(
    memory.usage(7, portrait({ starttime: 101 }).stat, 10),
    undefined,
    "another process",
  );
  memory.keep([]);
  time.pass(1000);
  assertEquals(memory.usage(7, portrait({ starttime: 101 }).stat, 10), undefined, "forgotten");
});
