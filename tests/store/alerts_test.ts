import { assertEquals, assertRejects } from "@std/assert";
import type { HitChanges } from "../../model/hits.ts";
import { commitHits } from "../../store/alerts.ts";
import { openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/mod.ts";
import { openSequence } from "../../store/outbox.ts";
import { sweepAll } from "../../store/sweep.ts";
import {
  alertOf,
  collect,
  incompressible,
  openedOf,
  openToWrite,
  withMemory,
  withPath,
} from "./fixtures.ts";

const counts = (...pairs: [string, number][]): HitChanges["counts"] =>
  pairs.map(([alert_id, suppressed_count]) => ({ alert_id, suppressed_count }));

Deno.test("commitHits() stores an alert with its window", () =>
  withMemory(async (store) => {
    const opened = openedOf({ suppressed_count: 2 });
    const { alert } = opened;
    await store.commitHits({ alerts: [opened], counts: [] });
    assertEquals(await store.alert(alert.id), alert);
    assertEquals(await collect(store.alerts()), [alert]);
    assertEquals(
      await store.windows("rule-1", ["other key", alert.dedupe_key]),
      new Map([[alert.dedupe_key, {
        alert_id: alert.id,
        since: 1000,
        until: 3_601_000,
        suppressed_count: 2,
      }]]),
    );
    assertEquals(await store.windows("rule-2", [alert.dedupe_key]), new Map());
    assertEquals(await store.alert("unknown"), null);
  }));

Deno.test("what a window counts shows on its alert, and stays there when the next one opens", () =>
  withMemory(async (store) => {
    const first = openedOf();
    const second = openedOf({ alert_time: 9_000_000 });
    await store.commitHits({ alerts: [first], counts: [] });
    await store.commitHits({ alerts: [], counts: counts([first.alert.id, 41]) });
    assertEquals((await store.alert(first.alert.id))?.suppressed_count, 41);
    assertEquals((await collect(store.alerts()))[0]?.suppressed_count, 41);
    await store.commitHits({ alerts: [second], counts: [] });
    const windows = await store.windows("rule-1", [first.alert.dedupe_key]);
    assertEquals(windows.get(first.alert.dedupe_key)?.alert_id, second.alert.id);
    assertEquals(windows.get(first.alert.dedupe_key)?.suppressed_count, 0);
    assertEquals((await store.alert(first.alert.id))?.suppressed_count, 41);
    assertEquals((await store.alert(second.alert.id))?.suppressed_count, 0);
  }));

Deno.test("alerts() goes by time, then id, within what is asked for", () =>
  withMemory(async (store) => {
    const alerts = [
      openedOf({ id: "d", alert_time: 20, severity: "low" }),
      openedOf({ id: "b", alert_time: 10, severity: "critical" }),
      openedOf({ id: "a", alert_time: 20, severity: "medium", rule_id: "rule-2" }),
      openedOf({ id: "c", alert_time: 3.5, severity: "informational" }),
    ];
    await store.commitHits({ alerts, counts: [] });
    const ids = async (query: Parameters<typeof store.alerts>[0]) =>
      (await collect(store.alerts(query))).map(({ id }) => id).join("");
    assertEquals(await ids({}), "cbad");
    assertEquals(await ids({ reverse: true }), "dabc");
    assertEquals(await ids({ since: 10 }), "bad");
    assertEquals(await ids({ until: 20 }), "cb");
    assertEquals(await ids({ since: 4, until: 20 }), "b");
    assertEquals(await ids({ severity: "medium" }), "ba");
    assertEquals(await ids({ rule_id: "rule-2" }), "a");
    assertEquals(await ids({ limit: 2, reverse: true }), "da");
    assertEquals(await ids({ limit: 1, severity: "medium", reverse: true }), "a");
    assertEquals(await ids({ limit: 0 }), "");
  }));

Deno.test("an alert larger than a value is kept whole", () =>
  withPath(async (path) => {
    const large = incompressible(500_000);
    const opened = openedOf({ alert_data: { command_line: large }, suppressed_count: 1 });
    const store = await openToWrite(path);
    await store.commitHits({ alerts: [openedOf(), opened, openedOf()], counts: [] });
    store.close();
    const again = await openToWrite(path);
    assertEquals(await again.alert(opened.alert.id), opened.alert);
    assertEquals((await collect(again.alerts())).length, 3);
    again.close();
  }));

Deno.test("host data in an alert comes back as it was", () =>
  withMemory(async (store) => {
    const alert_data = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":1,"a":"\\u0000\\u001b[2J","b":[null,[[]]]}',
    );
    const opened = openedOf({ alert_data });
    await store.commitHits({ alerts: [opened], counts: [] });
    const [read] = await collect(store.alerts());
    assertEquals(JSON.stringify(read?.alert_data), JSON.stringify(alert_data));
  }));

Deno.test("a thousand alerts at once are all stored", () =>
  withMemory(async (store) => {
    const alerts = Array.from(
      { length: 1000 },
      (_, index) =>
        openedOf({
          alert_time: index,
          dedupe_key: `key ${index}`,
          description: incompressible(1500),
        }),
    );
    await store.commitHits({ alerts, counts: [] });
    const read = await collect(store.alerts());
    assertEquals(read.map(({ id }) => id), alerts.map(({ alert }) => alert.id));
    const windows = await store.windows("rule-1", alerts.map(({ alert }) => alert.dedupe_key));
    assertEquals(windows.size, 1000);
  }));

Deno.test("a commit that fails leaves no window without its alert", async () => {
  for (let failAt = 1;; failAt++) {
    const database = await openDatabase(":memory:");
    let commits = 0;
    const failing = {
      ...database,
      // Each group is a commit here, so that the failure can come between any two.
      commit: async (...groups: Parameters<typeof database.commit>) => {
        for (const group of groups) {
          if (++commits === failAt) throw new StoreError("full", "the disk is full");
          await database.commit(group);
        }
      },
    };
    const large = incompressible(90_000);
    const opened = ["a", "b", "c"].map((dedupe_key, index) => ({
      ...openedOf({ dedupe_key, ...(index === 1 && { alert_data: { large } }) }),
      sinks: ["hook"],
    }));
    const failed = await commitHits(
      failing,
      { alerts: opened, counts: [] },
      await openSequence(database),
    ).then(
      () => false,
      () => true,
    );
    await sweepAll(database);
    const ids = async (prefix: string, part: number) =>
      (await collect(database.list({ prefix: [prefix] }))).map(({ key }) => key[part]);
    const alerts = await ids("alert", 2);
    const windows = await ids("evaluation", 1);
    assertEquals(windows.length, alerts.length);
    assertEquals((await ids("outbox", 2)).length, alerts.length);
    assertEquals((await ids("alert_time", 1)).toSorted(), alerts.toSorted());
    for (const id of await ids("alert_part", 1)) assertEquals(alerts.includes(id), true);
    assertEquals(await ids("unfinished", 1), []);
    database.close();
    if (!failed) return assertEquals(alerts.length, 3);
  }
});

for (
  const [name, key] of [
    ["the alert", ["alert", 1000, "x"]],
    ["its time", ["alert_time", "x"]],
    ["its count", ["suppressed", "x"]],
  ] as const
) {
  Deno.test(`alert() says that the store is damaged when ${name} is`, () =>
    withPath(async (path) => {
      const store = await openToWrite(path);
      await store.commitHits({ alerts: [{ alert: alertOf({ id: "x" }), until: 1 }], counts: [] });
      store.close();
      const kv = await Deno.openKv(path);
      await kv.set([...key], new Uint8Array([1, 2, 3]));
      kv.close();
      const again = await openToWrite(path);
      const error = await assertRejects(() => again.alert("x"), StoreError);
      assertEquals(error.kind, "corrupt");
      again.close();
    }));
}
