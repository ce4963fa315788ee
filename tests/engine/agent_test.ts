import { assert, assertEquals } from "@std/assert";
import type { Collectors } from "../../collectors/mod.ts";
import { type AgentScan, runAgent } from "../../engine/agent.ts";
import { ENOUGH_MEMORY, type MemoryWatch } from "../../engine/memory_pressure.ts";
import { OPERATIONAL_RULE_ID } from "../../engine/operational.ts";
import type { Change } from "../../engine/reload.ts";
import { withSchedule } from "../../engine/schedule.ts";
import type { Alert } from "../../model/alert.ts";
import type { Collection, TableOutcome, WatchTask } from "../../model/collection.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import type { Store } from "../../store/mod.ts";
import { batchOf, detectionOf, withEngine } from "./support.ts";

/** What happens on a host, beat by beat: the processes of the next scan, or events, or why there are none. */
interface Host {
  readonly processes: (scan: number) => RecordBatch;
  /** How they were collected; completely, if absent. */
  readonly outcome?: (scan: number) => TableOutcome;
  readonly watch?: (task: WatchTask, signal: AbortSignal) => Collection;
  /** Before each collection; may stop the agent. */
  readonly pause?: (stop: () => void) => Promise<void>;
  /** What is asked for by keys. */
  readonly byKey?: () => Promise<RecordBatch>;
  /** Tables besides the processes, which stay as they are. */
  readonly others?: Readonly<Record<string, RecordBatch>>;
}

