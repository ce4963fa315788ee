import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { openFileWatch } from "../../../collectors/core/file_watch.ts";
import {
  type CollectorHandle,
  createHandle,
  type HandleOptions,
} from "../../../collectors/core/handle.ts";
import type { CollectorPermissions } from "../../../collectors/core/collector.ts";
import { HOST_CLOCK } from "../../../collectors/core/restarts.ts";
import type { CollectedBatch, Loss, WatchTask } from "../../../model/collection.ts";
import {
  canConfine,
  canTrace,
  childProcesses,
  drain,
  isLinux,
  isRoot,
  type ReadRow,
  testWith,
  textOf,
  toRows,
  until,
} from "../support.ts";
import { sample, SAMPLE_TABLES, setTo } from "./sample_declaration.ts";

const test = (name: string, fn: () => Promise<void>) => testWith({ Linux: isLinux }, name, fn);

/** Time passes at once, so that backing off costs none. */
const impatient = { ...HOST_CLOCK, sleep: () => Promise.resolve(), now: () => time++ * 100_000 };
let time = 0;

function handleOf(way: string, options: Partial<HandleOptions> = {}) {
  return createHandle({
    collector: setTo(sample, way),
    specs: SAMPLE_TABLES,
    platform: "linux",
    policy: "off",
    ...options,
  });
}

const EXEC = "sched/sched_process_exec";

/** Where a collector reads the kernel's events. */
async function traceRoot(handle: CollectorHandle) {
  const { rows } = await drain(handle.collect({ table: "state", project: [], deadline: 10_000 }));
  return rows.find(({ values }) => values.name === "traced")!.values.size;
}

const wanted: WatchTask = { table: "happenings", project: ["name", "size"] };

/** Watches until enough is seen, then to the end. */
async function watch(
  way: string,
  isEnough: (rows: readonly ReadRow[], losses: readonly Loss[]) => boolean,
  options: Partial<HandleOptions> & { readonly task?: Partial<WatchTask> } = {},
) {
  const handle = handleOf(way, options);
  const aborter = new AbortController();
  const losses: Loss[] = [];
  const check = () => isEnough(rows, losses) && aborter.abort();
  const onLoss = (loss: Loss) => {
    losses.push(loss);
    check();
  };
  const rows: ReadRow[] = [];
  const batches: CollectedBatch[] = [];
  const collection = handle.watch({ ...wanted, onLoss, ...options.task }, aborter.signal);
  for (let next = await collection.next();; next = await collection.next()) {
    if (next.done) {
      const report = handle.report()!;
      await handle.close();
      return { rows, batches, losses, outcome: next.value, report };
    }
    batches.push(next.value);
    rows.push(...toRows(next.value));
    check();
  }
}

const names = (rows: readonly ReadRow[]) => rows.map(({ values }) => values.name);

test("watch() tells of what happens, one by one, until it is aborted", async () => {
  const { rows, batches, outcome, report } = await watch("ticks", ({ length }) => length >= 5);
  assertEquals(outcome, { status: "complete" });
  assertEquals(rows.map(({ values }) => values.size), rows.map((_, index) => index + 1));
  assert(batches.length >= 3, "what does not happen together is not told together");
  assertEquals(report.rows, rows.length);
  assertEquals(report.dropped, 0);
});

test("watch() tells a collector how often it is to look for itself", async () => {
  const [ordinary, often] = await Promise.all([
    watch("one", ({ length }) => length > 0),
    watch("one", ({ length }) => length > 0, { reconcileEvery: 1234 }),
  ]);
  assertEquals([...names(ordinary.rows), ...names(often.rows)], ["600000", "1234"]);
});

test("watch() ends although a collector does not heed the signal", async () => {
  const { outcome } = await watch("deaf", ({ length }) => length > 0);
  assertEquals(outcome, { status: "complete" });
});

test("watch() leaves out what is not wanted", async () => {
  const where = { op: "=", column: "size", value: 3 } as const;
  const { rows } = await watch("ticks", ({ length }) => length > 0, { task: { where } });
  assertEquals(rows.map(({ values }) => values.size), [3]);
});

