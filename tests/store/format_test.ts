import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { RecordBatch } from "../../schema/batch.ts";
import { decode, encode } from "../../store/codec.ts";
import { openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/error.ts";
import { formatKey, partKey } from "../../store/keys.ts";
import { pagesOf, pageText, restorePage } from "../../store/pages.ts";
import { columnOf, openToRead, openToWrite, things, withPath, writeScan } from "./fixtures.ts";

const restored = (text: string) => restorePage(JSON.parse(text), things, "linux");

/** Makes of a store with one scan of one page what the first version of the format was. */
async function makeFirstFormat(path: string, scan_id: number): Promise<void> {
  const database = await openDatabase(path);
  const key = partKey(scan_id, "things", 0, 0);
  const page = restorePage(decode((await database.get(key))!, "a page"), things, "linux");
  await database.commit([
    { key: formatKey, value: new TextEncoder().encode("daemoneye-store 1") },
    { key, value: encode(page) },
  ]);
  database.close();
}

async function formatOf(path: string): Promise<string> {
  const database = await openDatabase(path);
  try {
    return new TextDecoder().decode((await database.get(formatKey))!);
  } finally {
    database.close();
  }
}

Deno.test("a store of the first format is read, and is of the second one after the next scan", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    const old = await writeScan(first, 100);
    const names = await columnOf(first, old, "name");
    first.close();
    await makeFirstFormat(path, old);

    const reader = await openToRead(path);
    assertEquals(await columnOf(reader, old, "name"), names);
    reader.close();
    assertEquals(await formatOf(path), "daemoneye-store 1", "who reads changes nothing");

    const writer = await openToWrite(path);
    const next = await writeScan(writer, 100);
    assertEquals(await columnOf(writer, old, "name"), names);
    assertEquals((await columnOf(writer, next, "name")).length, 100);
    writer.close();
    assertEquals(await formatOf(path), "daemoneye-store 2");
  }));

const CELL = fc.oneof(fc.constantFrom("", "sh", "x".repeat(5000)), fc.string(), fc.constant(null));
const INTEGER = fc.oneof(
  fc.constant(null),
  fc.nat(3),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 62n }),
);

Deno.test("restorePage() gives back what pageText() wrote", () => {
  const batches = fc.integer({ min: 1, max: 30 }).chain((rows) => {
    const column = <T>(cell: fc.Arbitrary<T>) =>
      fc.oneof(
        fc.array(cell, { minLength: rows, maxLength: rows }),
        cell.map((value) => new Array<T>(rows).fill(value)),
      );
    return fc.tuple(column(INTEGER), column(CELL), column(fc.boolean())).map((
      values,
    ): RecordBatch => ({
      table: "things",
      columns: ["id", "name", "good"],
      values,
      rows,
      gaps: [{ column: "size", reason: "denied", rows: "all" }],
      key: "id",
    }));
  });
  fc.assert(fc.property(batches, (batch) => assertEquals(restored(pageText(batch)), batch)));
});

Deno.test("pageText() writes once what all rows of a page of any size have in common", () => {
  const text = "a text that many rows have ".repeat(100);
  const rows = 3000;
  const batch: RecordBatch = {
    table: "things",
    columns: ["id", "name"],
    values: [Array.from({ length: rows }, (_, row) => row), new Array(rows).fill(text)],
    rows,
    gaps: [],
  };
  const pages = [...pagesOf(batch)];
  assertEquals(pages.reduce((sum, page) => sum + page.rows, 0), rows);
  for (const page of pages) {
    const written = pageText(page);
    assert(written.length < text.length + 10 * page.rows);
    assertEquals(restored(written), page);
  }
});

Deno.test("restorePage() takes a page that is packed wrongly for damaged", () => {
  const page = {
    table: "things",
    columns: ["name"],
    values: [{ of: ["a"], at: [0, 0, 1] }],
    rows: 3,
    gaps: [],
  };
  const error = assertThrows(() => restorePage(page, things, "linux"), StoreError);
  assertEquals(error.kind, "corrupt");
});
