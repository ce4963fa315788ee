import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Collectors } from "../../collectors/mod.ts";
import { planCollection } from "../../engine/collect.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { scan, type ScanOptions } from "../../engine/scan.ts";
import type { Alert } from "../../model/alert.ts";
import type { CollectionTask, TableOutcome } from "../../model/collection.ts";
import type { Sink } from "../../model/sink.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import { type Store, StoreError } from "../../store/mod.ts";
import { batchOf, detectionOf, withEngine } from "./support.ts";

type Given = readonly (readonly [RecordBatch, TableOutcome?])[];

/** Collectors that supply what is given, and remember what they were asked for. */
function collectorsOf(given: Given): Collectors & { readonly tasks: CollectionTask[] } {
  const tasks: CollectionTask[] = [];
  const close = () => Promise.resolve();
  return {
    tasks,
    supports: (table) => given.some(([batch]) => batch.table === table),
    async *collect(task) {
      tasks.push(task);
      const [batch, outcome] = given.find(([batch]) => batch.table === task.table)!;
      if (batch.rows > 0) yield await Promise.resolve(batch);
      return outcome ?? { status: "complete" };
    },
    watch: () => {
      throw new Error("nobody watches");
    },
    statuses: () => [],
    start: close,
    drain: close,
    reports: () => [{ name: "testmond", confinement: "none", rows: 2, dropped: 0, duration_ms: 1 }],
    close,
    [Symbol.asyncDispose]: close,
  };
}

function sinkOf(name: string, send: (alert: Alert) => Promise<void>): Sink {
  return { name, send, healthCheck: () => Promise.resolve({ healthy: true }) };
}

const PROCESSES = batchOf("processes", [
  { pid: 7, name: "a", user_id: 0 },
  { pid: 8, name: "b", user_id: 1 },
], [{ column: "command_line", reason: "denied", rows: [1] }]);

function optionsOf(
  store: Store,
  sandbox: Sandbox,
  more: Pick<ScanOptions, "detections"> & Partial<ScanOptions>,
): ScanOptions {
  const collectors = collectorsOf([[PROCESSES]]);
  return {
    store,
    sandbox,
    collectors,
    catalogue: CATALOGUE,
    platform: "linux",
    host: "host-a",
    sinks: [],
    ...more,
  };
}

Deno.test("planCollection() asks once for each table, for the columns that any query reads", () => {
  const reads = (table: string, ...columns: string[]) => ({ tables: [{ table, columns }] });
  const tasks = planCollection([
    reads("users", "user_id"),
    reads("processes", "pid", "name"),
    reads("processes", "name", "ppid"),
  ]);
  assertEquals(tasks.map(({ table, project }) => [table, project]), [
    ["processes", ["name", "pid", "ppid"]],
    ["users", ["user_id"]],
  ]);
});

Deno.test("scan() collects what the detections read, and sums up what became of them", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf([[PROCESSES]]);
    const detections = [
      detectionOf("SELECT pid, name FROM processes WHERE user_id = 0"),
      detectionOf("SELECT pid FROM processes WHERE pid = 99"),
      detectionOf("SELECT pid FROM processes WHERE command_line IS NOT NULL"),
      detectionOf("SELECT user_id FROM users"),
      detectionOf("SELECT pid FROM processes WHERE user_id = 0", "enabled: false"),
      { ...detectionOf("SELECT pid FROM processes WHERE user_id = 0"), ...macos() },
    ];
    const { summary, alerts, undelivered } = await scan(
      optionsOf(store, sandbox, { detections, collectors }),
    );
    assertEquals(alerts.map(({ alert_data }) => ({ ...alert_data })), [{ pid: 7, name: "a" }]);
    assertEquals(undelivered, []);
    const id = (index: number) => detections[index]!.detection.meta.id;
    const { duration_ms, ...rest } = summary;
    assert(duration_ms >= 0);
    assertEquals(rest, {
      kind: "summary",
      scan_id: 1,
      host: "host-a",
      rows: { processes: 2, users: 0 },
      detections: 4,
      matched: 1,
      alerts: 1,
      suppressed: 0,
      not_evaluated: [{
        rule_id: id(3),
        reason: "users: no collector of this version supplies it here",
      }],
      partial: [{
        rule_id: id(2),
        evaluated: 1,
        of: 2,
        reason: "processes: command_line denied",
      }],
      collectors: collectors.reports(),
    });
    assertEquals(collectors.tasks.map(({ table, project }) => [table, project]), [
      ["processes", ["command_line", "name", "pid", "user_id"]],
    ]);
    assertEquals((await store.latest())?.tables.map(({ rows }) => rows), [2, 0]);

    const again = await scan(optionsOf(store, sandbox, { detections }));
    assertEquals([again.summary.scan_id, again.summary.alerts, again.summary.suppressed], [
      2,
      0,
      1,
    ]);
  }));

