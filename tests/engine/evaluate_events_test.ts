import { assert, assertEquals } from "@std/assert";
import { evaluateDetection } from "../../engine/evaluate.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { loadView } from "../../engine/view.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { fillStoredColumns } from "../../store/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

/** Evaluates a detection over events with these names; the sandbox's runs are counted. */
async function judge(sql: string, names: readonly string[]) {
  let found: Awaited<ReturnType<typeof evaluateDetection>> | undefined;
  let runs = 0;
  await withEngine(async (store, sandbox) => {
    const processes = batchOf("processes", [{ pid: 1, name: "n7" }]);
    const manifest = await storeScan(store, [[processes]]);
    const rows = names.map((name, pid) => ({ pid, name, event_type: "exec", event_time: NOW }));
    const { scan_id, host } = manifest;
    const stored = { scan_id, host, collection_time: NOW };
    const events = [fillStoredColumns(batchOf("process_events", rows), stored)];
    const counting: Sandbox = { ...sandbox, run: (job) => (runs++, sandbox.run(job)) };
    const view = await loadView(store, manifest, CATALOGUE, counting, { events });
    found = await evaluateDetection(detectionOf(sql, "mode: events"), view, NOW, counting);
  });
  const { evaluation, eventOf } = found!;
  assert(evaluation.status === "evaluated", Deno.inspect(evaluation));
  return { rows: evaluation.result.rows, partial: evaluation.partial, eventOf, runs };
}

const names = Array.from({ length: 2_500 }, (_, at) => `n${at}`);

Deno.test("evaluateEvents() finds the few events that lead to rows, with few queries", async () => {
  const { rows, eventOf, partial, runs } = await judge(
    "SELECT e.pid, p.pid AS seen FROM process_events e LEFT JOIN processes p ON p.name = e.name " +
      "WHERE e.name IN ('n0', 'n7', 'n1023', 'n1024', 'n2499') ORDER BY e.pid LIMIT 1",
    names,
  );
  assertEquals(rows, [[0, null], [7, 1], [1023, null], [1024, null], [2499, null]]);
  assertEquals(eventOf, [0, 7, 1023, 1024, 2499]);
  assertEquals(partial, undefined);
  assert(runs < 120, `${runs} queries for ${names.length} events`);
});

Deno.test("evaluateEvents() judges every other event where one makes the query fail", async () => {
  const { rows, partial } = await judge(
    "SELECT e.pid, json_extract(e.name, '$.x') AS x FROM process_events e",
    ['{"x":1}', "{}", "no json", '{"x":4}'],
  );
  assertEquals(rows, [[0, 1], [1, null], [3, 4]]);
  assertEquals([partial?.evaluated, partial?.of], [3, 4]);
});
