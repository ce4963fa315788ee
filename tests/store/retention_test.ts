import { assert, assertEquals, assertRejects } from "@std/assert";
import { commitHits, windows } from "../../store/alerts.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/mod.ts";
import { openSequence } from "../../store/outbox.ts";
import { retain } from "../../store/retention.ts";
import {
  collect,
  columnOf,
  incompressible,
  openedOf,
  openToRead,
  openToWrite,
  withMemory,
  withPath,
  writeScan,
} from "./fixtures.ts";

Deno.test("retain() keeps the newest scans and removes the pages of the others", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    for (let count = 0; count < 5; count++) await writeScan(store, 4000);
    const removed = await store.retain({ count: 2 }, 2000);
    assertEquals(removed, { scans: 3, alerts: 0, states: 0, hashes: 0, freed: 0, excess: 0 });
    assertEquals((await store.scans()).map(({ scan_id }) => scan_id), [4, 5]);
    assertEquals((await columnOf(store, 4, "id")).length, 4000);
    store.close();
    const database = await openDatabase(path);
    const scanIds = new Set(
      (await collect(database.list({ prefix: ["page"] }))).map((e) => e.key[1]),
    );
    assertEquals([...scanIds], [4, 5]);
    assertEquals(await collect(database.list({ prefix: ["unfinished"] })), []);
    database.close();
  }));

Deno.test("retain() removes scans by age", () =>
  withMemory(async (store) => {
    for (const finished of [1000, 2000, 3000, 4000]) await writeScan(store, 1, finished);
    assertEquals((await store.retain({ age: 1000 }, 4000)).scans, 2);
    assertEquals((await store.scans()).map(({ finished }) => finished), [3000, 4000]);
    assertEquals((await store.retain({ age: 1000 }, 4000)).scans, 0);
  }));

Deno.test("retain() never removes the latest scan", () =>
  withMemory(async (store) => {
    assertEquals(await store.retain({ age: 0, count: 0 }, 9000), {
      scans: 0,
      alerts: 0,
      states: 0,
      hashes: 0,
      freed: 0,
      excess: 0,
    });
    for (const finished of [1000, 2000]) await writeScan(store, 1, finished);
    assertEquals((await store.retain({ age: 0, count: 0 }, 9000)).scans, 1);
    assertEquals((await store.latest())?.finished, 2000);
    assertEquals(await writeScan(store, 1), 3);
  }));

Deno.test("retain() keeps the scans that somebody still needs, whatever the limits", () =>
  withMemory(async (store) => {
    for (let count = 0; count < 5; count++) await writeScan(store, 1);
    const limits = { age: 0, count: 1, size: 1 };
    assertEquals((await store.retain({ ...limits, needed: 3 }, 9000)).scans, 2);
    assertEquals((await store.scans()).map(({ scan_id }) => scan_id), [3, 4, 5]);
    assertEquals((await store.retain(limits, 9000)).scans, 2);
  }));

Deno.test("retain() without limits removes nothing", () =>
  withMemory(async (store) => {
    await writeScan(store, 1, 0);
    await writeScan(store, 1, 0);
    await store.commitHits({ alerts: [openedOf({ alert_time: 0 })], counts: [] });
    assertEquals(await store.retain({}, 1e15), {
      scans: 0,
      alerts: 0,
      states: 0,
      hashes: 0,
      freed: 0,
      excess: 0,
    });
  }));

Deno.test("retain() removes old alerts with all that belongs to them, but not under an open window", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    const HOUR = 3_600_000;
    const large = incompressible(90_000);
    const alerts = [
      openedOf({ id: "old", alert_time: 0, dedupe_key: "a", suppressed_count: 3 }),
      openedOf({ id: "large", alert_time: 1, dedupe_key: "b", alert_data: { large } }),
      { ...openedOf({ id: "open", alert_time: 2, dedupe_key: "c" }), until: 99 * HOUR },
      openedOf({ id: "replaced", alert_time: 3, dedupe_key: "d" }),
      openedOf({ id: "new", alert_time: 9 * HOUR, dedupe_key: "d" }),
    ];
    for (const opened of alerts) await store.commitHits({ alerts: [opened], counts: [] });
    assertEquals((await store.retain({ age: 2 * HOUR }, 10 * HOUR)).alerts, 3);
    assertEquals((await collect(store.alerts())).map(({ id }) => id), ["open", "new"]);
    const windows = await store.windows("rule-1", ["a", "b", "c", "d"]);
    assertEquals([...windows.values()].map(({ alert_id }) => alert_id), ["open", "new"]);
    store.close();
    const database = await openDatabase(path);
    for (const prefix of ["suppressed", "alert_part", "unfinished"]) {
      assertEquals(await collect(database.list({ prefix: [prefix] })), [], prefix);
    }
    assertEquals((await collect(database.list({ prefix: ["alert_time"] }))).length, 2);
    database.close();
    const reader = await openToRead(path);
    assertEquals(await reader.alert("old"), null);
    reader.close();
  }));