function collectorsOf(
  { processes, outcome, watch, pause, byKey, others = {} }: Host,
  stop: () => void,
): Collectors {
  let scans = 0;
  const close = () => Promise.resolve();
  return {
    supports: (table) => table === "processes" || table in others || watch !== undefined,
    async *collect({ table, keys }) {
      if (others[table]) {
        yield await Promise.resolve(others[table]);
        return { status: "complete" };
      }
      if (keys && byKey) {
        yield await byKey();
        return { status: "complete" };
      }
      await pause?.(stop);
      yield await Promise.resolve(processes(++scans));
      return outcome?.(scans) ?? { status: "complete" };
    },
    watch: (task, signal) => watch!(task, signal),
    statuses: () => [],
    reports: () => [],
    start: close,
    drain: close,
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Scan = AgentScan;

/** Runs the agent over a host until enough was seen; detections without a schedule run every 50 ms. */
async function watchHost(
  host: Host,
  detections: readonly CompiledDetection[],
  isEnough: (scans: readonly Scan[], alerts: readonly Alert[]) => boolean,
  look: (store: Store) => Promise<void> = async () => {},
  { size = 1, prepare, change = (store) => store, ...more }: {
    readonly changes?: AsyncIterable<Change>;
    readonly share?: number;
    readonly memory?: Pick<MemoryWatch, "now">;
    /** Queries that run at the same time. */
    readonly size?: number;
    readonly prepare?: (store: Store) => Promise<void>;
    /** What the agent is given for the store. */
    readonly change?: (store: Store) => Store;
  } = {},
) {
  const alerts: Alert[] = [];
  const scans: Scan[] = [];
  const problems: string[] = [];
  const aborter = new AbortController();
  const check = () => isEnough(scans, alerts) && aborter.abort();
  await withEngine(async (store, sandbox) => {
    await prepare?.(store);
    await runAgent({
      store: change(store),
      sandbox,
      collectors: collectorsOf(host, () => aborter.abort()),
      detections: detections.map((one) => withSchedule(one, { every: 50 })),
      ...more,
      catalogue: CATALOGUE,
      platform: "linux",
      host: "host-a",
      sinks: [{
        name: "test",
        send: (alert) => Promise.resolve(void (alerts.push(alert), check())),
        healthCheck: () => Promise.resolve({ healthy: true }),
      }],
      signal: aborter.signal,
      grace: 60_000,
      onScan: (result) => void (scans.push(result), check()),
      onProblem: (message) => void problems.push(message),
    });
    await look(store);
  }, size);
  return { alerts, scans, problems };
}

const processesOf = (...names: readonly string[]) =>
  batchOf(
    "processes",
    names.map((name, at) => ({ pid: at + 1, process_key: `boot:${name}`, name })),
  );

const execOf = (...names: readonly string[]) =>
  batchOf(
    "process_events",
    names.map((name, at) => ({
      event_id: name,
      event_type: "exec",
      event_time: at,
      pid: at + 100,
      name,
      accessible: true,
    })),
  );

/** Yields batches, then waits until nobody wants more. */
async function* eventsOf(batches: readonly RecordBatch[], signal: AbortSignal): Collection {
  for (const batch of batches) yield await Promise.resolve(batch);
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
  return { status: "complete" };
}

const counted = (scans: readonly Scan[]) =>
  scans.reduce((sum, { summary }) => sum + summary.alerts, 0);

const ON_EXEC = "SELECT e.pid, e.name, p.pid AS twin FROM process_events e " +
  "LEFT JOIN processes p ON p.name = e.name WHERE e.name LIKE 'bad%'";

Deno.test("runAgent() judges events over the rows of the newest scan, and stores them with the next", async () => {
  let acknowledged = 0;
  let stored: unknown[] = [];
  const { alerts, scans } = await watchHost(
    {
      processes: () => processesOf("a", "bad1"),
      watch: (_, signal) =>
        eventsOf([
          { ...execOf("good", "bad1"), acknowledge: () => acknowledged++ } as RecordBatch,
          { ...execOf("bad2"), acknowledge: () => acknowledged++ } as RecordBatch,
        ], signal),
    },
    [detectionOf(ON_EXEC, "mode: events\nidentity: [pid, name]")],
    (scans) => counted(scans) === 2 && acknowledged > 0,
    async (store) => {
      for (const { scan_id } of await store.scans({ limit: 10 })) {
        for await (const { columns, values } of store.batches(scan_id, "process_events")) {
          stored = [...stored, ...values[columns.indexOf("name")]!];
        }
      }
    },
  );
  assertEquals(alerts.map(({ alert_data }) => alert_data), [
    { pid: 101, name: "bad1", twin: 2 },
    { pid: 100, name: "bad2", twin: null },
  ]);
  assertEquals(stored, ["good", "bad1", "bad2"], "each event is in one scan");
  assertEquals(acknowledged, 1, "the last batch stands for those before it");
  assertEquals(counted(scans), 2);
});

Deno.test("runAgent() takes new rows of a collected table for events", async () => {
  const { alerts } = await watchHost(
    { processes: (scan) => processesOf("a", ...scan > 1 ? ["b"] : [], ...scan > 2 ? ["c"] : []) },
    [detectionOf("SELECT pid, name FROM processes", "mode: events\nidentity: [name]")],
    (_, alerts) => alerts.length === 2,
  );
  assertEquals(alerts.map(({ alert_data }) => alert_data.name), ["b", "c"]);
});

Deno.test("runAgent() takes no rows for new because a scan had none, and says which scan that was", async () => {
  const { alerts, scans } = await watchHost(
    {
      processes: (scan) => scan === 2 ? processesOf() : processesOf("a", ...scan > 2 ? ["b"] : []),
      outcome: (scan) =>
        scan === 2 ? { status: "unavailable", reason: "denied" } : { status: "complete" },
    },
    [detectionOf("SELECT pid, name FROM processes", "mode: events\nidentity: [name]")],
    (scans, alerts) => alerts.length > 0 && scans.length > 3,
  );
  assertEquals(alerts.map(({ alert_data }) => alert_data.name), ["b"]);
  assertEquals(
    scans.slice(0, 4).map(({ summary }) => summary.not_evaluated.map(({ reason }) => reason)),
    [[], ["processes: denied"], [], []],
  );
});

Deno.test("runAgent() tells nothing of the rows that a detection finds when it comes", async () => {
  const onRows = detectionOf("SELECT user_id FROM users", "mode: events\nidentity: [user_id]");
  const rest = detectionOf("SELECT pid FROM processes WHERE pid = -1");
  let told = 0;
  const { alerts, problems } = await watchHost(
    { processes: () => processesOf("a"), others: { users: batchOf("users", [{ user_id: 1 }]) } },
    [rest],
    (scans) => {
      told = scans.length;
      return scans.filter(({ summary }) => "users" in summary.rows).length === 3;
    },
    undefined,
    {
      changes: (async function* () {
        while (told < 2) await new Promise((resolve) => setTimeout(resolve, 5));
        yield { detections: [rest, onRows].map((one) => withSchedule(one, { every: 50 })) };
      })(),
    },
  );
  assertEquals([alerts, problems], [[], []]);
});

Deno.test("runAgent() says which detections events were lost for, and which none come for", async () => {
  const detections = [detectionOf(ON_EXEC, "mode: events")];
  const loss = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: (task, signal) => {
        task.onLoss?.({ count: 7, reason: "the buffer was full" });
        return eventsOf([execOf("bad1")], signal);
      },
    },
    detections,
    (scans) => scans.some(({ summary }) => summary.partial.length > 0),
  );
  const [partial] = loss.scans.flatMap(({ summary }) => summary.partial);
  assertEquals(
    partial?.reason,
    "rows of process_events are missing: 7 events: the buffer was full",
  );
  const none = await watchHost(
    {
      processes: () => processesOf("a"),
      // deno-lint-ignore require-yield -- there is nothing to tell
      async *watch() {
        return await Promise.resolve({ status: "unavailable" as const, reason: "no source" });
      },
    },
    detections,
    (scans) => scans.length === 4,
  );
  const reasons = none.scans.map(({ summary }) => summary.not_evaluated[0]?.reason);
  assert(reasons.slice(1).every((reason) => reason?.includes("no source")), Deno.inspect(reasons));
  assertEquals(none.problems, ["process_events: no source"]);
  const unsupported = await watchHost(
    { processes: () => processesOf("a") },
    detections,
    (scans) => scans.length === 1,
  );
  assertEquals(
    unsupported.scans[0]?.summary.not_evaluated[0]?.reason,
    "no collector of this version tells of process_events here",
  );
});

