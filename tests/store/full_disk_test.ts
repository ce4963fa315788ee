import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fill, makeReadOnly, onDisk, run } from "./disk.ts";
import { openStore, type Store, StoreError } from "../../store/mod.ts";
import {
  catalogue,
  collect,
  columnOf,
  openedOf,
  openToRead,
  thingsOf,
  writeScan,
} from "./fixtures.ts";

/** As the agent opens its store. */
function openAgent(path: string): Promise<Store> {
  return openStore({ path, mode: "write", holder: "daemoneye test", catalogue, reserve: true });
}

onDisk(
  "a full disk takes alerts and states, rows no more, and everything once there is room",
  48,
  async (folder) => {
    const path = join(folder, "state.kv");
    const other = join(folder, "other");
    const store = await openAgent(path);
    await writeScan(store, 20_000);
    fill(other);

    const scan = await store.beginScan({ host: "host-a", platform: "linux", started: 10 });
    await scan.write(thingsOf(2, 0, 30_000));
    scan.endTable("things", 20, { status: "complete" });
    const { unstored } = await scan.commit([], 30);
    assert(unstored?.includes("the disk is full"), unstored);
    assertEquals((await columnOf(store, 2, "id")).length, 30_000);

    const opened = Array.from(
      { length: 50 },
      (_, at) => openedOf({ id: `alert-${at}`, alert_time: at, dedupe_key: `key ${at}` }),
    );
    for (const one of opened) {
      await store.commitHits({
        alerts: [{ ...one, sinks: ["siem"] }],
        counts: [],
        state: { rule_id: "rule-1", state: { at: one.alert.alert_time } },
      });
      // Whoever fills the disk goes on.
      fill(other);
    }
    await store.setRuleState({ rule_id: "r", enabled: false, failures: 3, digest: "" });
    assertEquals((await collect(store.alerts())).length, 50);
    assertEquals((await columnOf(store, 1, "id")).length, 20_000);

    // As after a crash of the agent: it starts on the full disk, and has lost nothing.
    store.close();
    const again = await openAgent(path);
    assertEquals((await collect(again.alerts())).length, 50);
    assertEquals((await collect(again.outbox("siem"))).length, 50);
    assertEquals((await again.ruleState("r"))?.failures, 3);
    assertEquals((await columnOf(again, 1, "id")).length, 20_000);
    assertEquals((await again.manifest(2))?.tables[0]?.rows, 0);

    await Deno.remove(other);
    const id = await writeScan(again, 20_000);
    assertEquals((await again.manifest(id))?.unstored, undefined);
    assertEquals((await columnOf(again, id, "id")).length, 20_000);
    assert((await Deno.stat(`${path}.reserve`)).size > 0, "the reserve is taken again");
    again.close();
  },
);

onDisk(
  "scans alone never fill the disk, and retention makes room for them again",
  32,
  async (folder) => {
    const path = join(folder, "state.kv");
    const store = await openAgent(path);
    let refused = 0;
    for (let count = 0; count < 25; count++) {
      const scan = await store.beginScan({ host: "host-a", platform: "linux", started: 10 });
      await scan.write(thingsOf(scan.scan_id, 0, 20_000));
      scan.endTable("things", 20, { status: "complete" });
      if ((await scan.commit([], 30)).unstored) refused++;
    }
    assert(refused > 0 && refused < 25, `${refused} of 25 scans had no room`);
    assert((await Deno.stat(`${path}.reserve`)).size > 0, "the reserve is untouched");
    await store.commitHits({ alerts: [openedOf()], counts: [] });
    await store.retain({ count: 2 }, 100);
    const id = await writeScan(store, 20_000);
    assertEquals((await columnOf(store, id, "id")).length, 20_000);
    assertEquals((await store.manifest(id))?.unstored, undefined);
    store.close();
  },
);

onDisk("a disk without any room is told of when a store is to be made on it", 1, async (folder) => {
  fill(join(folder, "other"));
  const path = join(folder, "state.kv");
  const error = await assertRejects(() => openAgent(path), StoreError);
  assert(["full", "unreadable"].includes(error.kind), error.message);
  assert(/full|No space left/.test(error.message), error.message);
});

onDisk(
  "a disk that becomes read-only stops the storing, not the judging, and harms nothing",
  48,
  async (folder) => {
    const path = join(folder, "state.kv");
    {
      using store = await openAgent(path);
      await writeScan(store, 1000);
    }
    await makeReadOnly(folder);
    const error = await assertRejects(() => openAgent(path), StoreError);
    assertEquals(error.kind, "unreadable");
    assertStringIncludes(error.message, "state.kv cannot be opened");
    await assertRejects(() => openToRead(path), StoreError);
    assertEquals(await run("mount", "-o", "remount,rw", folder), undefined);
    using store = await openAgent(path);
    assertEquals((await columnOf(store, 1, "id")).length, 1000);
  },
);
