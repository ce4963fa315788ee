import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../store/mod.ts";
import { collect, openedOf, openToWrite, withMemory, withPath } from "./fixtures.ts";

/** Commits alerts `a`, `b`, … for sinks; each has a window of its own. */
async function commitFor(store: Store, ids: string, sinks: readonly string[]): Promise<void> {
  await store.commitHits({
    alerts: [...ids].map((id) => ({ ...openedOf({ id, dedupe_key: id }), sinks })),
    counts: [],
  });
}

const waiting = async (store: Store, sink: string, after?: number) =>
  (await collect(store.outbox(sink, after))).map(({ alert_id }) => alert_id).join("");

Deno.test("outbox() tells each sink of its alerts, in the order of their commits", () =>
  withMemory(async (store) => {
    await commitFor(store, "cab", ["one", "two"]);
    await commitFor(store, "d", ["two"]);
    assertEquals(await waiting(store, "one"), "cab");
    assertEquals(await waiting(store, "two"), "cabd");
    assertEquals(await waiting(store, "on"), "", "a name that begins another one is no such sink");
    const [first, second] = await collect(store.outbox("two"));
    assertEquals(first!.alert, await store.alert("c"));
    assertEquals(await waiting(store, "two", second!.sequence), "bd");
    await store.delivered("two", [first!.sequence, second!.sequence]);
    assertEquals(await waiting(store, "two"), "bd");
    assertEquals(await waiting(store, "one"), "cab");
    assertEquals(await store.backlog(), [
      { sink: "one", waiting: 3, dead: 0, oldest: 1000 },
      { sink: "two", waiting: 2, dead: 0, oldest: 1000 },
    ]);
  }));

Deno.test("sequences are never given twice, also after everything was delivered", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    await commitFor(first, "ab", ["one"]);
    const before = (await collect(first.outbox("one"))).map(({ sequence }) => sequence);
    await first.delivered("one", before);
    first.close();
    const second = await openToWrite(path);
    await commitFor(second, "c", ["one"]);
    const [after] = await collect(second.outbox("one"));
    assert(after!.sequence > Math.max(...before));
    second.close();
  }));

Deno.test("dead letters leave the outbox, and come back at its end", () =>
  withMemory(async (store) => {
    await commitFor(store, "abc", ["one", "two"]);
    const [a] = await collect(store.outbox("one"));
    await store.refused({ ...a!, attempts: 2 });
    assertEquals((await collect(store.outbox("one"))).map(({ attempts }) => attempts), [2, 0, 0]);
    await store.giveUp({ ...a!, attempts: 3, reason: "too large", since: 5 });
    assertEquals(await waiting(store, "one"), "bc");
    const [letter] = await collect(store.deadLetters());
    assertEquals(letter, {
      sink: "one",
      sequence: a!.sequence,
      alert_id: "a",
      alert_time: 1000,
      attempts: 3,
      reason: "too large",
      since: 5,
      alert: a!.alert,
    });
    assertEquals((await store.backlog())[0], { sink: "one", waiting: 2, dead: 1, oldest: 1000 });
    assertEquals(await store.retryDeadLetters({ sink: "two" }), 0);
    assertEquals(await store.retryDeadLetters({ alert_id: "a" }), 1);
    assertEquals(await collect(store.deadLetters()), []);
    assertEquals(await waiting(store, "one"), "bca");
    assertEquals((await collect(store.outbox("one"))).at(-1)!.attempts, 0);
  }));

Deno.test("retention keeps alerts that wait for a sink, and removes dead letters with their alert", () =>
  withMemory(async (store) => {
    await commitFor(store, "ab", ["one"]);
    await commitFor(store, "c", []);
    await store.acknowledge("c", { time: 7, note: "a test" });
    assertEquals((await store.alert("c"))!.acknowledged, { time: 7, note: "a test" });
    assertEquals(await store.acknowledge("unknown", { time: 7 }), false);
    const entries = await collect(store.outbox("one"));
    await store.giveUp({ ...entries[0]!, reason: "no", since: 5 });
    const removed = await store.retain({ age: 0 }, 10_000_000);
    assertEquals(removed.alerts, 2);
    assertEquals((await collect(store.alerts())).map(({ id }) => id), ["b"]);
    assertEquals(await collect(store.deadLetters()), []);
    assertEquals(await waiting(store, "one"), "b");
  }));

Deno.test("outbox() goes on behind an alert that is damaged", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    await commitFor(store, "ab", ["one"]);
    store.close();
    const kv = await Deno.openKv(path);
    await kv.set(["alert", 1000, "a"], new Uint8Array([1, 2, 3]));
    kv.close();
    const again = await openToWrite(path);
    const found = await collect(again.outbox("one"));
    assertEquals(found.map(({ alert_id, alert }) => [alert_id, alert?.id]), [
      ["a", undefined],
      ["b", "b"],
    ]);
    again.close();
  }));

Deno.test("outbox() goes on behind an entry that is damaged, and so does all that counts entries", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    await commitFor(store, "abc", ["one"]);
    const [first] = await collect(store.outbox("one"));
    await store.giveUp({ ...first!, reason: "refused", since: 1 });
    store.close();
    const kv = await Deno.openKv(path);
    for await (const { key } of kv.list({ prefix: [] })) {
      const damaged = key[1] === "one" && (key[0] === "dead_letter" || key[2] === 2);
      if (damaged) await kv.set(key, new Uint8Array([1, 2, 3]));
    }
    kv.close();
    const again = await openToWrite(path);
    const found = await collect(again.outbox("one"));
    assertEquals(found.map(({ alert_id, alert }) => [alert_id, alert?.id]), [
      ["unknown", undefined],
      ["c", "c"],
    ]);
    assertEquals(await again.backlog(), [{ sink: "one", waiting: 2, dead: 1, oldest: 1000 }]);
    assertEquals(await collect(again.deadLetters()), []);
    await again.retain({ age: 0 }, 10_000_000);
    assertEquals((await collect(again.alerts())).map(({ id }) => id), ["c"]);
    again.close();
  }));
