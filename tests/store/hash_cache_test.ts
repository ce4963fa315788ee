import { assertEquals } from "@std/assert";
import { openDatabase } from "../../store/database.ts";
import { hashCache } from "../../store/hash_cache.ts";
import { retain } from "../../store/retention.ts";
import { collect, openToWrite, withPath } from "./fixtures.ts";

const DAY = 24 * 3_600_000;

Deno.test("hashCache() remembers hashes from run to run", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    const long = "k".repeat(5000);
    const many = Array.from({ length: 2500 }, (_, n): [string, string] => [`file ${n}`, `h${n}`]);
    await first.hashCache().set([["a", "1"], [long, "2"], ...many]);
    await first.hashCache().set([["a", "3"]]);
    first.close();
    const second = await openToWrite(path);
    const cache = second.hashCache();
    assertEquals(await cache.get(["a", "b", long]), new Map([["a", "3"], [long, "2"]]));
    assertEquals(await cache.get(many.map(([key]) => key)), new Map(many));
    assertEquals(await cache.get([]), new Map());
    second.close();
  }));

Deno.test("hashCache() forgets what nobody asked for during 30 days", async () => {
  const database = await openDatabase(":memory:");
  let now = 100 * DAY;
  const cache = hashCache(database, () => now);
  await cache.set([["used", "1"], ["unused", "2"]]);
  now += 20 * DAY;
  assertEquals([...await cache.get(["used"])], [["used", "1"]]);
  now += 20 * DAY;
  assertEquals([...await cache.get(["used", "unused"])], [["used", "1"]]);
  assertEquals((await retain(database, {}, now)).hashes, 1);
  assertEquals((await collect(database.list({ prefix: ["hash"] }))).length, 1);
  database.close();
});

Deno.test("hashCache() writes nothing for hashes that are in daily use", async () => {
  const database = await openDatabase(":memory:");
  let now = 100 * DAY;
  let commits = 0;
  const counting = {
    ...database,
    commit: (...groups: Parameters<typeof database.commit>) => {
      commits += groups.length;
      return database.commit(...groups);
    },
  };
  const cache = hashCache(counting, () => now);
  await cache.set([["a", "1"]]);
  assertEquals(commits, 1);
  now += DAY / 2;
  await cache.get(["a"]);
  assertEquals(commits, 1);
  now += DAY;
  await cache.get(["a"]);
  assertEquals(commits, 2);
  // The clock is set back: the time of the last use must not stay in the future.
  now -= 50 * DAY;
  assertEquals(await cache.get(["a"]), new Map([["a", "1"]]));
  assertEquals(commits, 3);
  database.close();
});
