import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { openStore, StoreError } from "../../store/mod.ts";
import { freshPages } from "../../store/fresh.ts";
import { noReserve } from "../../store/reserve.ts";
import { beginScan, type ScanPlace } from "../../store/scan_writer.ts";
import { batches, scans } from "../../store/scans.ts";
import {
  catalogue,
  collect,
  columnOf,
  incompressible,
  nameOf,
  openToRead,
  openToWrite,
  things,
  thingsOf,
  withMemory,
  withPath,
  writeScan,
} from "./fixtures.ts";

const START = { host: "host-a", platform: "linux", started: 100 } as const;

Deno.test("beginScan() gives increasing ids, and none twice after an abort or a restart", () =>
  withPath(async (path) => {
    let store = await openToWrite(path);
    assertEquals(await writeScan(store, 1), 1);
    await (await store.beginScan(START)).abort();
    assertEquals(await writeScan(store, 1), 3);
    const [a, b] = await Promise.all([store.beginScan(START), store.beginScan(START)]);
    assertEquals([a.scan_id, b.scan_id], [4, 5]);
    store.close();
    store = await openToWrite(path);
    assertEquals(await writeScan(store, 1), 6);
    assertEquals((await store.scans()).map(({ scan_id }) => scan_id), [1, 3, 6]);
    store.close();
  }));

Deno.test("scans that are written at the same time keep their rows apart, whichever ends first", () =>
  withMemory(async (store) => {
    const long = await store.beginScan(START);
    for (let round = 0; round < 3; round++) {
      await long.write(thingsOf(long.scan_id, 10 * round, 10 * round + 10));
      const other = await store.beginScan(START);
      await long.write(thingsOf(long.scan_id, 100 + 10 * round, 110 + 10 * round));
      for (const from of [0, 4000]) await other.write(thingsOf(other.scan_id, from, from + 4000));
      other.endTable("things", 150, { status: "complete" });
      await other.commit([], 200);
      assertEquals((await columnOf(store, other.scan_id, "name")).length, 8000);
      assertEquals((await columnOf(store, other.scan_id, "name"))[0], nameOf(other.scan_id, 0));
    }
    long.endTable("things", 150, { status: "complete" });
    await long.commit([], 300);
    const names = [0, 100, 10, 110, 20, 120].flatMap((from) =>
      Array.from({ length: 10 }, (_, row) => nameOf(long.scan_id, from + row))
    );
    assertEquals(await columnOf(store, long.scan_id, "name"), names);
    assertEquals((await store.scans()).map(({ scan_id }) => scan_id), [1, 2, 3, 4]);
    assertEquals((await store.latest())?.scan_id, 4);
  }));

Deno.test("commit() gives the manifest that everybody then reads", () =>
  withMemory(async (store) => {
    const scan = await store.beginScan(START);
    await scan.write(thingsOf(1, 0, 5));
    await scan.write(thingsOf(1, 5, 7));
    scan.endTable("things", 150, { status: "partial", reason: "x".repeat(5000) });
    const report = {
      name: "thingmond",
      confinement: "none",
      confinement_reason: "y".repeat(5000),
      rows: 7,
      dropped: 2,
      duration_ms: 12.5,
    } as const;
    const manifest = await scan.commit([report], 200);
    assertEquals(manifest, {
      scan_id: 1,
      host: "host-a",
      platform: "linux",
      started: 100,
      finished: 200,
      tables: [{
        table: "things",
        rows: 7,
        collection_time: 150,
        outcome: { status: "partial", reason: "x".repeat(1000) },
      }],
      collectors: [{ ...report, confinement_reason: "y".repeat(1000) }],
    });
    assertEquals(await store.latest(), manifest);
    assertEquals(await store.manifest(1), manifest);
    assertEquals(await store.scans(), [manifest]);
    assertEquals(await store.manifest(2), null);
  }));

