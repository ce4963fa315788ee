import { assert, assertEquals, assertRejects } from "@std/assert";
import { evaluateDetection } from "../../engine/evaluate.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { loadView } from "../../engine/view.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { fillStoredColumns } from "../../store/mod.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Store } from "../../store/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

/** Evaluates a detection over events with these names; the sandbox's runs are counted. */
async function judge(sql: string, names: readonly string[], more = "") {
  let found: Judged | undefined;
  await withEngine(async (store, sandbox) => {
    found = await judgeIn(store, sandbox, detectionOf(sql, `mode: events\n${more}`), names);
  });
  return found!;
}

type Judged = Awaited<ReturnType<typeof judgeIn>>;

async function judgeIn(
  store: Store,
  sandbox: Sandbox,
  detection: CompiledDetection,
  names: readonly string[],
  firstPid = 0,
) {
  let runs = 0;
  const processes = batchOf("processes", [{ pid: 1, name: "n7" }, { pid: 2, name: "n7" }]);
  const [manifest = await storeScan(store, [[processes]])] = await store.scans({ limit: 1 });
  const rows = names.map((name, at) => ({
    pid: firstPid + at,
    name,
    event_type: "exec",
    event_time: NOW,
  }));
  const { scan_id, host } = manifest;
  const stored = { scan_id, host, collection_time: NOW };
  const events = [fillStoredColumns(batchOf("process_events", rows), stored)];
  const counting: Sandbox = { ...sandbox, run: (job) => (runs++, sandbox.run(job)) };
  const view = await loadView(store, manifest, CATALOGUE, counting, { events });
  const { evaluation, eventOf, excepted } = await evaluateDetection(
    detection,
    view,
    NOW,
    counting,
  );
  assert(evaluation.status === "evaluated", Deno.inspect(evaluation));
  const { result: { rows: found, truncated }, partial, unjudged } = evaluation;
  return { rows: found, truncated, partial, unjudged, eventOf, excepted, runs };
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
  const { rows, partial, unjudged } = await judge(
    "SELECT e.pid, json_extract(e.name, '$.x') AS x FROM process_events e",
    ['{"x":1}', "{}", "no json", '{"x":4}'],
  );
  assertEquals(rows, [[0, 1], [1, null], [3, 4]]);
  assertEquals([partial?.evaluated, partial?.of, unjudged], [3, 4, 1]);
});

Deno.test("evaluateEvents() has not evaluated events where the query fails on the only one that counts", async () => {
  const sql =
    "SELECT e.pid, json_extract(e.name, '$.x') AS x FROM process_events e WHERE e.name GLOB 'odd*'";
  const some = names.slice(0, 100);
  await assertRejects(
    () => judge(sql, some.with(50, "odd")),
    Error,
    'kind: "error", reason: "malformed JSON"',
  );
  const { partial, unjudged } = await judge(
    sql.replace("'odd*'", "'[o{]*'"),
    some.with(50, "odd").with(60, "{}"),
  );
  assertEquals([partial?.evaluated, partial?.of, unjudged], [99, 100, 1]);
});

Deno.test("evaluateEvents() judges a storm of matching events with a query for all of them", async () => {
  const { rows, runs } = await judge(
    "SELECT e.pid, e.name FROM process_events e WHERE e.name GLOB 'n*'",
    names,
  );
  assertEquals(rows, names.map((name, pid) => [pid, name]));
  assertEquals(runs, 3, "1,024 events at once");
});

Deno.test("evaluateEvents() finds the event that fails among a thousand by halving", async () => {
  const { partial, rows, runs } = await judge(
    "SELECT e.pid, json_extract(e.name, '$.x') AS x FROM process_events e",
    names.slice(0, 1_000).map((_, at) => at === 617 ? "no json" : "{}"),
  );
  assertEquals(rows.length, 999);
  assertEquals([partial?.evaluated, partial?.of], [999, 1_000]);
  assert(runs <= 21, `${runs} queries`);
});

