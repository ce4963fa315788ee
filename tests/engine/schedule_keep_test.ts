import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { DetectionRun } from "../../engine/detect.ts";
import { countMissedEvents } from "../../engine/missed_events.ts";
import { reasonToRest } from "../../engine/rule_health.ts";
import { keepBudgets } from "../../engine/schedule_keep.ts";
import { detectionOf, openMemoryStore } from "./support.ts";

const AT = { host: "host-a", scan_id: 1 };

function run(compiled: DetectionRun["compiled"], duration_ms: number): DetectionRun {
  const result = { columns: [], rows: [], truncated: false, duration_ms };
  return {
    compiled,
    evaluation: { status: "evaluated", result },
    excepted: new Map(),
    hits: [],
    suppressed: 0,
  };
}

/** Budgets of a tenth, with a clock that is set by hand. */
async function budgetsOf() {
  const store = await openMemoryStore();
  let elapsed = 0;
  const slowed: string[] = [];
  const factors = new Map<string, number>();
  const clock = { now: () => elapsed, elapsed: () => elapsed, sleep: () => Promise.resolve() };
  const timetable = {
    slow(id: string, factor: number) {
      slowed.push(id);
      factors.set(id, factor);
    },
  };
  const budgets = await keepBudgets({ store, timetable, share: 0.1, clock });
  return { store, budgets, slowed, factors, goOn: (ms: number) => void (elapsed += ms) };
}

Deno.test("keepBudgets() slows a detection on events that takes more than its share, then suspends it", async () => {
  const { store, budgets, slowed, goOn } = await budgetsOf();
  using _ = store;
  const detection = detectionOf("SELECT e.pid FROM process_events e", "mode: events");
  const { id } = detection.detection.meta;
  const titles: string[] = [];
  for (let round = 0; round < 15; round++) {
    goOn(3_000);
    const alerts = await budgets.afterEvents([run(detection, 2_000)], AT);
    titles.push(...alerts.map(({ title }) => title));
  }
  assertEquals(budgets.factor(id), 16);
  assertEquals(slowed, [], "its schedule is not what costs");
  const state = (await store.ruleState(id))!;
  assertStringIncludes(state.slowed!.reason, "and is judged every 16.0 s");
  assertStringIncludes(reasonToRest(state, Date.now())!, "suspended: it took ");
  assertEquals(titles.map((title) => title.split(":")[0]), [
    "Detection test is slowed",
    "Detection test is suspended",
  ], "each is told once an hour");
  // What it remembers holds after a restart.
  const again = await keepBudgets({ store, timetable: { slow() {} }, share: 0.1 });
  assertEquals(again.factor(id), 16);
});

Deno.test("keepBudgets() weighs events by the time that goes by, and lets go of a detection that has become quick", async () => {
  const { store, budgets, goOn } = await budgetsOf();
  using _ = store;
  const detection = detectionOf("SELECT e.pid FROM process_events e", "mode: events");
  const { id } = detection.detection.meta;
  const rounds = async (count: number, took: number, ms: number) => {
    for (let round = 0; round < count; round++) {
      goOn(ms);
      await budgets.afterEvents([run(detection, took)], AT);
    }
  };
  await rounds(1_000, 3, 100);
  assertEquals(budgets.factor(id), 1, "3 %, in many small steps");
  await rounds(3, 1_500, 2_000);
  assertEquals(budgets.factor(id), 2);
  await rounds(20, 5, 2_000);
  assertEquals(budgets.factor(id), 1);
  assertEquals((await store.ruleState(id))?.slowed, undefined);
});

Deno.test("Budgets.keep() slows no detection that has changed, and still one that comes back as it was", async () => {
  const { store, budgets, factors } = await budgetsOf();
  using _ = store;
  const detection = detectionOf("SELECT pid FROM processes", "schedule: { every: 10s }");
  const { id } = detection.detection.meta;
  for (let round = 0; round < 3; round++) await budgets.afterScan([run(detection, 2_000)], AT);
  const kept = (...detections: Parameters<typeof budgets.keep>[0]) => {
    budgets.keep(detections);
    return [budgets.factor(id), factors.get(id)];
  };
  assertEquals(kept(detection), [2, 2]);
  kept();
  assertEquals(kept(detection), [2, 2]);
  assertEquals(kept({ ...detection, digest: "other" }), [1, 1]);
});

Deno.test("countMissedEvents() forgets when it has stored the count of a detection that is gone", async () => {
  using store = await openMemoryStore();
  const detection = detectionOf("SELECT e.pid FROM process_events e", "mode: events");
  const { id } = detection.detection.meta;
  const missed = countMissedEvents(store, () => 0);
  await missed.add(detection, 5);
  missed.keep([detection]);
  await missed.add(detection, 1);
  assertEquals((await store.ruleState(id))?.missed, 5);
  missed.keep([]);
  await missed.add(detection, 1);
  assertEquals((await store.ruleState(id))?.missed, 7, "what was counted before is stored, too");
});

Deno.test("countMissedEvents() adds to the state of a detection, but not of one that is switched off", async () => {
  using store = await openMemoryStore();
  const detection = detectionOf("SELECT e.pid FROM process_events e", "mode: events");
  const { digest, detection: { meta: { id: rule_id } } } = detection;
  let elapsed = 0;
  const missed = countMissedEvents(store, () => elapsed);
  await missed.add(detection, 0);
  assertEquals(await store.ruleState(rule_id), null);
  for (const events of [5, 6, 7]) await missed.add(detection, events);
  assertEquals((await store.ruleState(rule_id))?.missed, 5, "not stored each time");
  elapsed += 10_000;
  await missed.add(detection, 1);
  assertEquals((await store.ruleState(rule_id))?.missed, 19);
  await missed.add(detection, 2);
  await missed.save();
  assertEquals((await store.ruleState(rule_id))?.missed, 21);
  assertEquals(missed.take(), [{ rule_id, events: 21 }]);
  assertEquals(missed.take(), []);
  const off = { rule_id, digest, enabled: false, failures: 0, disabled_by: "operator" } as const;
  await store.setRuleState(off);
  await missed.add(detection, 9);
  assertEquals(missed.take(), []);
  assert((await store.ruleState(rule_id))?.missed === undefined);
});
