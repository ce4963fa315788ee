import { assertEquals, assertRejects } from "@std/assert";
import type { AskedKey } from "../../model/collection.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore, StoreError } from "../../store/mod.ts";

const START = { host: "host-a", platform: "linux", started: 1 } as const;

function openMemory() {
  return openStore({ path: ":memory:", mode: "write", holder: "a test", catalogue: CATALOGUE });
}

Deno.test("asked() gives back the keys that a table was asked for, however many they are", async () => {
  using store = await openMemory();
  const writer = await store.beginScan(START);
  const keys: AskedKey[] = [
    { column: "directory", value: "/etc/*", glob: true },
    { column: "file_path", value: "/etc/shadow", lacking: "denied" },
    { column: "file_path", value: "/x", resources: "d1" },
    ...Array.from({ length: 5000 }, (_, pid) => ({ column: "pid", value: pid })),
  ];
  await writer.asked("yara_matches", keys);
  writer.endTable("yara_matches", 1, { status: "complete" });
  await writer.asked("file_metadata", []);
  writer.endTable("file_metadata", 1, { status: "complete" });
  const { scan_id } = await writer.commit([], 2);
  assertEquals(await store.asked(scan_id, "yara_matches"), keys);
  assertEquals(await store.asked(scan_id, "file_metadata"), [], "it was asked for nothing");
  assertEquals(await store.asked(scan_id, "binary_analysis"), undefined);
  assertEquals(await store.asked(scan_id + 1, "yara_matches"), undefined);
});

Deno.test("batches() gives back what rows were asked for by, and found by", async () => {
  using store = await openMemory();
  const writer = await store.beginScan(START);
  const row = { table: "yara_matches", columns: ["pid"], values: [[7]], rows: 1, gaps: [] };
  await writer.write({ ...row, key: "pid", resources: "d1" });
  await writer.write(row);
  writer.endTable("yara_matches", 1, { status: "complete" });
  const { scan_id } = await writer.commit([], 2);
  const found = [];
  for await (const { key, resources } of store.batches(scan_id, "yara_matches")) {
    found.push([key, resources]);
  }
  assertEquals(found, [["pid", "d1"], [undefined, undefined]]);
});

Deno.test("retain() removes the keys of a scan with its rows", async () => {
  using store = await openMemory();
  for (const started of [1, 1000]) {
    const writer = await store.beginScan({ ...START, started });
    await writer.asked("file_metadata", [{ column: "file_path", value: "/x" }]);
    writer.endTable("file_metadata", started, { status: "complete" });
    await writer.commit([], started);
  }
  await store.retain({ age: 10 }, 1001);
  assertEquals(await store.asked(1, "file_metadata"), undefined);
  assertEquals((await store.asked(2, "file_metadata"))?.length, 1);
  await assertRejects(() => store.batches(1, "file_metadata").next(), StoreError);
});
