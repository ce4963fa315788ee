import { assert, assertEquals } from "@std/assert";
import {
  type DetectionEvaluation,
  evaluateDetection,
  evaluateQuery,
} from "../../engine/evaluate.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { loadView, type View } from "../../engine/view.ts";
import type { TableOutcome } from "../../model/collection.ts";
import type { NotEvaluated } from "../../model/verdict.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

const PROCESSES = [
  { pid: 1, name: "init", executable_path: "/sbin/init", command_line: "init" },
  { pid: 2, name: "kworker", executable_path: "/tmp/kworker", command_line: "x" },
  { pid: 3, name: "sleep", executable_path: "/tmp/sleep", command_line: null },
];

/** Calls back with a view of a scan of {@linkcode PROCESSES}, or of another table. */
function withView(
  use: (view: View, sandbox: Sandbox) => Promise<void>,
  batch: RecordBatch = batchOf("processes", PROCESSES),
  outcome: TableOutcome = { status: "complete" },
): Promise<void> {
  return withEngine(async (store, sandbox) => {
    const manifest = await storeScan(store, [[batch, outcome]]);
    await use(await loadView(store, manifest, CATALOGUE, sandbox), sandbox);
  });
}

function rowsOf({ evaluation }: DetectionEvaluation): readonly unknown[] {
  assert(evaluation.status === "evaluated", Deno.inspect(evaluation));
  return evaluation.result.rows;
}

function whyNot({ evaluation }: Pick<DetectionEvaluation, "evaluation">): NotEvaluated {
  assert(evaluation.status === "not_evaluated", Deno.inspect(evaluation));
  return evaluation.why;
}

Deno.test("evaluateDetection() gives the rows of the SQL with its parameters bound", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf(
      "SELECT pid, name, :now AS now, :since AS since, :scan_id AS scan, scan_id, host, collection_time FROM processes WHERE executable_path GLOB '/tmp/*' ORDER BY pid;",
    );
    const result = await evaluateDetection(detection, view, NOW, sandbox);
    assertEquals(rowsOf(result), [
      [2, "kworker", NOW, null, 1, 1, "host-a", NOW],
      [3, "sleep", NOW, null, 1, 1, "host-a", NOW],
    ]);
    assertEquals(result.excepted, new Map());
  }));

Deno.test("evaluateDetection() marks the rows of which an exception is true, and only those", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf(
      "SELECT pid, name, command_line FROM processes ORDER BY pid -- all",
      `exceptions:
  - { id: one, when: "command_line = 'init' -- the first", reason: known }
  - { id: other, when: "command_line LIKE 'nothing' OR pid & 2 AND pid < 3", reason: known }`,
    );
    const { evaluation, excepted } = await evaluateDetection(detection, view, NOW, sandbox);
    assert(evaluation.status === "evaluated", Deno.inspect(evaluation));
    // The third row's command line is NULL: neither exception is true of it.
    assertEquals(excepted, new Map([[0, "one"], [1, "other"]]));
    assertEquals(evaluation.result.rows, [[1, "init", "init"], [2, "kworker", "x"], [
      3,
      "sleep",
      null,
    ]]);
    assertEquals(evaluation.result.columns.map(({ name }) => name), [
      "pid",
      "name",
      "command_line",
    ]);
  }));

Deno.test("evaluateDetection() lets an exception end after the day on which it expires", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf(
      "SELECT pid FROM processes",
      `exceptions: [{ id: one, when: pid > 0, reason: known, expires: 2026-01-01 }]`,
    );
    const day = 86_400_000;
    const later = (now: number) => ({
      ...view,
      collected: new Map(
        [...view.collected].map(([table, one]) => [table, { ...one, collection_time: now }]),
      ),
    });
    assertEquals((await evaluateDetection(detection, later(NOW), NOW, sandbox)).excepted.size, 3);
    assertEquals(
      (await evaluateDetection(detection, later(NOW + day - 1), NOW + day - 1, sandbox)).excepted
        .size,
      3,
    );
    const after = await evaluateDetection(detection, later(NOW + day), NOW + day, sandbox);
    assertEquals([rowsOf(after).length, after.excepted.size], [3, 0]);
  }));

Deno.test("evaluateDetection() does not evaluate over a table that could not be had, or was not asked for", async () => {
  const detection = detectionOf("SELECT pid FROM processes");
  const users = detectionOf("SELECT p.pid FROM processes p JOIN users u ON u.user_id = p.user_id");
  await withView(
    async (view, sandbox) => {
      const why = whyNot(await evaluateDetection(detection, view, NOW, sandbox));
      assertEquals(why, { kind: "unavailable", reason: "processes: no permission" });
    },
    batchOf("processes", []),
    { status: "unavailable", reason: "no permission" },
  );
  await withView(async (view, sandbox) => {
    const why = whyNot(await evaluateDetection(users, view, NOW, sandbox));
    assertEquals(why, { kind: "unavailable", reason: "users was not collected" });
  });
});