test("a collector that watches waits for an agent that is slow, and loses nothing", async () => {
  const handle = handleOf("burst");
  const aborter = new AbortController();
  const collection = handle.watch(wanted, aborter.signal);
  const first = await collection.next();
  assert(!first.done);
  const produced = async () =>
    (await drain(handle.collect({ table: "state", project: [], deadline: 10_000 })))
      .rows[0]!.values.size as number;
  let before = await produced();
  for (let now = await produced(); now > before; now = await produced()) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert(before < 4 * 500 + 500 + 2, `${before} rows were made that nobody has taken`);
  const rows = toRows(first.value);
  while (rows.length < 5000) {
    const next = await collection.next();
    assert(!next.done);
    rows.push(...toRows(next.value));
  }
  assertEquals(rows.map(({ values }) => values.size), rows.map((_, index) => index + 1));
  aborter.abort();
  assertEquals((await drain(collection)).outcome, { status: "complete" });
  await handle.close();
});

test("a collector forgets rows once they are acknowledged, not before", async () => {
  const handle = handleOf("ticks");
  const aborter = new AbortController();
  const collection = handle.watch(wanted, aborter.signal);
  const forgotten = async () =>
    (await drain(handle.collect({ table: "state", project: [], deadline: 10_000 })))
      .rows[1]!.values.size;
  const batches: CollectedBatch[] = [];
  for (let count = 0; count < 3; count++) {
    batches.push((await collection.next()).value as CollectedBatch);
  }
  assertEquals(await forgotten(), 0);
  batches[1]!.acknowledge!();
  assertEquals(await forgotten(), batches[0]!.rows + batches[1]!.rows, "it and those before it");
  aborter.abort();
  await drain(collection);
  batches[2]!.acknowledge!();
  const all = batches.reduce((sum, { rows }) => sum + rows, 0);
  assertEquals(await forgotten(), all, "also after the end");
  await handle.close();
});

test("what a collector has lost is told, counted, and makes the outcome partial", async () => {
  const { rows, losses, outcome, report } = await watch("drops", (_, { length }) => length > 0);
  assertEquals(names(rows), ["before", "after"]);
  assertEquals(losses, [{ count: 5, reason: "sample: the buffer was full" }]);
  assertEquals(outcome, { status: "partial", reason: "sample: the buffer was full" });
  assertEquals(report.dropped, 5);
});

test("watch() goes on after its collector has died, and says what that means", async () => {
  const { rows, losses, outcome, report } = await watch("dies", ({ length }) => length === 3, {
    clock: impatient,
  });
  assertEquals(names(rows), ["last", "last", "last"]);
  assertEquals(losses, new Array(2).fill({ reason: "sample: it ended (status 7)" }));
  assertEquals(outcome, { status: "partial", reason: "sample: it ended (status 7)" });
  assertEquals(report.restarts, 2);
});

test("watch() gives up a collector that dies again and again, with the reason", async () => {
  const clock = { ...impatient, now: () => time++ * 10 };
  const { rows, outcome } = await watch("dies", () => false, { clock });
  assertEquals(rows.length, 5);
  assertEquals(outcome, {
    status: "partial",
    reason: "sample: it failed 5 times within 10 minutes, at last: it ended (status 7)",
  });
});

