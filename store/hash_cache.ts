import type { HashCache } from "../model/hash_cache.ts";
import { encode } from "./codec.ts";
import type { Database, Mutation } from "./database.ts";
import { hashKey } from "./keys.ts";
import { readRecord } from "./records.ts";

/** A hash that nobody asked for so long is forgotten: ms. */
export const HASH_LIFETIME = 30 * 24 * 3_600_000;

/** How exactly the time of the last use is kept, so that a scan need not write every hash that it reads: ms. */
const USE_RESOLUTION = 24 * 3_600_000;

/** See {@linkcode Store.hashCache}. */
export function hashCache(database: Database, now: () => number): HashCache {
  return {
    async get(keys) {
      const time = now();
      const found = new Map<string, string>();
      const touched: Mutation[][] = [];
      const values = await database.getMany(keys.map(hashKey));
      for (const [index, value] of values.entries()) {
        if (!value) continue;
        const { hash, used } = readRecord("hash", value);
        const age = time - used;
        if (age > HASH_LIFETIME) continue;
        const key = keys[index]!;
        found.set(key, hash);
        // A time in the future comes from a clock that was wrong; it would otherwise keep the hash for long.
        if (age > USE_RESOLUTION || age < 0) touched.push([remember(key, hash, time)]);
      }
      await database.commit(...touched);
      return found;
    },
    async set(entries) {
      const time = now();
      await database.commit(...Array.from(entries, ([key, hash]) => [remember(key, hash, time)]));
    },
  };
}

function remember(key: string, hash: string, used: number): Mutation {
  return { key: hashKey(key), value: encode({ hash, used }) };
}