Deno.test("runAgent() goes on after a scan that failed, and runs detections as seldom as they ask", async () => {
  const often = detectionOf("SELECT pid FROM processes");
  const seldom = detectionOf("SELECT pid FROM processes", "schedule: { every: 1h, timeout: 5s }");
  const { scans, problems, alerts } = await watchHost(
    {
      processes: (scan) => {
        if (scan === 2 || scan === 3) throw new Error("the host is odd");
        return processesOf("a");
      },
    },
    [often, seldom],
    (scans) => scans.length === 3,
  );
  assertEquals(problems, Array(2).fill("the scan failed: the host is odd"));
  const told = alerts.filter(({ rule_id }) => rule_id === OPERATIONAL_RULE_ID);
  assertEquals(told.map(({ title }) => title), ["A scan failed: the host is odd"]);
  assertEquals(scans.map(({ summary }) => summary.detections), [2, 1, 1]);
});

Deno.test("runAgent() goes on with the next scan where the alerts of one cannot be stored", async () => {
  const { scans, problems } = await watchHost(
    { processes: () => processesOf("a") },
    [detectionOf("SELECT pid, :now AS at FROM processes", "identity: [at]")],
    (scans) => scans.length === 3,
    undefined,
    {
      // What the agent is given stays as it is: only this store does not take alerts.
      change: (store) => ({
        ...store,
        commitHits: () => Promise.reject(new Error("no space is left")),
      }),
    },
  );
  // Each scan is told of, so that what is old is removed, and is what others are judged over.
  assertEquals(scans.map(({ manifest }) => manifest.scan_id), [1, 2, 3]);
  assertEquals(scans.map(({ needed }) => needed), [1, 2, 3]);
  assertEquals(new Set(problems), new Set(["no space is left"]));
});

