import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { fromFileUrl } from "@std/path";
import { openDatabase } from "../../store/database.ts";
import { StoreError, type StoreReader } from "../../store/mod.ts";
import {
  collect,
  columnOf,
  nameOf,
  openToRead,
  openToWrite,
  withPath,
  writeScan,
} from "./fixtures.ts";

interface Child {
  readonly pid: number;
  /** The acknowledgements so far. */
  readonly lines: string[];
  kill(): Promise<void>;
}

async function startWriter(...args: string[]): Promise<Child> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", fromFileUrl(import.meta.resolve("./endless_writer.ts")), ...args],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const reading = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
      resolve();
    }
    resolve();
  })();
  await started;
  return {
    pid: child.pid,
    lines,
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await reading;
    },
  };
}

/** Reads a scan and checks that each of its rows is there and its own. */
async function assertWhole(store: StoreReader, scan_id: number): Promise<void> {
  const names = await columnOf(store, scan_id, "name");
  assertEquals(names.length, (await store.manifest(scan_id))?.tables[0]?.rows);
  names.forEach((name, row) => {
    if (name !== nameOf(scan_id, row)) throw new Error(`row ${row} of scan ${scan_id} is wrong`);
  });
}

Deno.test("a writer killed at any moment leaves whole scans, whole alerts and nothing else", () =>
  withPath(async (path) => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 20; round++) {
      const child = await startWriter(path);
      await delay(Math.random() * 150);
      await child.kill();
      assert(child.lines.length > 0, "the writer must have written");
      acknowledged.push(...child.lines);

      const store = await openToWrite(path);
      const scans = await store.scans();
      const own = await writeScan(store, 10);
      await assertWhole(store, own);
      assert(scans.every(({ scan_id }) => scan_id < own), "ids are never given twice");
      for (const { scan_id } of scans.slice(-3)) await assertWhole(store, scan_id);
      const known = new Set(scans.map(({ scan_id }) => `scan ${scan_id}`));
      const alerts = await collect(store.alerts());
      for (const { id } of alerts) known.add(`alert ${id}`);
      for (const line of acknowledged) assert(known.has(line), `${line} was acknowledged`);
      const keys = [...new Set(alerts.map(({ dedupe_key }) => dedupe_key))];
      const windows = await store.windows("rule-1", keys);
      assertEquals(windows.size, keys.length);
      const ids = new Set(alerts.map(({ id }) => id));
      for (const { alert_id } of windows.values()) assert(ids.has(alert_id));
      store.close();
      await assertNothingElse(path, new Set([...scans.map(({ scan_id }) => scan_id), own]), ids);
    }
  }));

async function assertNothingElse(
  path: string,
  scanIds: ReadonlySet<unknown>,
  alertIds: ReadonlySet<unknown>,
): Promise<void> {
  const database = await openDatabase(path);
  for await (const { key: [kind, id] } of database.list({ prefix: [] })) {
    if (kind === "page") assert(scanIds.has(id), `a page of scan ${String(id)} was left behind`);
    if (kind === "alert_part") assert(alertIds.has(id), "a part of an alert was left behind");
    assert(kind !== "unfinished", "a mark was left behind");
  }
  database.close();
}

Deno.test("readers beside a writer that also removes see whole scans or none", () =>
  withPath(async (path) => {
    const child = await startWriter(path, "1");
    const reader = await openToRead(path);
    const outcomes = { whole: 0, expired: 0 };
    const seen = () => outcomes.whole > 1 && outcomes.expired > 0 && child.lines.length > 6;
    // As long as it takes on a busy machine; a writer that is held up never gets there.
    const until = Date.now() + 60_000;
    for (let round = 0; !seen() && Date.now() < until; round++) {
      const { scan_id } = (await reader.latest())!;
      try {
        let rows = 0;
        for await (const batch of reader.batches(scan_id, "things")) {
          rows += batch.rows;
          // Every other time the writer is let past, so that the scan goes while it is read.
          if (round % 2 === 1) await delay(50);
        }
        assertEquals(rows, 24_000);
        outcomes.whole++;
      } catch (error) {
        assert(error instanceof StoreError, `${error}`);
        assert(error.kind === "expired" || error.kind === "missing", `${error}`);
        outcomes.expired++;
      }
    }
    reader.close();
    await child.kill();
    assert(seen(), `${JSON.stringify(outcomes)}, ${child.lines.length} scans written`);
  }));

Deno.test("a second process that wants to write is told who does, until that one dies", () =>
  withPath(async (path) => {
    const child = await startWriter(path);
    const error = await assertRejects(() => openToWrite(path), StoreError);
    assertEquals(error.kind, "locked");
    assertEquals(error.holder?.pid, child.pid);
    assertMatch(error.message, new RegExp(`endless writer \\(pid ${child.pid}\\)`));
    await child.kill();
    const store = await openToWrite(path);
    await writeScan(store, 1);
    store.close();
  }));