Deno.test("evaluateDetection() evaluates over an empty table", () =>
  withView(
    async (view, sandbox) => {
      assertEquals(
        rowsOf(
          await evaluateDetection(detectionOf("SELECT pid FROM processes"), view, NOW, sandbox),
        ),
        [],
      );
      const counted = detectionOf("SELECT count(*) AS n FROM processes");
      assertEquals(rowsOf(await evaluateDetection(counted, view, NOW, sandbox)), [[0]]);
    },
    batchOf("processes", []),
  ));

Deno.test("evaluateDetection() tells on how many rows it could judge, and still matches", () =>
  withView(
    async (view, sandbox) => {
      const sql = (column: string) =>
        `SELECT pid FROM processes WHERE ${column} IS NOT NULL ORDER BY pid`;
      const judge = (column: string) =>
        evaluateDetection(detectionOf(sql(column)), view, NOW, sandbox);
      const partly = (await judge("command_line")).evaluation;
      assert(partly.status === "evaluated");
      assertEquals(partly.partial, {
        evaluated: 2,
        of: 3,
        reason: "processes: command_line denied",
      });
      assertEquals(partly.result.rows, [[1], [2]]);
      const whole = (await judge("name")).evaluation;
      assert(whole.status === "evaluated" && !whole.partial);
      assertEquals(whyNot(await judge("environment_variables")), {
        kind: "unavailable",
        reason: "processes: environment_variables not read in time",
      });
    },
    batchOf("processes", PROCESSES, [
      { column: "command_line", reason: "denied", rows: [2] },
      { column: "environment_variables", reason: "deadline", rows: "all" },
    ]),
  ));

Deno.test("evaluateDetection() says that rows beyond the limit do not count", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf(
      "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 10001) SELECT p.pid, c.n FROM processes p JOIN c ON p.pid = 1",
    );
    const { evaluation } = await evaluateDetection(detection, view, NOW, sandbox);
    assert(evaluation.status === "evaluated" && evaluation.result.truncated);
    assertEquals(evaluation.result.rows.length, 10_000);
    assertEquals(evaluation.partial, {
      evaluated: 3,
      of: 3,
      reason: "only the first 10000 rows of the result count",
    });
  }));

Deno.test("evaluateDetection() does not evaluate over rows older than two periods", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf("SELECT pid FROM processes", "schedule: { every: 10m }");
    assertEquals(
      rowsOf(await evaluateDetection(detection, view, NOW + 1_200_000, sandbox)).length,
      3,
    );
    const why = whyNot(await evaluateDetection(detection, view, NOW + 1_201_000, sandbox));
    assertEquals(why.kind, "unavailable");
    assertEquals(why.reason, "processes was read more than two periods of the detection ago");
  }));

Deno.test("evaluateDetection() says of events mode that a single scan has no events", () =>
  withView(async (view, sandbox) => {
    const detection = detectionOf("SELECT pid, name FROM process_events", "mode: events");
    assertEquals(whyNot(await evaluateDetection(detection, view, NOW, sandbox)), {
      kind: "unsupported",
      reason: "mode events needs the agent",
    });
  }));

Deno.test("evaluateDetection() turns failures of the sandbox into verdicts", () =>
  withView(async (view, sandbox) => {
    const endless = detectionOf(
      "WITH RECURSIVE c(n) AS (SELECT pid FROM processes UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c",
      "schedule: { every: 60s, timeout: 1s }",
    );
    const why = whyNot(await evaluateDetection(endless, view, NOW, sandbox));
    assertEquals(why, { kind: "resource", reason: "timeout of 1 s exceeded" });
    const broken = detectionOf(
      "SELECT abs(-9223372036854775807 - min(pid, 1)) AS n FROM processes",
    );
    assertEquals(whyNot(await evaluateDetection(broken, view, NOW, sandbox)).kind, "error");
  }));

Deno.test("evaluateQuery() evaluates a query that belongs to no detection", () =>
  withView(async (view, sandbox) => {
    const { detection: _, ...query } = detectionOf("SELECT name FROM processes WHERE pid = 2");
    const evaluation = await evaluateQuery(query, view, { now: NOW + 1e9 }, sandbox, 5_000);
    assert(evaluation.status === "evaluated");
    assertEquals(evaluation.result.rows, [["kworker"]]);
  }));