Deno.test("runAgent() tells of what events led to before it notes what they took", async () => {
  const names: string[] = [];
  const { alerts, problems } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: (task, signal) => {
        task.onLoss?.({ count: 7, reason: "the buffer was full" });
        return eventsOf([execOf("bad1")], signal);
      },
    },
    [detectionOf(ON_EXEC, "mode: events\nidentity: [name]")],
    (_, alerts) => alerts.length === 1,
    async (store) => {
      for await (const { alert_data } of store.alerts()) names.push(String(alert_data.name));
    },
    {
      change: (store) => ({
        ...store,
        setRuleState: () => Promise.reject(new Error("no space is left")),
      }),
    },
  );
  assertEquals([alerts.map(({ alert_data }) => alert_data.name), names], [["bad1"], ["bad1"]]);
  assert(problems.every((one) => !one.includes("not judged")), problems.join("\n"));
  assert(problems.some((one) => one.includes("not noted: no space is left")), problems.join("\n"));
});

Deno.test("runAgent() counts the runs that a slow scan leaves out", async () => {
  const often = detectionOf("SELECT pid FROM processes");
  const { scans } = await watchHost(
    {
      processes: () => processesOf("a"),
      pause: () => new Promise((resolve) => setTimeout(resolve, 180)),
    },
    [often],
    (scans) => scans.length === 3,
  );
  assertEquals(scans[0]?.summary.skipped, undefined);
  const [skipped] = scans[1]?.summary.skipped ?? [];
  assertEquals(skipped?.rule_id, often.detection.meta.id);
  assert((skipped?.count ?? 0) >= 2, Deno.inspect(skipped));
});

Deno.test("runAgent() ends at once in the middle of a scan, of which nothing is kept", async () => {
  let collecting = 0;
  const { scans, problems } = await watchHost(
    {
      processes: () => processesOf("a"),
      pause(stop) {
        if (++collecting < 2) return Promise.resolve();
        setTimeout(stop, 20);
        return new Promise(() => {});
      },
    },
    [detectionOf("SELECT pid FROM processes")],
    () => false,
    async (store) => {
      assertEquals((await store.scans({ limit: 10 })).length, 1);
    },
  );
  assertEquals(scans.length, 1);
  assertEquals(problems, []);
});

Deno.test("runAgent() judges and stores what has come when it is stopped", async () => {
  const names = Array.from({ length: 3_000 }, (_, at) => `bad${at}`);
  let stored = 0;
  const { alerts, scans } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: async function* (_, signal) {
        yield execOf("bad");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        // What the collector has at hand when it is told to end.
        yield execOf(...names);
        return { status: "complete" };
      },
    },
    [detectionOf(ON_EXEC, "mode: events\nidentity: [pid, name]")],
    (_, alerts) => alerts.length === 1,
    async (store) => {
      for (const { tables } of await store.scans({ limit: 10 })) {
        stored += tables.find(({ table }) => table === "process_events")?.rows ?? 0;
      }
    },
  );
  assertEquals(alerts.length, 3_001);
  assertEquals(stored, 3_001);
  assertEquals(counted(scans), 3_001);
});

