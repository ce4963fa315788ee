import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Collectors } from "../../collectors/mod.ts";
import { compileQuery } from "../../compiler/mod.ts";
import { collectScan, planCollection, planQuery } from "../../engine/collect.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Store } from "../../store/mod.ts";
import { batchOf, openMemoryStore } from "./support.ts";

function queryOf(sql: string) {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assert(query, Deno.inspect(diagnostics));
  return query;
}

Deno.test("planQuery() asks for no more rows than the query wants", () => {
  const query = queryOf("SELECT pid FROM processes WHERE name = 'a' LIMIT 3");
  const where = { op: "=", column: "name", value: "a" } as const;
  const [task] = planQuery(query);
  assertEquals([task!.table, task!.project, task!.where, task!.limit], [
    "processes",
    ["name", "pid"],
    where,
    3,
  ]);
});

Deno.test("planCollection() asks for whole tables: others read what is stored", () => {
  const query = queryOf("SELECT pid FROM processes WHERE name = 'a' LIMIT 3");
  const [task] = planCollection([query]);
  assertEquals([task!.where, task!.limit], [undefined, undefined]);
});

/** Collectors that supply two batches of processes and tell what becomes of them. */
function collectorsOf(told: string[]): Collectors {
  const nothing = () => Promise.resolve();
  return {
    supports: () => true,
    async *collect() {
      for (const name of ["first", "second"]) {
        const batch = batchOf("processes", [{ pid: 1, name }]);
        yield await Promise.resolve({ ...batch, acknowledge: () => void told.push(name) });
      }
      return { status: "complete" };
    },
    watch: () => {
      throw new Error("nobody watches");
    },
    statuses: () => [],
    start: nothing,
    drain: nothing,
    reports: () => [],
    close: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

/** A store whose scans are committed as told. */
function committing(store: Store, commit: () => void): Store {
  return {
    ...store,
    async beginScan(start) {
      const writer = await store.beginScan(start);
      return {
        ...writer,
        commit(...args) {
          commit();
          return writer.commit(...args);
        },
      };
    },
  };
}

const tasks = [{ table: "processes", project: ["pid", "name"], deadline: 1000 }];

Deno.test("collectScan() tells collectors that rows are stored once they are", async () => {
  using store = await openMemoryStore();
  const told: string[] = [];
  await collectScan({
    store: committing(store, () => told.push("commit")),
    collectors: collectorsOf(told),
    tasks,
    host: "host-a",
    platform: "linux",
  });
  assertEquals(told, ["commit", "second"], "the last batch stands for those before it");
});

Deno.test("collectScan() does not tell collectors of rows that are not stored", async () => {
  using store = await openMemoryStore();
  const told: string[] = [];
  await assertRejects(() =>
    collectScan({
      store: committing(store, () => {
        throw new Error("full");
      }),
      collectors: collectorsOf(told),
      tasks,
      host: "host-a",
      platform: "linux",
    })
  );
  assertEquals(told, []);
});
