import { assert, assertEquals } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { sample, SAMPLE_TABLES, setTo } from "./core/sample_declaration.ts";
import { canConfine, drain, has, isLinux, run, testWith, UNHASHED } from "./support.ts";

const task = { table: "processes", project: UNHASHED, deadline: 60_000 };
const needs = { Linux: isLinux };

testWith(needs, "openCollectors() starts nothing before there is work", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  assertEquals([collectors.supports("processes"), collectors.supports("nothing")], [true, false]);
  assertEquals(collectors.reports(), []);
});

Deno.test("collect() says what no collector supplies", async () => {
  await using collectors = await openCollectors({ platform: "windows", policy: "preferred" });
  assertEquals(collectors.supports("process_events"), false);
  const { outcome } = await drain(collectors.collect({ ...task, table: "process_events" }));
  assertEquals(outcome, {
    status: "unavailable",
    reason: "no collector supplies process_events on windows",
  });
});

testWith(needs, "collect() collects as often as it is asked, in one process", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const [one, other] = await Promise.all([1, 2].map(() => drain(collectors.collect(task))));
  assert(one!.rows.length > 3 && other!.rows.length > 3);
  const [report] = collectors.reports();
  assertEquals([report!.name, report!.rows], ["procmond", one!.rows.length + other!.rows.length]);
});

testWith(needs, "collect() may be left in the middle", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  for await (const batch of collectors.collect({ ...task, project: ["executable_hash"] })) {
    assert(batch.rows > 0);
    break;
  }
  assertEquals((await drain(collectors.collect(task))).outcome, { status: "complete" });
});

testWith(needs, "collect() after close, and after an abort, is unavailable", async () => {
  const aborter = new AbortController();
  const { signal } = aborter;
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred", signal });
  assertEquals((await drain(collectors.collect(task))).outcome, { status: "complete" });
  aborter.abort();
  const { outcome } = await drain(collectors.collect(task));
  assertEquals(outcome, { status: "unavailable", reason: "collecting was ended" });
});

testWith(needs, "an abort ends a collection that is under way", async () => {
  const aborter = new AbortController();
  const { signal } = aborter;
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred", signal });
  const collection = drain(collectors.collect(task));
  setTimeout(() => aborter.abort(), 20);
  const { outcome } = await collection;
  assert(outcome.status !== "complete" || collectors.reports()[0]!.rows > 0);
});

testWith(
  needs,
  "collect() leaves out what is not wanted, whatever the hasher has to add",
  async () => {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    const project = ["pid", "name", "executable_path", "executable_hash"];
    await using sleeping = run("sleep", ["60"]);
    const { rows } = await drain(collectors.collect({
      ...task,
      project,
      where: { op: "=", column: "pid", value: sleeping.pid },
    }));
    assertEquals(rows.map(({ values }) => values.pid), [sleeping.pid]);
    assertEquals(String(rows[0]!.values.executable_hash).length, 64);
    const hashed = await drain(collectors.collect({
      ...task,
      project,
      where: {
        op: "and",
        of: [
          { op: "=", column: "executable_hash", value: rows[0]!.values.executable_hash as string },
          { op: "=", column: "name", value: "sleep" },
        ],
      },
    }));
    assert(hashed.rows.some(({ values }) => values.pid === sleeping.pid));
  },
);

testWith(
  { ...needs, sleep: has("sleep"), namespaces: canConfine() },
  "collect() keeps a row whose path only the hasher can tell",
  async () => {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    const folder = await Deno.realPath(await Deno.makeTempDir());
    const path = `${folder}/sleep (deleted)`;
    await Deno.copyFile("/bin/sleep", path);
    await using sleeping = run(path, ["60"]);
    const paths = async (value: string) =>
      (await drain(collectors.collect({
        ...task,
        project: ["pid", "executable_path"],
        limit: 1,
        where: { op: "=", column: "executable_path", value },
      }))).rows.filter(({ values }) => values.pid === sleeping.pid)
        .map(({ values }) => values.executable_path);
    assertEquals(await paths(path), [path]);
    await Deno.remove(folder, { recursive: true });
  },
);

/** Collectors of this test's own. */
const openSample = (way = "ticks") =>
  openCollectors({
    platform: "linux",
    policy: "off",
    collectors: [{ collector: setTo(sample, way), specs: SAMPLE_TABLES }],
  });

testWith(needs, "collect() is for what is, watch() for what happens", async () => {
  await using collectors = await openSample();
  const wanted = { project: ["name"], deadline: 10_000 };
  assertEquals(
    (await drain(collectors.collect({ ...wanted, table: "happenings" }))).outcome,
    {
      status: "unavailable",
      reason: "happenings is of what happens while somebody watches, and this is one look",
    },
  );
  const { signal } = new AbortController();
  assertEquals(
    (await drain(collectors.watch({ ...wanted, table: "samples" }, signal))).outcome,
    { status: "unavailable", reason: "samples is no table of events" },
  );
  assertEquals(
    (await drain(collectors.watch({ ...wanted, table: "nothing" }, signal))).outcome,
    { status: "unavailable", reason: "no collector supplies nothing on linux" },
  );
});

testWith(needs, "watch() tells of what happens until it is aborted, or drained", async () => {
  await using collectors = await openSample();
  const aborter = new AbortController();
  const watching = collectors.watch({ table: "happenings", project: ["name"] }, aborter.signal);
  assert(!(await watching.next()).done);
  aborter.abort();
  assertEquals((await drain(watching)).outcome, { status: "complete" });

  const until = collectors.watch(
    { table: "happenings", project: ["name"] },
    new AbortController().signal,
  );
  assert(!(await until.next()).done);
  const [{ outcome }] = await Promise.all([drain(until), collectors.drain()]);
  assertEquals(outcome, { status: "complete" });
  assertEquals(collectors.statuses()[0]!.state, "idle");
});

testWith(needs, "statuses() tells of every collector, also before it is asked", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const states = () => collectors.statuses().map(({ name, state }) => [name, state]);
  assert(states().every(([, state]) => state === "idle"));
  await collectors.start();
  assert(states().every(([, state]) => state === "running"), JSON.stringify(states()));
  const procmond = collectors.statuses().find(({ name }) => name === "procmond")!;
  assert(procmond.tables.includes("processes"));
  assert(procmond.permissions.includes("read /etc/passwd"));
  assertEquals(procmond.report?.rows, 0);
  const other = await openCollectors({ platform: "windows", policy: "preferred" });
  assertEquals(other.statuses().find(({ name }) => name === "procmond")!.state, "unsupported");
});