Deno.test("runAgent() exchanges its detections, and tells of a change that was refused", async () => {
  const before = detectionOf("SELECT pid, 'before' AS which FROM processes", "identity: [which]");
  const after = withSchedule(
    detectionOf(ON_EXEC, "mode: events\nidentity: [name]"),
    // Events are judged over rows that are not older than two periods, on a busy host, too.
    { every: 5_000 },
  );
  async function* changes(): AsyncGenerator<Change> {
    yield await Promise.resolve({ reason: "x.sql has 1 error", faults: ["x.sql:3:1: no"] });
    yield { detections: [after] };
  }
  const { alerts, problems } = await watchHost(
    { processes: () => processesOf("a"), watch: (_, signal) => eventsOf([execOf("bad")], signal) },
    [before],
    (_, alerts) => alerts.some(({ alert_data }) => alert_data.name === "bad"),
    undefined,
    { changes: changes() },
  );
  assertEquals(problems, ["x.sql has 1 error"]);
  const refused = alerts.find(({ rule_id }) => rule_id === "daemoneye.operational");
  assertEquals(refused?.alert_data, {
    reason: "x.sql has 1 error",
    faults: ["x.sql:3:1: no"],
  });
});

Deno.test("runAgent() slows a detection that takes more than its share, and says so", async () => {
  const detection = detectionOf("SELECT pid FROM processes");
  const { id } = detection.detection.meta;
  let factor: number | undefined;
  const { alerts } = await watchHost(
    { processes: () => processesOf("a") },
    [detection],
    (_, alerts) => alerts.some(({ alert_data }) => alert_data.factor === 2),
    async (store) => {
      factor = (await store.ruleState(id))?.slowed?.factor;
    },
    { share: 1e-9 },
  );
  assert((factor ?? 0) >= 2);
  assert(alerts.some(({ title }) => title.startsWith("Detection test is slowed: it took ")));
});

/** Yields what is put in, until nobody wants more. */
function feed() {
  const waiting: RecordBatch[] = [];
  let wake = Promise.withResolvers<void>();
  return {
    put(...names: readonly string[]): void {
      waiting.push(execOf(...names));
      wake.resolve();
    },
    async *watch(_: WatchTask, signal: AbortSignal): Collection {
      signal.addEventListener("abort", () => wake.resolve());
      while (!signal.aborted) {
        await wake.promise;
        wake = Promise.withResolvers();
        yield* waiting.splice(0);
      }
      return { status: "complete" };
    },
  };
}

/** Counts up to a number for the events that it sees, which takes so long as the number is large. */
const counting = (most: number) =>
  "SELECT 'slow' AS which, e.name FROM process_events e WHERE e.name LIKE 'bad%' AND " +
  `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${most}) ` +
  "SELECT max(i) FROM n) > 0";

Deno.test("runAgent() judges events while a detection that takes long for others is at work", async () => {
  const slow = detectionOf(counting(10_000_000), "mode: events\nidentity: [name]");
  const quick = detectionOf(
    "SELECT 'quick' AS which, e.name FROM process_events e",
    "mode: events\nidentity: [name]",
  );
  const events = feed();
  const seen: string[] = [];
  events.put("bad1");
  await watchHost(
    { processes: () => processesOf("a"), watch: events.watch },
    [slow, quick],
    (_, alerts) => {
      const told = alerts.slice(seen.length).map(({ alert_data: { which, name } }) =>
        `${which} ${name}`
      );
      seen.push(...told);
      if (told.includes("quick bad1")) events.put("bad2");
      if (told.includes("quick bad2")) events.put("bad3");
      if (told.includes("quick bad3")) events.put("bad4");
      return seen.length === 8;
    },
    undefined,
    { size: 2 },
  );
  const order = seen.filter((one) => one === "slow bad2" || one.startsWith("quick"));
  assertEquals(order, ["quick bad1", "quick bad2", "quick bad3", "quick bad4", "slow bad2"]);
});

