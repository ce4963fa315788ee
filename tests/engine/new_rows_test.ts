import { assertEquals } from "@std/assert";
import { watchNewRows } from "../../engine/new_rows.ts";
import type { TableOutcome } from "../../model/collection.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Store } from "../../store/mod.ts";
import { batchOf, openMemoryStore, storeScan } from "./support.ts";

const COMPLETE: TableOutcome = { status: "complete" };
const PARTIAL: TableOutcome = { status: "partial", reason: "too many" };
const UNAVAILABLE: TableOutcome = { status: "unavailable", reason: "denied" };

/** Stores a scan with processes of these names, and with how they were collected. */
function scanWith(store: Store, names: readonly string[], outcome: TableOutcome = COMPLETE) {
  const rows = names.map((name, at) => ({ pid: at, process_key: `boot:${name}`, name }));
  return storeScan(store, [[batchOf("processes", rows), outcome]]);
}

/** What is new in scan after scan: the names, and where not everything is known how. */
async function newIn(
  scans: readonly (readonly [names: readonly string[], outcome?: TableOutcome])[],
) {
  using store = await openMemoryStore();
  const newRows = watchNewRows(store, CATALOGUE);
  const found: (readonly string[])[] = [];
  for (const [names, outcome] of scans) {
    found.push(await taken(newRows, await scanWith(store, names, outcome)));
  }
  return found;
}

async function taken(newRows: ReturnType<typeof watchNewRows>, manifest: ScanManifest) {
  const { batches, outcome } = await newRows.take(manifest, "processes");
  const names = batches.flatMap(({ columns, values }) => values[columns.indexOf("name")]!);
  return [...names.map(String), ...outcome.status === "complete" ? [] : [outcome.reason]];
}

Deno.test("watchNewRows() tells of the rows that none of the scan before had, and of none at first", async () => {
  assertEquals(await newIn([[["a"]], [["a", "b"]], [["b"]], [["c", "b", "a"]]]), [
    [],
    ["b"],
    [],
    ["c", "a"],
  ]);
});

Deno.test("watchNewRows() compares with the newest scan that has all rows", async () => {
  assertEquals(await newIn([[["a"]], [[], UNAVAILABLE], [["a", "b"]]]), [[], ["denied"], ["b"]]);
  assertEquals(
    await newIn([[["a", "b"]], [["c"], PARTIAL], [["c", "d"], PARTIAL], [["a", "b", "d", "e"]]]),
    [[], ["c", "too many"], ["d", "too many"], ["e"]],
  );
});

Deno.test("watchNewRows() takes nothing for new where no scan before has all rows, and says so", async () => {
  const never = "no scan before has all of its rows";
  assertEquals(await newIn([[["a"], PARTIAL], [["a", "b"]], [["a", "b", "c"]]]), [
    ["too many"],
    [never],
    ["c"],
  ]);
  assertEquals(await newIn([[[], UNAVAILABLE], [["a"]], [["a", "b"]]]), [["denied"], [], ["b"]]);
});

Deno.test("watchNewRows() tells what it can of a table that never has all rows", async () => {
  assertEquals(await newIn([[["a"], PARTIAL], [["a", "b"], PARTIAL]]), [
    ["too many"],
    ["b", "too many"],
  ]);
});

Deno.test("watchNewRows() says where rows cannot be read, and goes on", async () => {
  using store = await openMemoryStore();
  const broken = new Set<number>();
  const batches: Store["batches"] = (scan_id, table) => {
    if (broken.has(scan_id)) throw new Error("damaged");
    return store.batches(scan_id, table);
  };
  const newRows = watchNewRows({ ...store, batches }, CATALOGUE);
  const scan = async (...names: string[]) => await scanWith(store, names);
  await taken(newRows, await scan("a"));
  const unreadable = await scan("a", "b");
  broken.add(unreadable.scan_id);
  assertEquals(await taken(newRows, unreadable), ["its rows cannot be read: damaged"]);
  const next = await scan("a", "b", "c");
  assertEquals(await taken(newRows, next), ["b", "c"], "what could not be read is not lost");
  broken.add(next.scan_id);
  assertEquals(await taken(newRows, await scan("a", "b", "c", "d")), [
    "its rows before cannot be read: damaged",
  ]);
  assertEquals(await taken(newRows, await scan("a", "b", "c", "d", "e")), ["e"]);
});

Deno.test("watchNewRows() begins anew with a table that was not watched meanwhile or not collected", async () => {
  using store = await openMemoryStore();
  const newRows = watchNewRows(store, CATALOGUE);
  await taken(newRows, await scanWith(store, ["a"]));
  newRows.keep(["processes"]);
  assertEquals(await taken(newRows, await storeScan(store, [])), ["it was not collected"]);
  assertEquals(await taken(newRows, await scanWith(store, ["a", "b"])), ["b"]);
  newRows.keep(["users"]);
  assertEquals(await taken(newRows, await scanWith(store, ["a", "b", "c"])), []);
});
