import { assertEquals, assertThrows } from "@std/assert";
import { fillPatterns } from "../../../engine/patterns/fold.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { traffic_patterns } from "../../../profiles/views/traffic_patterns.ts";
import { tableDdl } from "../../../schema/ddl.ts";
import { viewDdl } from "../../../schema/view.ts";
import { DatabaseSync } from "../../../std/sqlite.ts";
import { finished } from "./finished.ts";

const BASE = "network_connections";

/** A database with a connection to each of so many hosts in each of eleven scans. */
function connected(hosts: number): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec(tableDdl(CATALOGUE.get(BASE)!, "linux"));
  db.exec(viewDdl(traffic_patterns));
  db.exec(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${11 * hosts})
    INSERT INTO ${BASE} (protocol, direction, local_address, local_port, remote_address,
      remote_port, created_time, state, collection_time, scan_id, host)
    SELECT 'tcp', 'outbound', '10.0.0.5', 1000 + i, '192.0.2.' || (i % ${hosts}), 443,
      60000 * (i / ${hosts}) + 1, 'established', 60000 * (i / ${hosts} + 1), i / ${hosts} + 1, 'h'
    FROM n`,
  );
  return db;
}

Deno.test("fillPatterns() says what it stores before it does, and stores it all", () => {
  using db = connected(70);
  let values = 0;
  finished(fillPatterns(db, traffic_patterns, (more) => values += more));
  const count = (of: string) =>
    Number(db.prepare(`SELECT count(*) AS n FROM traffic_patterns WHERE ${of}`).get()!.n);
  assertEquals([count("pattern_type = 'beacon'"), count("pattern_type = 'frequency'")], [70, 70]);
  assertEquals(count("scan_id = 11 AND host = 'h'"), count("TRUE"));
  assertEquals(values, 22 * count("TRUE"));
});

Deno.test("fillPatterns() makes no pattern where there is no room for those that there must be", () => {
  using db = connected(3);
  const spend = (more: number) => {
    if (more >= 22 * 3) throw new RangeError("no room");
  };
  assertThrows(() => finished(fillPatterns(db, traffic_patterns, spend)), RangeError, "no room");
  assertEquals(db.prepare("SELECT count(*) AS n FROM traffic_patterns").get()!.n, 0);
});