Deno.test("runAgent() lets nobody wait for what takes long to collect", async () => {
  const costly = detectionOf(
    "SELECT p.pid, 'costly' AS which, a.artifact_type FROM processes p " +
      "JOIN memory_artifacts a ON a.pid = p.pid",
    "identity: [pid]",
  );
  const quick = detectionOf(
    "SELECT pid, name, 'quick' AS which FROM processes",
    "identity: [name]",
  );
  const onEvents = detectionOf(
    "SELECT e.name FROM process_events e WHERE e.name LIKE 'bad%'",
    "mode: events\nidentity: [name]",
  );
  const events = feed();
  const asked = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  let stored: readonly number[] = [];
  const { alerts, scans, problems } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: events.watch,
      async byKey() {
        asked.resolve();
        // Where the others wait for it, too, the test is to fail and not to hang.
        const late = setTimeout(enough.resolve, 20_000);
        await enough.promise;
        clearTimeout(late);
        return batchOf("memory_artifacts", [{ pid: 1, artifact_type: "key" }]);
      },
    },
    [costly, quick, onEvents],
    (scans, alerts) => {
      if (scans.length === 1) void asked.promise.then(() => events.put("bad1"));
      const isTold = alerts.some(({ alert_data }) => alert_data.name === "bad1");
      if (scans.length >= 5 && isTold) enough.resolve();
      return alerts.some(({ alert_data }) => alert_data.which === "costly") &&
        scans.some(({ summary }) => "memory_artifacts" in summary.rows);
    },
    async (store) => {
      stored = (await store.scans()).map(({ scan_id }) => scan_id);
    },
    { size: 2 },
  );
  assertEquals(problems, []);
  assertEquals(alerts.map(({ alert_data: { which, name } }) => which ?? name), [
    "quick",
    "bad1",
    "costly",
  ]);
  const own = scans.findIndex(({ summary }) => "memory_artifacts" in summary.rows);
  const { manifest, summary } = scans[own]!;
  assertEquals([summary.detections, summary.matched, summary.rows.processes], [1, 1, 1]);
  const later = scans.slice(0, own).filter((one) => one.manifest.scan_id > manifest.scan_id);
  assert(later.length > 0, "others began after it, and ended before it");
  for (const { needed } of later) assert(needed < manifest.scan_id, "nothing of it may be removed");
  assertEquals(
    scans.toSpliced(own, 1).filter(({ summary }) => summary.detections !== 2),
    [],
    "the others run without it, each time",
  );
  assertEquals(stored.slice(0, 4), [1, 2, 3, 4]);
});

Deno.test("runAgent() lets no alert on an event wait for rows that another detection asks for", async () => {
  const asking = detectionOf(
    "SELECT e.name, 'asking' AS which FROM process_events e " +
      "JOIN memory_artifacts a ON a.pid = e.pid WHERE e.name LIKE 'bad%'",
    "mode: events\nidentity: [name]",
  );
  const ready = detectionOf(
    "SELECT e.name, 'ready' AS which FROM process_events e WHERE e.name LIKE 'bad%'",
    "mode: events\nidentity: [name]",
  );
  const told = Promise.withResolvers<void>();
  const { alerts, problems } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: (_, signal) => eventsOf([execOf("bad1")], signal),
      async byKey() {
        // Where the other one waits for this, the test is to fail and not to hang.
        const late = setTimeout(told.resolve, 20_000);
        await told.promise;
        clearTimeout(late);
        return batchOf("memory_artifacts", [{ pid: 100, artifact_type: "key" }]);
      },
    },
    [asking, ready],
    (_, alerts) => {
      if (alerts.length === 1) told.resolve();
      return alerts.length === 2;
    },
  );
  assertEquals(problems, []);
  assertEquals(alerts.map(({ alert_data: { which } }) => which), ["ready", "asking"]);
});

Deno.test("runAgent() needs nobody else to run what takes long to collect", async () => {
  const { alerts } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: (_, signal) => eventsOf([], signal),
      byKey: () => Promise.resolve(batchOf("memory_artifacts", [{ pid: 1, artifact_type: "key" }])),
    },
    [
      detectionOf(
        "SELECT p.pid, a.artifact_type FROM processes p JOIN memory_artifacts a ON a.pid = p.pid",
        "identity: [pid]",
      ),
    ],
    (_, alerts) => alerts.length === 1,
  );
  assertEquals(alerts[0]?.alert_data, { pid: 1, artifact_type: "key" });
});