test("watch() subscribes again where only the subscription has failed", async () => {
  for (
    const [way, reason] of [
      ["throws", /^sample: it could not watch happenings: no \\x1b\[2J more$/],
      ["ends", /^sample: its source of events has ended$/],
    ] as const
  ) {
    const { rows, losses, report } = await watch(way, ({ length }) => length === 3, {
      clock: impatient,
    });
    assertEquals(rows.map(({ values }) => values.size), [1, 2, 3], "in one process");
    assertEquals(losses.length, 2);
    for (const loss of losses) assertMatch(loss.reason, reason);
    assertEquals(report.restarts, undefined);
  }
});

test("a collector that shows no sign of life is killed", async () => {
  const { outcome, losses } = await watch("hangs", (_, { length }) => length > 0, {
    heartbeat: 100,
  });
  assertEquals(losses, [{ reason: "sample: it fell silent" }]);
  assertEquals(outcome.status, "partial");
});

test("a collector collects while it watches", async () => {
  const handle = handleOf("ticks");
  const aborter = new AbortController();
  const seen: ReadRow[] = [];
  const watching = (async () => {
    for await (const batch of handle.watch(wanted, aborter.signal)) seen.push(...toRows(batch));
  })();
  const { rows, outcome } = await drain(
    handle.collect({ table: "samples", project: [], deadline: 20_000 }),
  );
  assertEquals([rows.length, outcome.status], [3000, "complete"]);
  aborter.abort();
  await watching;
  assert(seen.length > 0);
  await handle.close();
});

test("drain() lets tasks come to their end", async () => {
  const handle = handleOf("one");
  const watching = handle.watch(wanted, new AbortController().signal);
  assert(!(await watching.next()).done);
  const collecting = handle.collect({ table: "samples", project: [], deadline: 20_000 });
  await collecting.next();
  const [{ outcome }, collected] = await Promise.all([
    drain(watching),
    drain(collecting),
    handle.drain(),
  ]);
  assertEquals(outcome, { status: "complete" });
  assertEquals(collected.outcome, { status: "complete" });
  assertEquals(handle.state(), { state: "idle" });
});

test("a watch that nobody reads any more is ended", async () => {
  const handle = handleOf("burst");
  for await (const batch of handle.watch(wanted, new AbortController().signal)) {
    assert(batch.rows > 0);
    break;
  }
  const { rows } = await drain(handle.collect({ table: "state", project: [], deadline: 10_000 }));
  assertEquals(rows.length, 4, "the process lives on");
  await handle.close();
});

testWith(
  { "root and tracefs": canTrace() },
  "the kernel's events are switched on for a collector once it watches",
  async () => {
    const { modules, permissions } = setTo(sample, "one");
    const collector = { ...sample, modules, permissions: { ...permissions, trace: [EXEC] } };
    const handle = handleOf("one", { collector });
    assertEquals(await traceRoot(handle), null);
    const collecting = handle.collect({ table: "samples", project: [], deadline: 20_000 });
    await collecting.next();
    const aborter = new AbortController();
    const watching = handle.watch(wanted, aborter.signal);
    assert(!(await watching.next()).done);
    assertEquals((await drain(collecting)).outcome, { status: "complete" }, "by the first process");
    assert(await traceRoot(handle) !== null);
    aborter.abort();
    assertEquals((await drain(watching)).outcome, { status: "complete" });
    assertEquals(handle.report()!.problem, undefined);
    await handle.close();
  },
);

testWith(
  { "root and tracefs": canTrace() },
  "a task that waits for a process is not overtaken by what replaces that",
  async () => {
    const { modules, permissions } = setTo(sample, "one");
    const collector = { ...sample, modules, permissions: { ...permissions, trace: [EXEC] } };
    const handle = handleOf("one", { collector });
    const collecting = drain(
      handle.collect({ table: "samples", project: [], deadline: 60_000 }),
    );
    await until("its process is being started", () => handle.state().state === "running");
    const aborter = new AbortController();
    const watching = handle.watch(wanted, aborter.signal);
    assert(!(await watching.next()).done);
    const { rows, outcome } = await collecting;
    assertEquals([rows.length, outcome], [3000, { status: "complete" }]);
    aborter.abort();
    await drain(watching);
    assertEquals(handle.report()!.problem, undefined);
    await handle.close();
  },
);

test("a collector is not killed because nobody takes what it has sent in time", async () => {
  const handle = handleOf("one");
  const aborter = new AbortController();
  const watching = handle.watch(wanted, aborter.signal);
  assert(!(await watching.next()).done);
  aborter.abort();
  await new Promise((resolve) => setTimeout(resolve, 3500));
  assertEquals((await drain(watching)).outcome, { status: "complete" });
  assertEquals([handle.state(), handle.report()!.problem], [{ state: "running" }, undefined]);
  await handle.close();
});

testWith(
  { "events of files": await canTellOfFiles() },
  "watch() hears that its process has ended although what tells of files does not answer",
  async () => {
    const { modules } = setTo(sample, "one");
    const handle = handleOf("one", {
      collector: { ...sample, modules, permissions: { fileEvents: true } },
    });
    const aborter = new AbortController();
    const losses: Loss[] = [];
    const task = { ...wanted, onLoss: (loss: Loss) => losses.push(loss) };
    const watching = handle.watch(task, aborter.signal);
    assert(!(await watching.next()).done);
    // So stands one that waits for a filesystem.
    Deno.kill(childOf("fanotify/opener.ts"), "SIGSTOP");
    Deno.kill(childOf("core/sample.ts"), "SIGKILL");
    assert(!(await watching.next()).done, "it is watched by another process");
    assertEquals(losses.length, 1);
    Deno.kill(childOf("fanotify/opener.ts"), "SIGSTOP");
    const [{ outcome }] = await Promise.all([drain(watching), handle.close()]);
    assertEquals(outcome.status, "partial");
  },
);

/** Whether the kernel tells of files here. */
async function canTellOfFiles(): Promise<boolean> {
  try {
    const libc = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`;
    const { close } = await openFileWatch(libc, Deno.env.get("DENO_DIR") ?? "/nowhere");
    await close();
    return isRoot;
  } catch {
    return false;
  }
}

/** The process that this one has started to run a module. */
function childOf(module: string): number {
  return childProcesses().find((pid) => textOf(`/proc/${pid}/cmdline`).includes(module))!;
}

/** A confined collector, and how time passes for its supervisor. */
function confined(way: string, permissions: CollectorPermissions, parameters = {}) {
  const { modules } = setTo(sample, way);
  for (const [name, value] of Object.entries<string>(parameters)) {
    modules.linux!.searchParams.set(name, value);
  }
  const read = [...permissions.read ?? [], fromFileUrl(new URL(".", import.meta.url))];
  let passed = 0;
  const handle = handleOf(way, {
    collector: { ...sample, modules, permissions: { ...permissions, read } },
    policy: "required",
    heartbeat: 100,
    clock: { ...HOST_CLOCK, now: () => HOST_CLOCK.now() + passed },
  });
  return { handle, pass: (ms: number) => passed += ms };
}

/** A sample collector that is shown a file, and how that is replaced as `useradd` does. */
async function withShown(
  way: string,
  act: (handle: CollectorHandle, replace: (text: string) => Promise<void>) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const shown = `${folder}/passwd`;
  await Deno.writeTextFile(shown, "old");
  const { handle, pass } = confined(way, { read: [shown] }, { shown });
  try {
    await act(handle, async (text) => {
      await Deno.writeTextFile(`${shown}+`, text);
      await Deno.rename(`${shown}+`, shown);
      pass(10_000);
    });
  } finally {
    await handle.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The rows that tell what a collector has done and seen. */
async function stateOf(handle: CollectorHandle) {
  const { rows } = await drain(handle.collect({ table: "state", project: [], deadline: 60_000 }));
  return rows.map(({ values }) => values);
}

/** What the collector reads in the file that it is shown. */
const readShown = async (handle: CollectorHandle) => (await stateOf(handle)).at(-1)!.name;

testWith(
  { namespaces: canConfine() },
  "a process that sees every file does not keep the mounts of its start for ever",
  async () => {
    const { handle, pass } = confined("one", { files: "all" });
    const produced = async () => (await stateOf(handle))[0]!.size;
    await drain(handle.collect({ table: "samples", project: [], deadline: 60_000 }));
    assertEquals(await produced(), 3000);
    pass(3_000_000);
    assertEquals(await produced(), 3000, "it is the same");
    pass(3_000_000);
    assertEquals(await produced(), 0, "it is another");
    await handle.close();
  },
);

testWith(
  { namespaces: canConfine() },
  "a task is given to a process that sees the file that stands there now",
  () =>
    withShown("one", async (handle, replace) => {
      assertEquals(await readShown(handle), "shown old");
      await replace("new");
      assertEquals(await readShown(handle), "shown new");
      await replace("newer");
      assertEquals(await readShown(handle), "shown new", "it is not started anew all the time");
      assertEquals([handle.report()!.problem, handle.report()!.restarts], [undefined, undefined]);
    }),
);

testWith(
  { namespaces: canConfine() },
  "watch() goes on in a process that sees the file that stands there now",
  () =>
    withShown("one", async (handle, replace) => {
      const aborter = new AbortController();
      const losses: Loss[] = [];
      const task = { ...wanted, onLoss: (loss: Loss) => losses.push(loss) };
      const watching = handle.watch(task, aborter.signal);
      assert(!(await watching.next()).done);
      await replace("new");
      assert(!(await watching.next()).done, "another process tells of it, although nobody asked");
      assertEquals(await readShown(handle), "shown new");
      const reason = "sample: it was started anew, because files that it reads were replaced";
      assertEquals(losses, [{ reason }]);
      aborter.abort();
      assertEquals((await drain(watching)).outcome, { status: "partial", reason });
      assertEquals([handle.report()!.problem, handle.report()!.restarts], [undefined, undefined]);
    }),
);
