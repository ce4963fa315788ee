import { assert, assertEquals } from "@std/assert";
import { loadHistory, MAX_HISTORY_ROWS, MAX_HISTORY_SIZE } from "../../engine/history.ts";
import { loadView } from "../../engine/view.ts";
import type { TableOutcome } from "../../model/collection.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import type { Store } from "../../store/mod.ts";
import { batchOf, NOW, storeScan, withEngine } from "./support.ts";

const MINUTE = 60_000;
const ONLY = [{ table: "processes", columns: ["name"] }];

/** A store that says it has these scans and gives each of their tables as one batch. */
function pretend(store: Store, scans: readonly ScanManifest[], batch: RecordBatch): Store {
  return {
    ...store,
    scans: ({ before = Infinity } = {}) =>
      Promise.resolve(scans.filter(({ scan_id }) => scan_id < before).toReversed()),
    async *batches() {
      yield await Promise.resolve(batch);
    },
  };
}

function scanOf(scan_id: number, rows: number): ScanManifest {
  const outcome: TableOutcome = { status: "complete" };
  return {
    scan_id,
    host: "host-a",
    platform: "linux",
    started: NOW + scan_id * MINUTE,
    finished: NOW + scan_id * MINUTE,
    tables: [{ table: "processes", rows, collection_time: NOW, outcome }],
    collectors: [],
  };
}

Deno.test("loadHistory() refuses more rows than its budget, before it reads any", () =>
  withEngine(async (store, sandbox) => {
    const scans = [1, 2, 3].map((id) => scanOf(id, MAX_HISTORY_ROWS / 2));
    const batches = () => {
      throw new Error("nothing is to be read");
    };
    const full = { ...pretend(store, scans, batchOf("processes", [])), batches };
    const load = (since: number) =>
      loadHistory(full, scans[2]!, CATALOGUE, sandbox, { only: ONLY, since });
    const refused = await load(NOW);
    assertEquals(refused, {
      kind: "resource",
      reason:
        "the history of `lookback` exceeds its budget: 750000 rows in 3 scans, at most 500000 are read",
    });
  }));

Deno.test("loadHistory() refuses more text than its budget", () =>
  withEngine(async (store, sandbox) => {
    const name = "x".repeat(MAX_HISTORY_SIZE / 4);
    const scans = [1, 2, 3, 4, 5].map((id) => scanOf(id, 1));
    const wide = pretend(store, scans, batchOf("processes", [{ name, command_line: name }]));
    const load = (columns: string[]) =>
      loadHistory(wide, scans[4]!, CATALOGUE, sandbox, {
        only: [{ table: "processes", columns }],
        since: NOW,
      });
    assertEquals(await load(["name"]), {
      kind: "resource",
      reason:
        "the history of `lookback` exceeds its budget: the rows of 5 scans take more than 128 MiB",
    });
    assert("image" in await load(["pid"]), "columns that are not read cost nothing");
  }));

Deno.test("loadHistory() and loadView() see what lies before a scan that was made while the clock was behind", () =>
  withEngine(async (store, sandbox) => {
    const users = (user_id: number) => batchOf("users", [{ user_id }]);
    const processes = (pid: number) => batchOf("processes", [{ pid }]);
    await storeScan(store, [[users(1)], [processes(1)]], NOW);
    await storeScan(store, [[processes(2)]], 7_000);
    const newest = await storeScan(store, [[processes(3)]], NOW + MINUTE);
    const only = [{ table: "users", columns: [] }, { table: "processes", columns: [] }];
    const history = await loadHistory(store, newest, CATALOGUE, sandbox, { only, since: NOW - 1 });
    assert("tables" in history);
    assertEquals([...history.tables].map(([table, { rows }]) => [table, rows]), [
      ["users", 1],
      ["processes", 2],
    ]);
    const view = await loadView(store, newest, CATALOGUE, sandbox, { only, oldest: NOW });
    assertEquals(view.collected.get("users")?.collection_time, NOW);
  }));

Deno.test("loadHistory() does not read every scan that there ever was", () =>
  withEngine(async (store, sandbox) => {
    const scans = Array.from({ length: 1_000 }, (_, id) => scanOf(id + 1, 0));
    let read = 0;
    const counting = pretend(store, scans, batchOf("processes", []));
    const full: Store = {
      ...counting,
      async scans(query = {}) {
        const page = (await counting.scans(query)).slice(0, query.limit);
        read += page.length;
        return page;
      },
    };
    const since = NOW + 990 * MINUTE;
    await loadHistory(full, scans.at(-1)!, CATALOGUE, sandbox, { only: ONLY, since });
    assert(read < 200, `${read} scans`);
  }));

Deno.test("loadView() shows a table that the scan did not ask for as the newest earlier scan has it", () =>
  withEngine(async (store, sandbox) => {
    const users = (user_id: number) => batchOf("users", [{ user_id }]);
    await storeScan(store, [[users(1)]], NOW);
    await storeScan(store, [[users(2)], [batchOf("processes", [{ pid: 1 }])]], NOW + MINUTE);
    const newest = await storeScan(
      store,
      [[batchOf("processes", [{ pid: 2 }])]],
      NOW + 2 * MINUTE,
    );
    const only = ["users", "processes"].map((table) => ({ table, columns: [] }));
    const view = await loadView(store, newest, CATALOGUE, sandbox, { only, oldest: NOW });
    assertEquals(view.collected.get("users")?.collection_time, NOW + MINUTE);
    assertEquals(view.collected.get("processes")?.collection_time, NOW + 2 * MINUTE);
    const sql = "SELECT user_id, (SELECT max(pid) FROM processes) AS pid FROM users";
    const ask = async (image: typeof view.image) =>
      await sandbox.run({ image, sql, parameters: {}, timeout: 5_000 });
    const wider = only.map(({ table }) => ({ table, columns: ["user_id", "pid"] }));
    const filled = await loadView(store, newest, CATALOGUE, sandbox, { only: wider, oldest: NOW });
    const outcome = await ask(filled.image);
    assert(outcome.status === "done", Deno.inspect(outcome));
    assertEquals(outcome.rows, [[2, 2]]);

    const strict = { only, oldest: NOW + MINUTE + 1 };
    const recent = await loadView(store, newest, CATALOGUE, sandbox, strict);
    assertEquals([...recent.collected.keys()], ["processes"]);
  }));
