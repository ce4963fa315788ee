import { assertEquals } from "@std/assert";
import {
  type ContentIdentity,
  createContentCache,
  isSettled,
} from "../../../collectors/files/content_cache.ts";

const file = (change: Partial<ContentIdentity> = {}): ContentIdentity => ({
  device: 1,
  inode: 2,
  size: 3,
  mtime: 4_000_000n,
  ctime: 5_000_000n,
  ...change,
});

Deno.test("createContentCache() remembers a content under its whole identity", () => {
  const cache = createContentCache<string>({ entries: 10, ttl: 1000 });
  cache.set(file(), "known");
  assertEquals(cache.get(file()), "known");
  assertEquals(cache.get(file({ size: 3n })), "known");
  for (
    const change of [
      { device: 9 },
      { inode: 9 },
      { size: 9 },
      { mtime: 4_000_001n },
      { ctime: 5_000_001n },
    ]
  ) {
    assertEquals(cache.get(file(change)), undefined);
  }
});

Deno.test("createContentCache() forgets what was not asked for longest", () => {
  const cache = createContentCache<number>({ entries: 2, ttl: 1000 });
  cache.set(file({ inode: 1 }), 1);
  cache.set(file({ inode: 2 }), 2);
  cache.get(file({ inode: 1 }));
  cache.set(file({ inode: 3 }), 3);
  assertEquals([1, 2, 3].map((inode) => cache.get(file({ inode }))), [1, undefined, 3]);
  cache.set(file({ inode: 3 }), 4);
  assertEquals([1, 3].map((inode) => cache.get(file({ inode }))), [1, 4]);
});

Deno.test("createContentCache() forgets a value after its time, also one that is in use", () => {
  let time = 0;
  const cache = createContentCache<string>({ entries: 2, ttl: 10, now: () => time });
  cache.set(file(), "known");
  time = 9;
  assertEquals(cache.get(file()), "known");
  time = 10;
  assertEquals(cache.get(file()), undefined);
});

Deno.test("isSettled() is true once a later write would show in the times", () => {
  assertEquals(isSettled(file(), 6), false);
  assertEquals(isSettled(file(), 2005), false);
  assertEquals(isSettled(file(), 2006), true);
  assertEquals(isSettled(file({ mtime: 9_000_000_000n }), 2006), false);
});