const DAY = 86_400_000;
const DAMAGED = new Uint8Array([1, 2, 3]);

Deno.test("retain() goes on behind whatever is damaged, and removes it where its time has come", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    for (let count = 0; count < 4; count++) await writeScan(store, 10);
    const large = incompressible(90_000);
    for (const id of ["a", "b", "c", "d"]) {
      const fields = { id, dedupe_key: id, ...(id === "b" && { alert_data: { large } }) };
      await store.commitHits({ alerts: [openedOf(fields)], counts: [] });
    }
    for (const rule_id of ["r1", "r2", "r3"]) {
      await store.commitHits({ alerts: [], counts: [], state: { rule_id, state: { at: 1 } } });
    }
    await store.hashCache().set([["x", "1"], ["y", "2"]]);
    store.close();

    const database = await openDatabase(path);
    const hashes = await collect(database.list({ prefix: ["hash"] }));
    const windows = await collect(database.list({ prefix: ["evaluation", "rule-1"] }));
    await database.commit([
      { key: ["scan", 1], value: DAMAGED },
      { key: ["alert", 1000, "a"], value: DAMAGED },
      { key: ["alert_part", "b", 0], value: null },
      { key: ["evaluation", "r1", "state"], value: DAMAGED },
      { key: hashes[0]!.key, value: DAMAGED },
      ...windows.slice(0, 1).map(({ key }) => ({ key, value: DAMAGED })),
    ]);
    database.close();

    const again = await openToWrite(path);
    const { scans, alerts, states, hashes: forgotten } = await again.retain(
      { age: DAY, count: 2 },
      2 * DAY,
    );
    // The time of a hash is that of the host.
    assertEquals({ scans, alerts, states, forgotten }, {
      scans: 3,
      alerts: 4,
      states: 2,
      forgotten: 1,
    });
    assertEquals((await again.scans()).map(({ scan_id }) => scan_id), [4]);
    again.close();
    const after = await openDatabase(path);
    for (const prefix of ["alert", "alert_time", "alert_part", "unfinished"]) {
      assertEquals(await collect(after.list({ prefix: [prefix] })), [], prefix);
    }
    assertEquals((await collect(after.list({ prefix: ["page", 1] }))).length, 0);
    assertEquals((await collect(after.list({ prefix: ["evaluation", "r1"] }))).length, 1);
    after.close();
  }));

Deno.test("retain() removes old scans also where alerts cannot be removed, and says so", async () => {
  const database = await openDatabase(":memory:");
  const failing: Database = {
    ...database,
    list: (selector, options) => {
      const start = "start" in selector ? selector.start : undefined;
      if (start?.[0] === "alert") throw new StoreError("unreadable", "alerts cannot be read");
      return database.list(selector, options);
    },
  };
  await database.commit(
    ...[1, 2, 3].map((scan_id) => [{ key: ["scan", scan_id], value: DAMAGED }]),
  );
  await assertRejects(() => retain(failing, { count: 1 }, 9000), StoreError, "alerts cannot");
  assertEquals((await collect(database.list({ prefix: ["scan"] }))).map(({ key }) => key[1]), [3]);
  database.close();
});

Deno.test("retain() keeps an alert whose dead letter is put back meanwhile", () =>
  withMemory(async (store) => {
    const alerts = Array.from({ length: 400 }, (_, index) => {
      const id = `${index}`;
      return { ...openedOf({ id, alert_time: index, dedupe_key: id }), sinks: ["one"] };
    });
    await store.commitHits({ alerts, counts: [] });
    for (const entry of await collect(store.outbox("one"))) {
      await store.giveUp({ ...entry, reason: "refused", since: 1 });
    }
    const removing = store.retain({ age: 0 }, 100 * DAY);
    for (let reads = 0; reads < 10; reads++) await store.ruleStates();
    const [removed, back] = await Promise.all([removing, store.retryDeadLetters()]);
    assertEquals(removed.alerts + back, 400);
    const waiting = await collect(store.outbox("one"));
    assertEquals(waiting.length, back);
    assert(waiting.every(({ alert }) => alert !== null));
  }));

Deno.test("retain() keeps the window that a hit opens meanwhile", async () => {
  const database = await openDatabase(":memory:");
  const sequence = await openSequence(database);
  const now = 100 * DAY;
  const old = Array.from({ length: 400 }, (_, index) => {
    const id = `${index}`;
    return openedOf({ id, alert_time: index, dedupe_key: id });
  });
  await commitHits(database, { alerts: old, counts: [] }, sequence);
  let removing = false;
  const hit = openedOf({ id: "new", alert_time: now, dedupe_key: "399" });
  const busy: Database = {
    ...database,
    async commit(...groups) {
      if (!removing) await commitHits(database, { alerts: [hit], counts: [] }, sequence);
      removing = true;
      await database.commit(...groups);
    },
  };
  assertEquals((await retain(busy, { age: DAY }, now)).alerts, 400);
  assertEquals((await windows(database, "rule-1", ["399"])).get("399")?.alert_id, "new");
  database.close();
});