Deno.test("a scan is invisible before it is committed, also to a reader beside the writer", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    await writeScan(store, 3);
    const reader = await openToRead(path);
    const scan = await store.beginScan(START);
    await scan.write(thingsOf(2, 0, 5000));
    scan.endTable("things", 150, { status: "complete" });
    for (const one of [store, reader]) {
      assertEquals((await one.latest())?.scan_id, 1);
      const error = await assertRejects(() => columnOf(one, 2, "id"), StoreError);
      assertEquals(error.kind, "missing");
    }
    await scan.commit([], 200);
    for (const one of [store, reader]) {
      assertEquals((await one.latest())?.scan_id, 2);
      assertEquals((await columnOf(one, 2, "id")).length, 5000);
    }
    reader.close();
    store.close();
  }));

Deno.test("scans() goes forwards and backwards, from an id, up to a limit", () =>
  withMemory(async (store) => {
    for (let count = 0; count < 5; count++) await writeScan(store, 1);
    const ids = async (query: Parameters<typeof store.scans>[0]) =>
      (await store.scans(query)).map(({ scan_id }) => scan_id);
    assertEquals(await ids({}), [1, 2, 3, 4, 5]);
    assertEquals(await ids({ limit: 2 }), [1, 2]);
    assertEquals(await ids({ limit: 0 }), []);
    assertEquals(await ids({ reverse: true, limit: 2 }), [5, 4]);
    assertEquals(await ids({ reverse: true, before: 4, limit: 2 }), [3, 2]);
    assertEquals(await ids({ before: 1 }), []);
  }));

Deno.test("batches() fills in what only the store knows, whatever the collector said", () =>
  withMemory(async (store) => {
    const scan = await store.beginScan(START);
    await scan.write({
      table: "things",
      columns: ["scan_id", "id", "host", "collection_time"],
      values: [[99, 99], [1, 2], ["forged", "forged"], [140, null]],
      rows: 2,
      gaps: [{ column: "host", reason: "denied", rows: "all" }],
    });
    scan.endTable("things", 150, { status: "complete" });
    await scan.commit([], 200);
    assertEquals(await collect(store.batches(1, "things")), [{
      table: "things",
      columns: ["id", "scan_id", "collection_time", "host"],
      values: [[1, 2], [1, 1], [140, 150], ["host-a", "host-a"]],
      rows: 2,
      gaps: [],
    }]);
  }));

Deno.test("batches() tells a table that was not collected from one without rows", () =>
  withMemory(async (store) => {
    const scan = await store.beginScan(START);
    scan.endTable("things", 150, { status: "unavailable", reason: "no such thing here" });
    await scan.commit([], 200);
    assertEquals(await collect(store.batches(1, "things")), []);
    await (await store.beginScan(START)).commit([], 300);
    const error = await assertRejects(() => collect(store.batches(2, "things")), StoreError);
    assertEquals(error.kind, "missing");
    await assertRejects(() => collect(store.batches(1, "nothings")), RangeError);
  }));

Deno.test("batches() leaves out columns that the catalogue no longer has", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    const scan = await store.beginScan(START);
    await scan.write({
      table: "things",
      columns: ["id", "name"],
      values: [[1], ["a"]],
      rows: 1,
      gaps: [{ column: "name", reason: "denied", rows: "all" }],
    });
    scan.endTable("things", 150, { status: "complete" });
    await scan.commit([], 200);
    store.close();
    const { id } = things.columns;
    const reader = await openStore({
      path,
      mode: "read",
      holder: "test",
      catalogue: new Map([["things", { ...things, columns: { id } }]]),
    });
    const [batch] = await collect(reader.batches(1, "things"));
    assertEquals(batch?.columns, ["id", "scan_id", "collection_time", "host"]);
    assertEquals(batch?.gaps, []);
    reader.close();
  }));