Deno.test("runAgent() slows a detection on events that takes more than its share, and says so", async () => {
  const slow = detectionOf(counting(20_000), "mode: events\nidentity: [name]");
  const { id } = slow.detection.meta;
  const events = feed();
  let told = 0;
  const { alerts } = await watchHost(
    { processes: () => processesOf("a"), watch: events.watch },
    [slow],
    (_, alerts) => {
      events.put(`bad${++told}`);
      return alerts.some(({ alert_data }) => alert_data.factor === 2);
    },
    async (store) => assertEquals((await store.ruleState(id))?.slowed?.factor, 2),
    { share: 1e-9 },
  );
  const alert = alerts.find(({ title }) => title.startsWith("Detection test is slowed: it took "));
  assert(alert?.title.endsWith("and is judged every 2.0 s"), alert?.title);
});

Deno.test("runAgent() counts the events that the query of a detection fails on", async () => {
  const detection = detectionOf(
    "SELECT e.name, json_extract(e.name, '$.x') AS x FROM process_events e WHERE e.name <> 'good'",
    "mode: events\nidentity: [name]",
  );
  const { id: rule_id } = detection.detection.meta;
  const { scans } = await watchHost(
    {
      processes: () => processesOf("a"),
      watch: (_, signal) => eventsOf([execOf("good", "{}", "bad", "{x", "good")], signal),
    },
    [detection],
    (scans) => scans.some(({ summary }) => summary.missed) || scans.length === 40,
  );
  const missed = scans.flatMap(({ summary }) => summary.missed ?? []);
  assertEquals(missed, [{ rule_id, events: 2 }]);
  const partial = scans.flatMap(({ summary }) => summary.partial);
  assertEquals(partial.map(({ evaluated, of }) => [evaluated, of]), [[3, 5]]);
});

Deno.test("runAgent() counts no events as missed for detections that have told of them", async () => {
  const ready = detectionOf(ON_EXEC, "mode: events\nidentity: [name]");
  const asking = detectionOf(
    "SELECT e.name FROM process_events e JOIN memory_artifacts a ON a.pid = e.pid",
    "mode: events\nidentity: [name]",
  );
  const { id: rule_id } = asking.detection.meta;
  let asked = 0;
  const { alerts, scans, problems } = await watchHost(
    { processes: () => processesOf("a"), watch: (_, signal) => eventsOf([execOf("bad1")], signal) },
    [ready, asking],
    (scans) => scans.some(({ summary }) => summary.missed),
    undefined,
    {
      change: (store) => ({
        ...store,
        ruleState: (id) =>
          id === rule_id && asked++ === 0
            ? Promise.reject(new Error("the disk is odd"))
            : store.ruleState(id),
      }),
    },
  );
  assertEquals(alerts.map(({ alert_data }) => alert_data.name), ["bad1"]);
  assertEquals(problems, ["1 events of process_events were not judged: the disk is odd"]);
  const missed = scans.flatMap(({ summary }) => summary.missed ?? []);
  assertEquals(missed, [{ rule_id, events: 1 }]);
});

