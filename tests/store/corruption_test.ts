import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Alert } from "../../model/alert.ts";
import { StoreError, type StoreReader } from "../../store/mod.ts";
import {
  collect,
  columnOf,
  incompressible,
  openedOf,
  openToRead,
  openToWrite,
  withPath,
  writeScan,
} from "./fixtures.ts";

const PAGE = 4096;

/** Where a page begins; every other time it is one of the first, where Deno KV's own tables are. */
function anyPage(bytes: Uint8Array, random: () => number): number {
  const pages = random() < 0.5 ? 12 : bytes.length / PAGE;
  return Math.floor(random() * pages) * PAGE;
}

/** Ways in which disks and people damage a file, by a number between 0 and 1 each time one is needed. */
const DAMAGES: Record<string, (bytes: Uint8Array, random: () => number) => Uint8Array> = {
  "cut off": (bytes, random) => bytes.subarray(0, random() * bytes.length),
  "with random bytes in it": (bytes, random) => {
    for (let count = 1 + random() * 50; count > 0; count--) {
      bytes[Math.floor(random() * bytes.length)] = random() * 256;
    }
    return bytes;
  },
  "with a random page in it": (bytes, random) => {
    const page = anyPage(bytes, random);
    for (let at = page; at < page + PAGE; at++) bytes[at] = random() * 256;
    return bytes;
  },
  "with a page of zeros in it": (bytes, random) => {
    const page = anyPage(bytes, random);
    return bytes.fill(0, page, page + PAGE);
  },
  "with damaged page headers": (bytes, random) => {
    for (let count = 0; count < 20; count++) {
      const page = anyPage(bytes, random);
      bytes[page + Math.floor(random() * 30)] = random() * 256;
    }
    return bytes;
  },
};

/** A sequence that is the same in each run, so that a failure can be found again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Content {
  readonly scans: unknown;
  readonly rows: unknown;
  readonly alerts: readonly Alert[];
  readonly state: unknown;
}

async function contentOf(store: StoreReader): Promise<Content> {
  const scans = await store.scans();
  const rows = [];
  for (const { scan_id } of scans) rows.push(await columnOf(store, scan_id, "name"));
  const alerts = await collect(store.alerts());
  return { scans, rows, alerts, state: await store.ruleStates() };
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`a store ${name} is read as it was or refused, and never crashes`, () =>
    withPath(async (path) => {
      const store = await openToWrite(path);
      for (let count = 0; count < 4; count++) await writeScan(store, 1500);
      const alerts = Array.from({ length: 40 }, (_, index) =>
        openedOf({
          alert_time: index,
          dedupe_key: `key ${index}`,
          description: incompressible(index === 7 ? 90_000 : 900),
        }));
      await store.commitHits({ alerts, counts: [] });
      await store.setRuleState({ rule_id: "r", enabled: true, failures: 0, digest: "" });
      const content = await contentOf(store);
      store.close();
      const whole = await Deno.readFile(path);

      let refused = 0;
      for (let seed = 1; seed <= 30; seed++) {
        for (const suffix of ["-wal", "-shm"]) await Deno.remove(path + suffix).catch(() => {});
        await Deno.writeFile(path, damage(whole.slice(), randomOf(seed)));
        const open = seed % 2 === 0 ? openToRead : openToWrite;
        const opened: StoreReader[] = [];
        try {
          opened.push(await open(path));
          assertEquals(await contentOf(opened[0]!), content, `seed ${seed}`);
          if (open === openToWrite) {
            const writer = opened[0] as Awaited<ReturnType<typeof openToWrite>>;
            await writeScan(writer, 1500);
            await writer.retain({ count: 1, age: 1 }, 1e15);
          }
        } catch (error) {
          assert(error instanceof StoreError, `seed ${seed}: ${error}`);
          assert(
            ["corrupt", "format", "missing", "unreadable"].includes(error.kind),
            `seed ${seed}: ${error}`,
          );
          refused++;
        } finally {
          opened[0]?.close();
        }
      }
      assert(refused > 5, `only ${refused} of 30 damages were noticed`);
    }));
}

/** Changes the database behind the store's back. */
function tamper(path: string, ...statements: readonly string[]): void {
  for (const statement of statements) {
    const database = new DatabaseSync(path);
    // Missing in Deno's types.
    (database as DatabaseSync & { enableDefensive(on: boolean): void }).enableDefensive(false);
    database.exec(`PRAGMA writable_schema = ON; ${statement}`);
    database.close();
  }
}

const INDEX = "kv_expiration_ms_idx";
const HIDE_INDEX = `CREATE TABLE hidden AS SELECT * FROM sqlite_master WHERE name = '${INDEX}';
  DELETE FROM sqlite_master WHERE name = '${INDEX}'`;
const SHOW_INDEX = "INSERT INTO sqlite_master SELECT * FROM hidden; DROP TABLE hidden";

for (
  const [name, statements] of [
    ["value of a kind that would end the process", ["UPDATE kv SET v_encoding = 2"]],
    ["value that would be removed in the background", ["UPDATE kv SET expiration_ms = 5"]],
    [
      "lost entry",
      [HIDE_INDEX, "DELETE FROM kv WHERE k = (SELECT max(k) FROM kv)", SHOW_INDEX],
    ],
  ] as const
) {
  Deno.test(`a store with a ${name} is refused before anything reads it`, () =>
    withPath(async (path) => {
      const store = await openToWrite(path);
      await writeScan(store, 10);
      store.close();
      tamper(path, ...statements);
      for (const open of [openToRead, openToWrite]) {
        const error = await assertRejects(() => open(path), StoreError);
        assertEquals(error.kind, "corrupt", error.message);
      }
    }));
}