Deno.test("write() takes values of megabytes, and keeps batches small for readers", () =>
  withMemory(async (store) => {
    const scan = await store.beginScan(START);
    // Random hex is what compresses least of what a command line could hold.
    const large = incompressible(1024 * 1024);
    assertEquals(large.length, 2 * 1024 * 1024);
    const values = Array.from({ length: 7 }, (_, row) => row === 3 ? "" : large + row);
    await scan.write({
      table: "things",
      columns: ["id", "name"],
      values: [values.map((_, row) => row), values],
      rows: 7,
      gaps: [{ column: "size", reason: "denied", rows: [0, 3, 6] }],
    });
    await scan.write(thingsOf(1, 7, 6007));
    scan.endTable("things", 150, { status: "complete" });
    await scan.commit([], 200);
    const read = await collect(store.batches(1, "things"));
    assert(read.every((batch) => batch.rows <= 2000));
    assert(read.filter((batch) => batch.gaps.length > 0).length >= 3, "large rows share no page");
    const names = read.flatMap((batch) => batch.values[batch.columns.indexOf("name")]!);
    assertEquals(names.slice(0, 7), values);
    assertEquals(names.at(-1), nameOf(1, 6006));
    assertEquals(names.length, 6007);
    let first = 0;
    const denied: number[] = [];
    for (const batch of read) {
      for (const gap of batch.gaps) {
        if (gap.rows !== "all") denied.push(...gap.rows.map((row) => first + row));
      }
      first += batch.rows;
    }
    assertEquals(denied, [0, 3, 6]);
  }));

Deno.test("a scan writer refuses what would make a scan that lies", () =>
  withMemory(async (store) => {
    const scan = await store.beginScan(START);
    await assertRejects(() => scan.write({ ...thingsOf(1, 0, 1), table: "nothings" }), RangeError);
    await scan.write(thingsOf(1, 0, 1));
    await assertRejects(() => scan.commit([], 200), TypeError, "things was not ended");
    scan.endTable("things", 150, { status: "complete" });
    await assertRejects(() => scan.write(thingsOf(1, 1, 2)), TypeError, "has ended");
    await scan.commit([], 200);
    await assertRejects(() => scan.write(thingsOf(1, 1, 2)), TypeError, "has ended");
    await assertRejects(() => scan.commit([], 200), TypeError, "has ended");
    await scan.abort();
    assertEquals(await columnOf(store, 1, "id"), [0]);
  }));

function placeOf(database: Database): ScanPlace {
  return {
    database,
    rowDatabase: database,
    catalogue,
    reserve: noReserve(":memory:"),
    held: new Map(),
    fresh: freshPages(),
  };
}

Deno.test("abort() leaves nothing behind", async () => {
  const database = await openDatabase(":memory:");
  const scan = await beginScan(placeOf(database), 1, START);
  await scan.write(thingsOf(1, 0, 20_000));
  const pages = () => collect(database.list({ prefix: ["page"] }));
  assert((await pages()).length > 0, "a flush must have happened");
  await scan.abort();
  assertEquals(await pages(), []);
  assertEquals(await collect(database.list({ prefix: ["unfinished"] })), []);
  database.close();
});

Deno.test("commit() fails when any writing before it failed", async () => {
  const database = await openDatabase(":memory:");
  let commits = 0;
  const failing = {
    ...database,
    commit: (...groups: Parameters<typeof database.commit>) =>
      ++commits === 2
        ? Promise.reject(new StoreError("locked", "somebody is busy"))
        : database.commit(...groups),
  };
  const scan = await beginScan(placeOf(failing), 1, START);
  await assertRejects(() => scan.write(thingsOf(1, 0, 40_000)), StoreError, "busy");
  scan.endTable("things", 150, { status: "complete" });
  await assertRejects(() => scan.commit([], 200), StoreError, "busy");
  assertEquals(await scans(database), []);
  await scan.abort();
  assertEquals(await collect(database.list({ prefix: ["page"] })), []);
  database.close();
});

for (
  const [name, key, part] of [
    ["a part is missing", ["page", 1, "things", 0, 1], null],
    ["a part is damaged", ["page", 1, "things", 0, 1], new Uint8Array(60 * 1024)],
    ["a part is no bytes", ["page", 1, "things", 0, 1], "text"],
    ["a page is missing", ["page", 1, "things", 1, 0], null],
  ] as const
) {
  Deno.test(`batches() says that the store is damaged when ${name}`, async () => {
    await withPath(async (path) => {
      const store = await openToWrite(path);
      await writeScan(store, 4000);
      store.close();
      const kv = await Deno.openKv(path);
      if (part === null) await kv.delete([...key]);
      else await kv.set([...key], part);
      kv.close();
      const error = await assertRejects(async () => {
        using reader = await openToRead(path);
        await columnOf(reader, 1, "id");
      }, StoreError);
      assertEquals(error.kind, "corrupt");
    });
  });
}

