import { assertEquals } from "@std/assert";
import { detect } from "../../../engine/detect.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "../support.ts";
import { collectorsOf, type Host, type HostRow } from "./support.ts";

const HOST: Host = {
  binary_analysis: [
    { pid: 7, process_key: "b:7:1", file_path: "/dev/shm/x", entropy: 7.9 },
    { pid: 8, process_key: "b:8:1", file_path: "/dev/shm/y", entropy: 7.9 },
    { pid: 9, process_key: "b:9:1", file_path: "/bin/z", entropy: 7.9 },
  ],
  file_metadata: [{ file_path: "/dev/shm/x", owner_user: "joe" }],
};

const SQL = `SELECT e.pid, b.entropy, f.owner_user FROM process_events e
AUTO JOIN binary_analysis b ON b.pid = e.pid WHEN e.event_type = 'exec' AND e.executable_path LIKE '/dev/shm/%'
LEFT AUTO JOIN file_metadata f ON f.file_path = b.file_path`;

const exec = (pid: number, executable_path: string): HostRow => ({
  pid,
  process_key: `b:${pid}:1`,
  event_type: "exec",
  executable_path,
  event_time: NOW,
});

async function judge(compiled: CompiledDetection, host: Host, events: readonly HostRow[]) {
  const collectors = collectorsOf(host);
  const found: unknown[] = [];
  await withEngine(async (store, sandbox) => {
    // Events that were stored earlier are none of those that are judged now.
    const before = batchOf("process_events", [exec(8, "/dev/shm/y")]);
    const manifest = await storeScan(store, [[before]]);
    const { runs, alerts } = await detect({
      store,
      manifest,
      sandbox,
      collectors,
      detections: [compiled],
      catalogue: CATALOGUE,
      now: NOW,
      events: events.length > 0 ? [batchOf("process_events", events)] : [],
    });
    found.push(runs[0]!.evaluation, alerts.map(({ alert_data }) => ({ ...alert_data })));
  });
  const [evaluation, alerts] = found as [CompiledEvaluation, unknown[]];
  return { collectors, evaluation, alerts };
}

type CompiledEvaluation = Awaited<ReturnType<typeof detect>>["runs"][number]["evaluation"];

Deno.test("detect() asks at once for the keys that events have, stage by stage", async () => {
  const { collectors, evaluation, alerts } = await judge(
    detectionOf(SQL, "mode: events"),
    HOST,
    [exec(7, "/dev/shm/x"), exec(9, "/bin/z")],
  );
  assertEquals(collectors.tasks.map(({ table, keys }) => [table, keys?.values]), [
    ["binary_analysis", [7]],
    ["file_metadata", ["/dev/shm/x"]],
  ]);
  assertEquals(alerts, [{ pid: 7, entropy: 7.9, owner_user: "joe" }]);
  assertEquals(evaluation.status === "evaluated" && evaluation.partial, undefined);
});

Deno.test("detect() asks nothing where nothing has happened", async () => {
  const { collectors, evaluation } = await judge(detectionOf(SQL, "mode: events"), HOST, []);
  assertEquals(collectors.tasks, []);
  assertEquals(evaluation.status, "evaluated");
});

Deno.test("detect() asks nothing where no event can lead to a row", async () => {
  const sql = `${SQL}\nWHERE e.name = 'x'`;
  const compiled = detectionOf(sql, "mode: events");
  const { collectors, evaluation, alerts } = await judge(compiled, {}, [
    { ...exec(7, "/dev/shm/x"), name: "y" },
  ]);
  assertEquals(collectors.tasks, []);
  assertEquals([evaluation.status, alerts], ["evaluated", []]);
});

Deno.test("detect() judges an event whose process has no row, where the row of another was denied", async () => {
  const sql = "SELECT e.pid, b.entropy FROM process_events e\n" +
    "LEFT AUTO JOIN binary_analysis b ON b.pid = e.pid WHERE b.file_path IS NULL";
  const denied = { pid: 7, process_key: "b:7:1", file_path: "/x", entropy: null, denied: true };
  const { evaluation, alerts } = await judge(
    detectionOf(sql, "mode: events"),
    { binary_analysis: [denied] },
    [exec(7, "/dev/shm/x"), exec(8, "/dev/shm/y")],
  );
  assertEquals(evaluation.status, "evaluated");
  assertEquals(alerts, [{ pid: 8, entropy: null }]);
});

Deno.test("detect() does not evaluate events whose keys nobody can answer", async () => {
  const { evaluation } = await judge(detectionOf(SQL, "mode: events"), {}, [exec(7, "/dev/shm/x")]);
  assertEquals(evaluation, {
    status: "not_evaluated",
    why: {
      kind: "unavailable",
      reason: "binary_analysis: no collector of this version supplies it here",
    },
  });
});
