import { assert, assertEquals } from "@std/assert";
import type { Cell } from "../../schema/batch.ts";
import { type Database, type Mutation, openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/error.ts";
import { freshPages } from "../../store/fresh.ts";
import { noReserve } from "../../store/reserve.ts";
import { beginScan, type ScanPlace } from "../../store/scan_writer.ts";
import { batches, manifest, scans } from "../../store/scans.ts";
import { catalogue, collect, nameOf, thingsOf } from "./fixtures.ts";

const START = { host: "host-a", platform: "linux", started: 100 } as const;
const FULL = new StoreError("full", "the disk is full");

async function namesOf(place: ScanPlace, scan_id: number): Promise<Cell[]> {
  const { database, held } = place;
  const names: Cell[] = [];
  for await (const batch of batches(database, held, freshPages(), catalogue, scan_id, "things")) {
    names.push(...batch.values[batch.columns.indexOf("name")]!);
  }
  return names;
}

async function writeThings(place: ScanPlace, scan_id: number, rows: number) {
  const scan = await beginScan(place, scan_id, START);
  for (let from = 0; from < rows; from += 3000) {
    await scan.write(thingsOf(scan_id, from, Math.min(rows, from + 3000)));
  }
  await scan.asked("things", [{ column: "id", value: 7 }]);
  scan.endTable("things", 150, { status: "complete" });
  return await scan.commit([], 200);
}

for (const room of [0, 1, 3, 25, 40, 61]) {
  Deno.test(`a scan for which the disk has room for ${room} groups is seen by its own process`, async () => {
    const database = await openDatabase(":memory:");
    let left = room;
    // As on a disk: a beginning of what is to be written may be there.
    const rowDatabase: Database = {
      ...database,
      async commit(...groups: (readonly Mutation[])[]) {
        const fitting = groups.slice(0, left);
        left -= fitting.length;
        await database.commit(...fitting);
        if (fitting.length < groups.length) throw FULL;
      },
    };
    const place = {
      database,
      rowDatabase,
      catalogue,
      reserve: noReserve(":memory:"),
      held: new Map(),
      fresh: freshPages(),
    };
    const { unstored, tables } = await writeThings(place, 1, 40_000);
    assertEquals(unstored, "the disk is full");
    assertEquals([tables[0]!.rows, tables[0]!.outcome.status], [40_000, "complete"]);
    const names = await namesOf(place, 1);
    assertEquals(names.length, 40_000);
    names.forEach((name, row) => {
      if (name !== nameOf(1, row)) throw new Error(`row ${row} is wrong`);
    });

    // Others, and this process later, see that rows are missing.
    const other = { ...place, held: new Map() };
    const outcome = (await manifest(database, other.held, 1))!.tables[0]!;
    assertEquals([outcome.rows, outcome.outcome], [0, {
      status: "partial",
      reason: "its rows were not stored: the disk is full",
    }]);
    assertEquals(await namesOf(other, 1), []);

    left = Infinity;
    assertEquals((await writeThings(place, 2, 10)).unstored, undefined);
    await writeThings(place, 3, 10);
    await writeThings(place, 4, 10);
    assertEquals(place.held.size <= 1, true);
    assertEquals((await namesOf(place, 4)).length, 10);
    assertEquals((await scans(database)).map(({ scan_id }) => scan_id), [1, 2, 3, 4]);
  });
}

Deno.test("held scans are forgotten, with what the database had of them", async () => {
  const database = await openDatabase(":memory:");
  let left = 30;
  const rowDatabase: Database = {
    ...database,
    commit: (...groups) =>
      (left -= groups.length) < 0 ? Promise.reject(FULL) : database.commit(...groups),
  };
  const place = {
    database,
    rowDatabase,
    catalogue,
    reserve: noReserve(":memory:"),
    held: new Map(),
    fresh: freshPages(),
  };
  await writeThings(place, 1, 40_000);
  const pages = () => collect(database.list({ prefix: ["page", 1] }));
  assert((await pages()).length > 0);
  for (const scan_id of [2, 3, 4, 5]) await writeThings(place, scan_id, 10);
  assertEquals(await pages(), []);
  assertEquals([...place.held.keys()], [3, 4, 5]);
  assertEquals((await namesOf(place, 1)).length, 0);
});

Deno.test("a scan is judged although nothing of it can be written at all", async () => {
  const memory = await openDatabase(":memory:");
  const database: Database = {
    ...memory,
    commit: () =>
      Promise.reject(new StoreError("unreadable", "attempt to write a readonly database")),
  };
  const place = {
    database,
    rowDatabase: database,
    catalogue,
    reserve: noReserve(":memory:"),
    held: new Map(),
    fresh: freshPages(),
  };
  const { unstored } = await writeThings(place, 1, 5000);
  assertEquals(unstored, "attempt to write a readonly database");
  assertEquals((await namesOf(place, 1)).length, 5000);
  assertEquals((await manifest(database, place.held, 1))?.tables[0]?.rows, 5000);
});
