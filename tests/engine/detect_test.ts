import { assert, assertEquals, assertMatch } from "@std/assert";
import { detect, type DetectOptions, type DetectResult } from "../../engine/detect.ts";
import { OPERATIONAL_RULE_ID } from "../../engine/operational.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type Store, StoreError } from "../../store/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

const HOUR = 3_600_000;
const ENDLESS =
  "WITH RECURSIVE c(n) AS (SELECT pid FROM processes UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c";
const BROKEN = "SELECT abs(-9223372036854775807 - min(pid, 1)) AS n FROM processes";

/** Stores a scan of processes and judges it. */
async function judge(
  store: Store,
  sandbox: Sandbox,
  detections: readonly CompiledDetection[],
  now = NOW,
  more: Partial<DetectOptions> = {},
): Promise<DetectResult> {
  const rows = [{ pid: 7, name: "a" }, { pid: 8, name: "b" }, { pid: 8, name: "b" }];
  const manifest = await storeScan(store, [[batchOf("processes", rows)]], now);
  return await detect({ store, manifest, sandbox, detections, catalogue: CATALOGUE, now, ...more });
}

async function storedAlerts(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of store.alerts()) ids.push(id);
  return ids;
}

Deno.test("detect() stores an alert for each key once per window, and counts the others", () =>
  withEngine(async (store, sandbox) => {
    const detection = detectionOf(
      "SELECT pid, name FROM processes",
      "suppression: { by: [name], for: 1h }",
    );
    const first = await judge(store, sandbox, [detection]);
    assertEquals(first.alerts.map(({ alert_data }) => alert_data.name), ["a", "b"]);
    assertEquals(first.alerts.map(({ suppressed_count }) => suppressed_count), [0, 1]);
    assertEquals(first.runs.map(({ suppressed }) => suppressed), [1]);
    assertEquals((await storedAlerts(store)).sort(), first.alerts.map(({ id }) => id).sort());

    const within = await judge(store, sandbox, [detection], NOW + HOUR - 1);
    assertEquals([within.alerts.length, within.runs[0]?.suppressed], [0, 3]);
    const later = await judge(store, sandbox, [detection], NOW + HOUR);
    assertEquals(later.alerts.length, 2);
  }));

Deno.test("detect() raises nothing for rows that an exception excludes", () =>
  withEngine(async (store, sandbox) => {
    const detection = detectionOf(
      "SELECT pid, name FROM processes",
      "exceptions: [{ id: known, when: name = 'b', reason: known }]",
    );
    const { alerts, runs } = await judge(store, sandbox, [detection]);
    assertEquals(alerts.map(({ alert_data }) => alert_data.name), ["a"]);
    assertEquals(runs[0]?.excepted.size, 2);
  }));

Deno.test("detect() lets good detections report beside bad ones, in the order of detections", () =>
  withEngine(async (store, sandbox) => {
    const detections = [
      detectionOf("SELECT pid FROM processes WHERE pid = 7"),
      detectionOf(ENDLESS, "schedule: { every: 60s, timeout: 1s }"),
      detectionOf(BROKEN),
      detectionOf("SELECT u.user_id FROM users u"),
      detectionOf("SELECT name FROM processes WHERE pid = 7"),
    ];
    const told: string[] = [];
    const { alerts, runs } = await judge(store, sandbox, detections, NOW, {
      onProgress: (text) => told.push(text),
    });
    assertEquals(alerts.map(({ alert_data }) => ({ ...alert_data })), [{ pid: 7 }, { name: "a" }]);
    const reasons = runs.map(({ evaluation }) =>
      evaluation.status === "evaluated"
        ? "evaluated"
        : `${evaluation.why.kind}: ${evaluation.why.reason}`
    );
    assertEquals(reasons, [
      "evaluated",
      "resource: timeout of 1 s exceeded",
      "error: integer overflow",
      "unavailable: users was not collected",
      "evaluated",
    ]);
    assertEquals(told.at(-1), "evaluating: 5 of 5");
  }));