Deno.test("runAgent() stretches the interval of a detection that is judged apart once", async () => {
  const schedule = "schedule: { every: 10s, timeout: 1s }";
  const slow = detectionOf(
    counting(1e12).replace(
      "process_events e",
      "process_events e LEFT JOIN processes p USING (pid)",
    ),
    `mode: events\nidentity: [name]\n${schedule}`,
  );
  const quick = detectionOf(
    "SELECT e.name FROM process_events e WHERE e.name LIKE 'bad%'",
    "mode: events\nidentity: [name]",
  );
  const events = feed();
  events.put("bad1");
  const now = Date.now;
  let failures: number | undefined;
  try {
    await watchHost(
      { processes: () => processesOf("a"), watch: events.watch },
      [slow, quick],
      (_, alerts) => {
        if (alerts.length === 1) {
          // The rows are older than two of its intervals while they are ten times as long, and not than if they were a hundred times.
          Date.now = () => now() + 1_000_000;
          events.put("bad2");
        }
        return alerts.length === 2;
      },
      async (store) => {
        failures = (await store.ruleState(slow.detection.meta.id))?.failures;
      },
      { memory: { now: () => ({ ...ENOUGH_MEMORY, thrifty: true, factor: 10 }) } },
    );
  } finally {
    Date.now = now;
  }
  assertEquals(failures, 1, "it was not tried again on rows that are too old");
});

Deno.test("runAgent() counts the events that come while a detection is suspended", async () => {
  const slow = detectionOf(counting(1), "mode: events\nidentity: [name]");
  const { digest, detection: { meta: { id: rule_id } } } = slow;
  const events = feed();
  events.put("bad1", "bad2", "bad3");
  let missed: number | undefined;
  const { scans, alerts } = await watchHost(
    { processes: () => processesOf("a"), watch: events.watch },
    [slow],
    (scans) => scans.some(({ summary }) => summary.missed),
    async (store) => {
      missed = (await store.ruleState(rule_id))?.missed;
    },
    {
      prepare: (store) =>
        store.setRuleState({
          rule_id,
          digest,
          enabled: true,
          failures: 0,
          slowed: { factor: 16, reason: "it took 9 s" },
          retry_after: Date.now() + 3_600_000,
        }),
    },
  );
  const { summary } = scans.findLast(({ summary }) => summary.missed)!;
  assertEquals(summary.missed, [{ rule_id, events: 3 }]);
  assert(summary.not_evaluated[0]?.reason.startsWith("suspended: it took 9 s"));
  assertEquals([missed, alerts], [3, []]);
});

Deno.test("runAgent() scans more seldom while memory is scarce, says so, and judges events all the same", async () => {
  const events = feed();
  let factor = 1;
  const { scans, alerts } = await watchHost(
    { processes: () => processesOf("a"), watch: events.watch },
    [
      detectionOf(ON_EXEC, "mode: events\nidentity: [name]"),
      detectionOf("SELECT pid FROM processes WHERE pid = -1"),
    ],
    (scans, alerts) => {
      if (scans.length === 2) factor = 8;
      // By now the rows of the newest scan are older than two of the periods that detections ask for.
      if (scans.length === 4) setTimeout(() => events.put("bad1"), 200);
      return alerts.length > 0 || scans.length === 9;
    },
    undefined,
    { memory: { now: () => ({ ...ENOUGH_MEMORY, thrifty: factor > 1, factor }) } },
  );
  assertEquals(alerts.map(({ alert_data }) => alert_data.name), ["bad1"]);
  assertEquals(scans[0]?.summary.stretched, undefined);
  assertEquals(scans[3]?.summary.stretched, 8);
  const [before, after] = [scans[2]!.manifest.started, scans[3]!.manifest.started];
  assert(after - before >= 300, `${after - before} ms`);
});

Deno.test("runAgent() raises an alert about events that do not come, once", async () => {
  const detection = detectionOf(ON_EXEC, "mode: events");
  const { alerts, problems } = await watchHost(
    {
      processes: () => processesOf("a"),
      // deno-lint-ignore require-yield -- there is nothing to tell
      async *watch() {
        return await Promise.resolve({ status: "unavailable" as const, reason: "no source" });
      },
    },
    [withSchedule(detection, { every: 300 })],
    (_, alerts) => alerts.length > 0,
  );
  const [alert] = alerts;
  assertEquals([alert?.title, alert?.severity], [
    "Events of process_events do not come: no source",
    "high",
  ]);
  assert(problems.length >= 3);
});
