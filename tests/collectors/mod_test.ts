import { assert, assertEquals } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { drain, isLinux, testWith, UNHASHED } from "./support.ts";

const task = { table: "processes", project: UNHASHED, deadline: 60_000 };
const needs = { Linux: isLinux };

testWith(needs, "openCollectors() starts nothing before there is work", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  assertEquals([collectors.supports("processes"), collectors.supports("nothing")], [true, false]);
  assertEquals(collectors.reports(), []);
});

Deno.test("collect() says what no collector supplies", async () => {
  await using collectors = await openCollectors({ platform: "windows", policy: "preferred" });
  assertEquals(collectors.supports("processes"), false);
  const { outcome } = await drain(collectors.collect(task));
  assertEquals(outcome, {
    status: "unavailable",
    reason: "no collector supplies processes on windows",
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