/** The front-matter of a detection for another platform. */
function macos(): Pick<ReturnType<typeof detectionOf>, "detection"> {
  const { detection } = detectionOf("SELECT pid FROM processes");
  return { detection: { ...detection, meta: { ...detection.meta, platforms: ["macos"] } } };
}

Deno.test("scan() collects processes whatever the detections read", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf([[PROCESSES], [batchOf("users", [{ user_id: 0 }])]]);
    const detections = [detectionOf("SELECT user_id FROM users")];
    const { summary } = await scan(optionsOf(store, sandbox, { detections, collectors }));
    assertEquals(summary.rows, { processes: 2, users: 1 });
  }));

Deno.test("scan() tells every sink, after the store, also where another sink fails", () =>
  withEngine(async (store, sandbox) => {
    const told: string[] = [];
    const sinks = [
      sinkOf("broken", () => Promise.reject(new Error("the disk is full"))),
      sinkOf("good", async ({ id, alert_data }) => {
        assert(await store.alert(id), "the alert is stored before it is told");
        told.push(String(alert_data.name));
      }),
    ];
    const detections = [detectionOf("SELECT name FROM processes ORDER BY name")];
    const { alerts, undelivered } = await scan(optionsOf(store, sandbox, { detections, sinks }));
    assertEquals(told, ["a", "b"]);
    assertEquals(
      undelivered.map(({ sink, alert, reason }) => [sink, alert.id, reason]),
      alerts.map(({ id }) => ["broken", id, "the disk is full"]),
    );
  }));

Deno.test("scan() tells the sinks of alerts that the store could not keep, and what the store said", () =>
  withEngine(async (store, sandbox) => {
    const told: string[] = [];
    const sinks = [
      sinkOf("good", ({ alert_data }) => Promise.resolve(void told.push(String(alert_data.name)))),
    ];
    const full: Store = {
      ...store,
      commitHits: () => Promise.reject(new StoreError("full", "no space is left")),
    };
    const detections = [detectionOf("SELECT name FROM processes ORDER BY name")];
    const { problem, alerts } = await scan(optionsOf(full, sandbox, { detections, sinks }));
    assertStringIncludes(problem?.message ?? "", "no space");
    assertEquals(alerts.length, 2);
    assertEquals(told, ["a", "b"]);
  }));

Deno.test("scan() commits alerts also where their suppression cannot be looked up", () =>
  withEngine(async (store, sandbox) => {
    const damaged: Store = {
      ...store,
      windows: () => Promise.reject(new StoreError("corrupt", "a window is damaged")),
    };
    const detections = [detectionOf("SELECT name FROM processes ORDER BY name")];
    const { problem } = await scan(optionsOf(damaged, sandbox, { detections }));
    assertEquals(problem?.message, "a window is damaged");
    const committed = await Array.fromAsync(store.alerts());
    assertEquals(committed.map(({ alert_data }) => alert_data.name).sort(), ["a", "b"]);
  }));

Deno.test("scan() leaves nothing of a scan that could not be written", () =>
  withEngine(async (store, sandbox) => {
    let aborted = false;
    const torn: Store = {
      ...store,
      async beginScan(start) {
        const writer = await store.beginScan(start);
        return {
          ...writer,
          commit: () => Promise.reject(new StoreError("full", "no space is left")),
          abort: () => (aborted = true, writer.abort()),
        };
      },
    };
    const detections = [detectionOf("SELECT name FROM processes")];
    await assertRejects(
      () => scan(optionsOf(torn, sandbox, { detections })),
      StoreError,
      "no space",
    );
    assert(aborted);
    assertEquals(await store.latest(), null);
    const { summary } = await scan(optionsOf(store, sandbox, { detections }));
    assertMatch(String(summary.scan_id), /^2$/, "an id is never given twice");
  }));

Deno.test("scan() judges what a collector had when it broke", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf([[PROCESSES, {
      status: "partial",
      reason: "procmond: it ended",
    }]]);
    const detections = [detectionOf("SELECT name FROM processes ORDER BY name")];
    const { summary } = await scan(optionsOf(store, sandbox, { detections, collectors }));
    assertEquals(summary.alerts, 2);
    assertEquals(summary.partial.map(({ evaluated, of, reason }) => [evaluated, of, reason]), [
      [2, 2, "rows of processes are missing: procmond: it ended"],
    ]);
  }));
