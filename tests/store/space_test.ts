import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { DatabaseSync } from "node:sqlite";
import { fromFileUrl } from "@std/path";
import { openDatabase } from "../../store/database.ts";
import { until } from "../collectors/support.ts";
import { FORMAT, formatKey } from "../../store/keys.ts";
import {
  collect,
  columnOf,
  incompressible,
  openedOf,
  openToRead,
  openToWrite,
  withPath,
  writeScan,
} from "./fixtures.ts";

const MB = 1e6;

/** What a store takes of the disk, its log included. */
function bytesOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, one) => {
    try {
      return sum + Deno.statSync(one).size;
    } catch {
      return sum;
    }
  }, 0);
}

/** Scans that take about 3 MB each. */
async function writeLargeScans(store: Awaited<ReturnType<typeof openToWrite>>, count: number) {
  for (; count > 0; count--) await writeScan(store, 30_000);
}

Deno.test("retain() gives what removed scans took back to the disk, while a reader goes on", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    await writeLargeScans(store, 10);
    const reader = await openToRead(path);
    const reading = reader.batches(10, "things");
    await reading.next();
    const before = bytesOf(path);
    assert(before > 20 * MB, `${before} bytes`);
    const told: string[] = [];
    const { scans, freed } = await store.retain({ count: 1 }, 2000, (text) => told.push(text));
    assertEquals(scans, 9);
    assert(freed > before / 2, `${freed} bytes freed`);
    assertEquals(told[0], "removing old scans: 1");
    assert(told.some((text) => /^shrinking the store: \d+ MB given back$/.test(text)));
    assertEquals((await collect(reading)).length > 0, true);
    assertEquals((await columnOf(reader, 10, "id")).length, 30_000);
    reader.close();
    await store.retain({ count: 1 }, 2000);
    assert(Deno.statSync(path).size < before / 2);
    store.close();
    assert(bytesOf(path) < before / 2, `${bytesOf(path)} of ${before} bytes are left`);
  }));

Deno.test("retain() keeps the store below a size, and alerts, states and the latest scan whatever they take", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    const size = 9 * MB;
    for (let round = 0; round < 8; round++) {
      await writeLargeScans(store, 1);
      const { excess } = await store.retain({ size }, 2000);
      assertEquals(excess, 0);
      assert(Deno.statSync(path).size <= size, `round ${round}: ${Deno.statSync(path).size} bytes`);
    }
    const kept = await store.scans();
    assert(kept.length >= 2 && kept.length < 5, `${kept.length} scans`);
    assertEquals(kept.at(-1)?.scan_id, 8);

    const alerts = Array.from(
      { length: 100 },
      (_, at) =>
        openedOf({ alert_time: at, dedupe_key: `key ${at}`, description: incompressible(40_000) }),
    );
    await store.commitHits({ alerts, counts: [] });
    await store.setRuleState({ rule_id: "r", enabled: false, failures: 0, digest: "" });
    const { excess, scans } = await store.retain({ size: 2 * MB }, 2000);
    assertEquals(scans, kept.length - 1);
    assert(excess > MB, `${excess} bytes too many`);
    assertEquals((await collect(store.alerts())).length, 100);
    assertEquals((await store.ruleStates()).length, 1);
    assertEquals((await store.scans()).length, 1);
    store.close();
  }));

Deno.test("a store of a version that could not shrink goes on as it is", () =>
  withPath(async (path) => {
    const database = await openDatabase(path);
    await database.commit([{ key: formatKey, value: new TextEncoder().encode(FORMAT) }]);
    database.close();
    const store = await openToWrite(path);
    await writeLargeScans(store, 8);
    const size = Deno.statSync(path).size;
    const removed = await store.retain({ count: 1 }, 2000);
    assertEquals([removed.scans, removed.freed], [7, 0]);
    await writeLargeScans(store, 5);
    assert(Deno.statSync(path).size <= size, "its room is used again");
    store.close();
  }));

Deno.test("a writer killed while it removes and shrinks leaves whole scans and a sound file", () =>
  withPath(async (path) => {
    let shrunk = 0;
    for (let round = 0; round < Number(Deno.env.get("KILLS") ?? 10); round++) {
      // Much that is to be removed at once, so that most of the time goes into it.
      const filling = await openToWrite(path);
      await writeLargeScans(filling, 6);
      filling.close();
      const before = bytesOf(path);
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-q",
          "-A",
          fromFileUrl(import.meta.resolve("./endless_writer.ts")),
          path,
          `${MB}B`,
        ],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      await lines.read();
      await lines.read();
      // However slow the host is, some are killed while the file shrinks, or soon after.
      if (round % 2 === 0) await until("it shrinks", () => bytesOf(path) < before / 2, 60_000);
      else await delay(Math.random() * 400);
      child.kill("SIGKILL");
      await child.status;
      await lines.cancel();
      if (bytesOf(path) < before / 2) shrunk++;

      {
        using file = new DatabaseSync(path);
        assertEquals(file.prepare("PRAGMA integrity_check").all().map((row) => ({ ...row })), [
          { integrity_check: "ok" },
        ]);
      }
      const store = await openToWrite(path);
      for (const { scan_id, tables } of await store.scans()) {
        assertEquals((await columnOf(store, scan_id, "name")).length, tables[0]?.rows);
      }
      await collect(store.alerts());
      store.close();
    }
    assert(shrunk > 0, "no writer got as far as shrinking");
  }));