Deno.test("batches() never gives a table whose rows are not all there", async () => {
  const database = await openDatabase(":memory:");
  const scan = await beginScan(placeOf(database), 1, START);
  await scan.write(thingsOf(1, 0, 30_000));
  scan.endTable("things", 150, { status: "complete" });
  await scan.commit([], 200);
  const reading = batches(database, new Map(), freshPages(), catalogue, 1, "things");
  assertEquals((await reading.next()).value?.rows, 2000);
  // What retention does, in its order: the manifest, then the pages.
  const pages = await collect(database.list({ prefix: ["page", 1] }));
  await database.commit([{ key: ["scan", 1], value: null }]);
  await database.commit(...pages.map(({ key }) => [{ key, value: null }]));
  const error = await assertRejects(() => collect(reading), StoreError);
  assertEquals(error.kind, "expired");
  database.close();
});

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((value) => Number.isSafeInteger(Number(value)) ? Number(value) : value);

function cellOf({ type }: Column): fc.Arbitrary<Cell> {
  const cells: Record<Column["type"], fc.Arbitrary<Cell>> = {
    integer: INT64,
    timestamp: INT64,
    float: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    boolean: fc.boolean(),
    string: fc.string({ unit: "binary" }),
    json: fc.jsonValue().map((value) => JSON.stringify(value)),
  };
  return fc.option(cells[type]);
}

function batchOf(columns: readonly Column[]): fc.Arbitrary<RecordBatch> {
  return fc.tuple(fc.nat({ max: 40 }), fc.shuffledSubarray([...columns], { minLength: 1 })).chain(
    ([rows, chosen]) =>
      fc.tuple(
        fc.tuple(
          ...chosen.map((column) => fc.array(cellOf(column), { minLength: rows, maxLength: rows })),
        ),
        fc.array(fc.record({
          column: fc.constantFrom(...chosen.map(({ name }) => name)),
          reason: fc.constantFrom("denied", "deadline", "budget", "not_collected"),
          rows: rows === 0
            ? fc.constant("all")
            : fc.oneof(fc.constant("all"), fc.uniqueArray(fc.nat({ max: rows - 1 }))),
        })) as fc.Arbitrary<RecordBatch["gaps"]>,
      ).map(([values, gaps]) => ({
        table: "processes",
        columns: chosen.map(({ name }) => name),
        values,
        rows,
        gaps: rows === 0 ? [] : gaps.filter((gap) => gap.rows.length > 0),
      })),
  );
}

Deno.test("what batches() reads is what write() was given", async () => {
  const store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "test",
    catalogue: CATALOGUE,
  });
  const columns = collectedColumns(CATALOGUE.get("processes")!, "linux");
  await fc.assert(
    fc.asyncProperty(fc.array(batchOf(columns), { maxLength: 4 }), async (written) => {
      const scan = await store.beginScan(START);
      for (const batch of written) await scan.write(batch);
      scan.endTable("processes", 150, { status: "complete" });
      await scan.commit([], 200);
      const expected = written.filter(({ rows }) => rows > 0).map((batch) => ({
        ...batch,
        columns: [...batch.columns, "scan_id", "collection_time", "host"],
        values: [
          ...batch.values,
          Array(batch.rows).fill(scan.scan_id),
          Array(batch.rows).fill(150),
          Array(batch.rows).fill("host-a"),
        ],
      }));
      assertEquals(await collect(store.batches(scan.scan_id, "processes")), expected);
      // What is still in memory is forgotten with the next scan.
      await (await store.beginScan(START)).abort();
      assertEquals(await collect(store.batches(scan.scan_id, "processes")), expected);
    }),
    { numRuns: 60 },
  );
  store.close();
});
