import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compileQuery } from "../../../compiler/mod.ts";
import { PROBE } from "../../../engine/sandbox/probe.ts";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { DatabaseSync } from "../../../std/sqlite.ts";

const SQL = `SELECT x FROM t WHERE ${PROBE}(0, NOT (x)) OR ${PROBE}(1, NOT (x > 1))`;

function image(): Uint8Array<ArrayBuffer> {
  using db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (x); INSERT INTO t VALUES (0), (NULL), (1), ('2 apples'), ('apples')");
  return db.serialize() as Uint8Array<ArrayBuffer>;
}

Deno.test("probes count what SQLite takes for true, and only where they are asked for", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const query = { image: sandbox.load(image()), sql: SQL, parameters: {}, timeout: 10_000 };
  const probed = await sandbox.run({ ...query, probes: 2 });
  assert(probed.status === "done");
  // Text is greater than any number.
  assertEquals(probed.rows, [[1], ["2 apples"], ["apples"]]);
  assertEquals(probed.probes, [[2, 2, 1], [1, 1, 1]]);
  const plain = await sandbox.run(query);
  assert(plain.status === "failed");
  assertStringIncludes(plain.reason, "not authorized");
  // And not from an earlier query that might.
  const again = await sandbox.run({ ...query, probes: 2 });
  assert(again.status === "done");
  assertEquals(again.probes, probed.probes);
});

Deno.test("probes are refused in detections", () => {
  const sql = `SELECT pid FROM processes WHERE ${PROBE}(0, pid)`;
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(query, null);
  assertEquals(diagnostics.map(({ code }) => code), ["refused-function"]);
});