/** Queries whose meaning could change where many events are judged at once. */
const FORMS = [
  "SELECT *, 1 AS one FROM process_events WHERE name IN (SELECT name FROM processes)",
  "SELECT pid, name FROM process_events WHERE name = 'n7' OR name = 'n8' -- a comment",
  "SELECT DISTINCT name FROM process_events",
  "SELECT e.name, p.pid FROM process_events e LEFT JOIN processes p USING (name) ORDER BY 2 DESC",
  "SELECT e.name, p.pid FROM process_events AS e, processes p WHERE e.name <> 'n3' LIMIT 1",
  "SELECT e.name, p.pid FROM process_events AS e, processes p ORDER BY p.pid DESC LIMIT 1 OFFSET 1",
  "SELECT e.name, p.pid FROM process_events e, processes p ORDER BY p.pid LIMIT (SELECT 2)",
  "SELECT e.pid, (SELECT count(*) FROM processes p WHERE p.name = e.name) AS twins FROM process_events e",
  "WITH seven AS (SELECT name FROM processes) SELECT e.pid FROM process_events e WHERE e.name IN seven",
  "SELECT e.pid FROM process_events e WHERE EXISTS (SELECT 1 FROM processes p WHERE p.name = e.name)",
  "SELECT e.pid, json_extract(e.name, '$.x') AS x FROM process_events e WHERE e.name LIKE '{%'",
  'SELECT "e"".x".pid FROM process_events "e"".x" WHERE ("e"".x".name) > \'n4\'',
] as const;

Deno.test("evaluateEvents() gives for many events what it gives for each of them", async () => {
  const some = ["n7", "n3", "n7", "n8", "{}", "{odd", '{"x":1}', "n3", "n7"];
  const except = "exceptions: [{ id: three, when: \"'n3' IN (name)\", reason: it is benign }]";
  await withEngine(async (store, sandbox) => {
    for (const sql of FORMS) {
      const exceptions = / e\.name, | pid, name /.test(sql) ? except : "";
      const detection = detectionOf(sql, `mode: events\n${exceptions}`);
      const together = await judgeIn(store, sandbox, detection, some);
      const singly = { rows: [] as Judged["rows"][number][], eventOf: [] as number[] };
      const excepted: number[] = [];
      for (const [event, name] of some.entries()) {
        const alone = await judgeIn(store, sandbox, detection, [name], event).catch(() =>
          undefined
        );
        for (const at of alone?.excepted.keys() ?? []) excepted.push(singly.rows.length + at);
        singly.rows.push(...alone?.rows ?? []);
        singly.eventOf.push(...(alone?.rows ?? []).map(() => event));
      }
      assertEquals(together.rows, singly.rows, sql);
      assertEquals(together.eventOf, singly.eventOf, sql);
      assertEquals([...together.excepted.keys()], excepted, sql);
    }
  });
});

Deno.test("evaluateEvents() alerts for an event of which not all is known, and judges it no further", async () => {
  await withEngine(async (store, sandbox) => {
    const manifest = await storeScan(store, [[batchOf("processes", [{ pid: 1 }])]]);
    const { scan_id, host } = manifest;
    const judged = async (name: string) => {
      const gap = { column: "user_name", reason: "not_collected", rows: "all" } as const;
      const row = { pid: 7, name, event_type: "exec", event_time: NOW, user_name: null };
      const stored = { scan_id, host, collection_time: NOW };
      const events = [fillStoredColumns(batchOf("process_events", [row], [gap]), stored)];
      const view = await loadView(store, manifest, CATALOGUE, sandbox, { events });
      const sql = "SELECT e.pid, e.user_name FROM process_events e WHERE e.name = 'bad'";
      return (await evaluateDetection(detectionOf(sql, "mode: events"), view, NOW, sandbox))
        .evaluation;
    };
    const found = await judged("bad");
    assert(found.status === "evaluated");
    assertEquals(found.result.rows, [[7, null]]);
    assertEquals([found.partial?.evaluated, found.partial?.of], [0, 1]);
    assertEquals(await judged("good"), {
      status: "not_evaluated",
      why: { kind: "unavailable", reason: "process_events: user_name not collected" },
    });
  });
});

Deno.test("evaluateEvents() asks no query of events that lead to nothing, nor of those around the others", async () => {
  const sql = "SELECT e.pid FROM process_events e WHERE e.name GLOB 'x*' AND e.event_type = 'exec'";
  const none = await judge(sql, names);
  assertEquals([none.rows, none.partial, none.runs], [[], undefined, 0]);
  const some = await judge(sql, names.map((name, at) => at === 1_500 || at === 1_600 ? "x" : name));
  assertEquals([some.rows, some.eventOf, some.runs], [[[1_500], [1_600]], [1_500, 1_600], 1]);
});
