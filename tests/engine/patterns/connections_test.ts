import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readConnections } from "../../../engine/patterns/connections.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { tableDdl } from "../../../schema/ddl.ts";
import { DatabaseSync } from "../../../std/sqlite.ts";
import { finished } from "./finished.ts";
import "../../seed.ts";

const TABLE = "network_connections";

type Value = string | number | bigint | null;

/** What is read of rows; columns that they do not give are those of a connection of this host. */
function read(rows: readonly Readonly<Record<string, Value>>[]) {
  using db = new DatabaseSync(":memory:");
  db.exec(tableDdl(CATALOGUE.get(TABLE)!, "linux"));
  for (const row of rows) {
    const whole = {
      protocol: "tcp",
      direction: "outbound",
      local_address: "10.0.0.5",
      local_port: 40_000,
      remote_address: "192.0.2.1",
      remote_port: 443,
      state: "established",
      collection_time: 1000,
      ...row,
    };
    const names = Object.keys(whole);
    db.prepare(
      `INSERT INTO ${TABLE} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    ).run(...Object.values(whole));
  }
  return finished(readConnections(db, TABLE));
}

const starts = (rows: Parameters<typeof read>[0]) => read(rows).all.map(({ start }) => start);

Deno.test("readConnections() counts a connection once, however often it was seen", () => {
  const { all, scans } = read([
    { created_time: 900, collection_time: 1000 },
    { created_time: 900, collection_time: 2000 },
    { created_time: 900, collection_time: 2000, pid: 7, process_key: "k", process_name: "sh" },
    { created_time: 900, collection_time: 3000, state: "time_wait" },
  ]);
  assertEquals(scans, [1000, 2000, 3000]);
  assertEquals(all.map(({ start, seen, exact, holder }) => ({ start, seen, exact, holder })), [{
    start: 900,
    seen: 1000,
    exact: false,
    holder: { pid: 7, process_key: "k", process_name: "sh" },
  }]);
});

Deno.test("readConnections() tells a later connection with the same ends", () => {
  assertEquals(
    starts([
      { created_time: 900, collection_time: 1000 },
      { created_time: 1500, collection_time: 2000 },
    ]),
    [900, 1500],
  );
  // Closed since the last look: to who has not seen it open, it began then.
  assertEquals(
    starts([
      { created_time: 900, collection_time: 1000 },
      { created_time: 1500, collection_time: 2000, state: "time_wait" },
      { created_time: 1503, collection_time: 3000, state: "time_wait" },
    ]),
    [900],
  );
  assertEquals(
    starts([
      { created_time: 900, collection_time: 1000, state: "time_wait" },
      { created_time: 1500, collection_time: 2000, state: "time_wait" },
    ]),
    [900, 1500],
  );
  assertEquals(starts([{ created_time: null }, { created_time: null, collection_time: 2000 }]), [
    null,
  ]);
});

Deno.test("readConnections() takes both ends on this host for one, held by who opened it", () => {
  const client = { local_address: "127.0.0.1", remote_address: "127.0.0.1", created_time: 1000 };
  const server = { ...client, direction: "inbound", local_port: 443, remote_port: 40_000 };
  for (
    const rows of [[{ ...server, pid: 2 }, { ...client, pid: 1 }], [{ ...client, pid: 1 }, {
      ...server,
      pid: 2,
    }]]
  ) {
    const { all } = read(rows);
    assertEquals(all.map((one) => [one.destinationPort, one.outbound, one.holder?.pid]), [
      [443, true, 1],
    ]);
  }
});

Deno.test("readConnections() leaves out what has no two ends, and numbers that are none", () => {
  const huge = 2n ** 62n;
  assertEquals(
    read([
      { remote_address: null, remote_port: null, direction: null, state: "listening" },
      { protocol: "unix", local_address: "/run/x", local_port: null, direction: "inbound" },
      { remote_port: huge },
      { local_port: -1 },
      { collection_time: huge },
    ]).all,
    [],
  );
  const [odd] = read([{ created_time: huge, pid: huge }]).all;
  assertEquals([odd!.start, odd!.holder], [null, undefined]);
});

Deno.test("readConnections() throws at nothing that a column can hold", () => {
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.constant(null),
  );
  const row = fc.record(
    Object.fromEntries(
      ["created_time", "collection_time", "pid", "local_port", "remote_port", "state", "direction"]
        .map((name) => [name, value]),
    ),
  );
  fc.assert(fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
    read(rows as Parameters<typeof read>[0]);
  }));
});
