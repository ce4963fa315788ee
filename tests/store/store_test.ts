import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { StoreError, type StoreErrorKind } from "../../store/mod.ts";
import { columnOf, openToRead, openToWrite, withPath, writeScan } from "./fixtures.ts";

async function assertKind(
  kind: StoreErrorKind,
  operation: () => Promise<unknown>,
): Promise<StoreError> {
  const error = await assertRejects(operation, StoreError);
  assertEquals(error.kind, kind, error.message);
  return error;
}

Deno.test("openStore() makes folders, file and lock for this user alone", {
  ignore: Deno.build.os === "windows",
}, () =>
  withPath(async (path) => {
    const deep = join(dirname(path), "a", "b", "state.kv");
    const store = await openToWrite(deep);
    const mode = (name: string) => Deno.statSync(name).mode! & 0o777;
    assertEquals(mode(dirname(deep)), 0o700);
    assertEquals(mode(dirname(dirname(deep))), 0o700);
    for (const suffix of ["", ".lock", "-wal", "-shm"]) assertEquals(mode(deep + suffix), 0o600);
    store.close();
  }));

Deno.test("openStore() keeps what was stored", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    assertEquals(await writeScan(first, 3), 1);
    first.close();
    const second = await openToWrite(path);
    assertEquals((await second.latest())?.scan_id, 1);
    assertEquals(await columnOf(second, 1, "id"), [0, 1, 2]);
    assertEquals(await writeScan(second, 1), 2);
    second.close();
  }));

Deno.test("openStore() to read says that there is no store, and makes none", () =>
  withPath(async (path) => {
    await assertKind("missing", () => openToRead(path));
    assertEquals([...Deno.readDirSync(dirname(path))], []);
    await Deno.writeFile(path, new Uint8Array());
    await assertKind("missing", () => openToRead(path));
  }));

Deno.test("openStore() takes an empty file for a new store", () =>
  withPath(async (path) => {
    await Deno.writeFile(path, new Uint8Array());
    const store = await openToWrite(path);
    assertEquals(await writeScan(store, 1), 1);
    store.close();
  }));

Deno.test("openStore() refuses a second writer and names the first", () =>
  withPath(async (path) => {
    const before = Date.now();
    const first = await openToWrite(path, "daemoneye agent");
    const error = await assertKind("locked", () => openToWrite(path));
    assertEquals(error.holder?.holder, "daemoneye agent");
    assertEquals(error.holder?.pid, Deno.pid);
    assert(error.holder!.since >= before && error.holder!.since <= Date.now());
    assertMatch(error.message, new RegExp(`daemoneye agent \\(pid ${Deno.pid}\\) since \\d{4}-`));
    first.close();
    const second = await openToWrite(path);
    second.close();
  }));

Deno.test("openStore() gives the lock back when it fails", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    store.close();
    await setFormat(path, "daemoneye-store 7");
    await assertKind("format", () => openToWrite(path));
    await setFormat(path, "daemoneye-store 1");
    (await openToWrite(path)).close();
  }));

async function setFormat(path: string, text: string): Promise<void> {
  const kv = await Deno.openKv(path);
  await kv.set(["format"], new TextEncoder().encode(text));
  kv.close();
}

for (const mode of ["read", "write"] as const) {
  const open = mode === "read" ? openToRead : openToWrite;

  Deno.test(`openStore() to ${mode} refuses a newer format and leaves it alone`, () =>
    withPath(async (path) => {
      const store = await openToWrite(path);
      await writeScan(store, 3);
      store.close();
      await setFormat(path, "daemoneye-store 7");
      const before = await Deno.readFile(path);
      const error = await assertKind("format", () => open(path));
      assertMatch(error.message, /store format 7; this program knows formats up to 2/);
      assertEquals(await Deno.readFile(path), before);
    }));

  Deno.test(`openStore() to ${mode} refuses what is no store and leaves it alone`, async (test) => {
    const sqlite = (path: string) => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE kv (k, v); INSERT INTO kv VALUES (1, 2)");
      database.close();
    };
    const otherKv = async (path: string) => {
      const kv = await Deno.openKv(path);
      await kv.set(["users", 1], { name: "somebody" });
      kv.close();
    };
    const truncated = async (path: string) => {
      const store = await openToWrite(path);
      await writeScan(store, 500);
      store.close();
      await Deno.truncate(path, 20_000);
    };
    const cases: [string, StoreErrorKind, (path: string) => unknown][] = [
      ["text", "format", (path) => Deno.writeTextFile(path, "a diary, not a store\n".repeat(99))],
      ["one byte", "format", (path) => Deno.writeFile(path, new Uint8Array(1))],
      [
        "random bytes",
        "format",
        (path) => Deno.writeFile(path, crypto.getRandomValues(new Uint8Array(9999))),
      ],
      ["a folder", "format", (path) => Deno.mkdir(path)],
      ["another program's database", "format", sqlite],
      ["another program's Deno KV", "format", otherKv],
      ["a truncated store", "corrupt", truncated],
    ];
    for (const [name, kind, make] of cases) {
      await test.step(name, () =>
        withPath(async (path) => {
          await make(path);
          const isFile = Deno.statSync(path).isFile;
          const before = isFile && await Deno.readFile(path);
          await assertKind(kind, () => open(path));
          if (isFile) assertEquals(await Deno.readFile(path), before as Uint8Array<ArrayBuffer>);
        }));
    }
  });
}

Deno.test("openStore() says when the folder cannot be written", {
  ignore: Deno.build.os === "windows",
}, () =>
  withPath(async (path) => {
    await Deno.writeTextFile(join(dirname(path), "file"), "");
    await assertKind("unreadable", () => openToWrite(join(dirname(path), "file", "state.kv")));
  }));