Deno.test("detect() disables a detection after three errors in a row, says so, and runs it again when it has changed", () =>
  withEngine(async (store, sandbox) => {
    const id = "00000000-0000-4000-8000-00000000000a";
    const broken = detectionOf(BROKEN, "", id);
    const kinds: string[] = [];
    const titles: string[] = [];
    for (let round = 0; round < 4; round++) {
      const { runs, alerts } = await judge(store, sandbox, [broken]);
      const { evaluation } = runs[0]!;
      assert(evaluation.status === "not_evaluated");
      kinds.push(evaluation.why.kind);
      titles.push(...alerts.map(({ title }) => title));
    }
    assertEquals(kinds, ["error", "error", "error", "disabled"]);
    assertEquals(titles.length, 1);
    assertMatch(titles[0]!, /is switched off: it failed 3 times in a row: integer overflow/);
    assertMatch(
      (await store.ruleState(id))!.disabled_reason!,
      /3 times in a row: integer overflow/,
    );
    const mended = detectionOf("SELECT pid FROM processes WHERE pid = 7", "", id);
    assertEquals((await judge(store, sandbox, [mended])).alerts.length, 1);
    assertEquals((await store.ruleState(id))!.failures, 0);
  }));

Deno.test("detect() pauses a detection that exceeds limits, tells so loudly, and tries again", () =>
  withEngine(async (store, sandbox) => {
    const id = "00000000-0000-4000-8000-00000000000b";
    const endless = detectionOf(ENDLESS, "schedule: { every: 60s, timeout: 1s }", id);
    let last: DetectResult | undefined;
    for (let round = 0; round < 3; round++) {
      last = await judge(store, sandbox, [endless], NOW + round);
    }
    const [alert] = last!.alerts;
    assertEquals(alert?.rule_id, OPERATIONAL_RULE_ID);
    assertEquals(alert?.severity, "high");
    assertMatch(alert!.title, /is paused: timeout of 1 s exceeded/);
    assertEquals(await storedAlerts(store), [alert!.id]);

    const paused = (await judge(store, sandbox, [endless], NOW + 30_000)).runs[0]!.evaluation;
    assert(paused.status === "not_evaluated" && paused.why.kind === "disabled");
    assertMatch(paused.why.reason, /resource limits were exceeded 3 times/);
    const again = await judge(store, sandbox, [endless], NOW + 70_000);
    assert(again.runs[0]!.evaluation.status === "not_evaluated");
    assertEquals(again.runs[0]!.evaluation.why.kind, "resource");
    assertEquals(again.alerts, [], "it was told within the hour");
  }));

Deno.test("detect() leaves alone what an operator switched off", () =>
  withEngine(async (store, sandbox) => {
    const detection = detectionOf("SELECT pid FROM processes");
    await store.setRuleState({
      rule_id: detection.detection.meta.id,
      enabled: false,
      disabled_by: "operator",
      disabled_reason: "too noisy",
      failures: 0,
      digest: detection.digest,
    });
    const { runs, alerts } = await judge(store, sandbox, [detection]);
    assertEquals(runs[0]!.evaluation, {
      status: "not_evaluated",
      why: { kind: "disabled", reason: "disabled: too noisy" },
    });
    assertEquals(alerts, []);
  }));

Deno.test("detect() evaluates the others where the history of one cannot be read", () =>
  withEngine(async (store, sandbox) => {
    const sql = "SELECT pid FROM processes WHERE pid = 7";
    const detections = [detectionOf(sql, "lookback: 1h"), detectionOf(sql)];
    await judge(store, sandbox, []);
    const [old] = await store.scans();
    const damaged: Store = {
      ...store,
      async *batches(scan_id, table) {
        if (scan_id === old!.scan_id) throw new StoreError("corrupt", "a page is damaged");
        yield* store.batches(scan_id, table);
      },
    };
    const { runs } = await judge(damaged, sandbox, detections);
    assertEquals(runs[0]!.evaluation, {
      status: "not_evaluated",
      why: {
        kind: "unavailable",
        reason: "the history of `lookback` cannot be read: a page is damaged",
      },
    });
    assertEquals(runs[1]!.evaluation.status, "evaluated");
  }));

Deno.test("detect() gives alerts that the store could not keep, and the reason", () =>
  withEngine(async (store, sandbox) => {
    const full: Store = {
      ...store,
      commitHits: () => Promise.reject(new StoreError("full", "no space is left")),
    };
    const detections = [
      detectionOf("SELECT pid FROM processes WHERE pid = 7"),
      detectionOf("SELECT name FROM processes"),
    ];
    const { alerts, problem } = await judge(full, sandbox, detections);
    assertEquals(alerts.map(({ alert_data }) => ({ ...alert_data })), [{ pid: 7 }, { name: "a" }, {
      name: "b",
    }]);
    assertEquals(problem?.message, "no space is left");
  }));
