import { assertEquals } from "@std/assert";
import { openDatabase } from "../../store/database.ts";
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
