import { assert, assertEquals } from "@std/assert";
import { commitHits } from "../../store/alerts.ts";
import { encode } from "../../store/codec.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { type Store, StoreError } from "../../store/mod.ts";
import { openSequence } from "../../store/outbox.ts";
import { withReserve } from "../../store/reserve.ts";
import {
  collect,
  incompressible,
  openedOf,
  openToWrite,
  withMemory,
  withPath,
} from "./fixtures.ts";

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

/** Reads an outbox as whoever delivers does, behind the last entry seen, until some work is done. */
async function follow(store: Store, sink: string, work: Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  let after = 0;
  const read = async () => {
    for await (const { alert_id, sequence } of store.outbox(sink, after)) {
      seen.push(alert_id);
      after = sequence;
    }
  };
  let working = true;
  const done = work.finally(() => working = false);
  while (working) await read();
  await done;
  await read();
  return seen;
}

const ids = async (store: Store, sink: string) =>
  (await collect(store.outbox(sink))).map(({ alert_id }) => alert_id);

Deno.test("an outbox that is followed misses no entry, although large alerts and states take their time", () =>
  withMemory(async (store) => {
    const large = incompressible(200_000);
    const commits = Array.from({ length: 60 }, (_, index) => {
      const id = `${index}`;
      const fields = { id, dedupe_key: id, ...(index % 3 === 0 && { alert_data: { large } }) };
      return store.commitHits({
        alerts: [{ ...openedOf(fields), sinks: ["one", "two"] }],
        counts: [],
        ...(index % 3 === 1 && {
          state: { rule_id: id, state: { at: 1, large } as { readonly at: number } },
        }),
      });
    });
    const seen = await follow(store, "two", Promise.all(commits));
    assertEquals(seen.length, 60);
    assertEquals(seen, await ids(store, "two"));
  }));

Deno.test("an outbox that is followed misses no entry that is put back while others come", () =>
  withMemory(async (store) => {
    const old = Array.from({ length: 300 }, (_, index) => `old ${index}`);
    await store.commitHits({
      alerts: old.map((id) => ({ ...openedOf({ id, dedupe_key: id }), sinks: ["one"] })),
      counts: [],
    });
    for (const entry of await collect(store.outbox("one"))) {
      await store.giveUp({ ...entry, reason: "refused", since: 1 });
    }
    const work = async () => {
      const putBack = store.retryDeadLetters();
      for (const id of "abcdefghij") await commitFor(store, id, ["one"]);
      assertEquals(await putBack, 300);
    };
    const seen = await follow(store, "one", work());
    assertEquals(seen.length, 310);
    assertEquals(seen, await ids(store, "one"));
  }));

Deno.test("a commit that is repeated on a full disk numbers its entries behind those that went ahead", async () => {
  const database = await openDatabase(":memory:");
  const sequence = await openSequence(database);
  const hitsOf = (id: string) => ({
    alerts: [{ ...openedOf({ id, dedupe_key: id }), sinks: ["one"] }],
    counts: [],
  });
  let full = true;
  const filled: Database = {
    ...database,
    commit(...groups) {
      // The groups take their place, as those of a commit do that fails.
      for (const group of groups) if (full && typeof group === "function") group();
      if (full) return Promise.reject(new StoreError("full", "the disk is full"));
      return database.commit(...groups);
    },
  };
  const reserved = withReserve(filled, {
    hasRoom: () => true,
    settle: () => {},
    async release() {
      full = false;
      await commitHits(database, hitsOf("other"), sequence);
      return true;
    },
    restore: () => Promise.resolve(),
  });
  await commitHits(reserved, hitsOf("late"), sequence);
  const found = [];
  for await (const { key } of database.list({ prefix: ["outbox", "one"] })) found.push(key[2]);
  assertEquals(found, [2, 3]);
  database.close();
});

Deno.test("sequences go on behind what stands in the outboxes and among dead letters, whatever was noted", () =>
  withPath(async (path) => {
    for (const given of ["", "b"]) {
      const store = await openToWrite(path);
      await commitFor(store, "ab", ["one", "two"]);
      for (const entry of await collect(store.outbox("two"))) {
        if (given === entry.alert_id) await store.giveUp({ ...entry, reason: "no", since: 5 });
      }
      const highest = Math.max(
        ...(await collect(store.outbox("two"))).map(({ sequence }) => sequence),
        ...(await collect(store.deadLetters())).map(({ sequence }) => sequence),
      );
      store.close();
      const database = await openDatabase(path);
      await database.commit([{ key: ["last_outbox"], value: encode(1) }]);
      database.close();
      const again = await openToWrite(path);
      await commitFor(again, "c", ["one"]);
      const last = (await collect(again.outbox("one"))).at(-1)!;
      assertEquals([last.alert_id, last.sequence], ["c", highest + 1]);
      again.close();
    }
  }));
