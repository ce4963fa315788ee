import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { suppress } from "../../alerts/mod.ts";
import type { Alert } from "../../model/alert.ts";
import type { SuppressionWindow } from "../../model/rule_state.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { openStore } from "../../store/mod.ts";

const HOUR = 3_600_000;
let made = 0;

function hit(dedupe_key: string, alert_time: number): Alert {
  return {
    kind: "alert",
    id: `alert ${++made}`,
    alert_time,
    rule_id: "rule",
    rule_version: "1.0.0",
    title: "A title",
    description: "A description",
    severity: "low",
    tags: [],
    host: "host-a",
    scan_id: 1,
    affected_processes: [],
    process_count: 0,
    alert_data: {},
    rule_execution_time_ms: 0,
    dedupe_key,
    suppressed_count: 0,
    evidence: [],
  };
}

/** What becomes of a single hit at `now` when its key has a window. */
function decide(window: Omit<SuppressionWindow, "alert_id">, now: number, length = HOUR) {
  const windows = new Map([["key", { alert_id: "earlier", ...window }]]);
  return suppress([hit("key", now)], windows, length, now);
}

Deno.test("suppress() lets the first hit of each key alert and counts the others on it", () => {
  const hits = ["a", "b", "a", "a"].map((key) => hit(key, 1000));
  const { alerts, counts, suppressed } = suppress(hits, new Map(), HOUR, 1000);
  assertEquals(alerts.map(({ alert, until }) => [alert.id, alert.suppressed_count, until]), [
    [hits[0]!.id, 2, 1000 + HOUR],
    [hits[1]!.id, 0, 1000 + HOUR],
  ]);
  assertEquals(counts, []);
  assertEquals(suppressed, 2);
});

Deno.test("suppress() counts hits within an open window on the alert that opened it", () => {
  const window = { alert_id: "earlier", since: 0, until: HOUR, suppressed_count: 5 };
  const hits = [hit("a", 10), hit("a", 10), hit("b", 10)];
  const { alerts, counts, suppressed } = suppress(hits, new Map([["a", window]]), HOUR, 10);
  assertEquals(alerts.map(({ alert }) => alert.dedupe_key), ["b"]);
  assertEquals(counts, [{ alert_id: "earlier", suppressed_count: 7 }]);
  assertEquals(suppressed, 2);
});

Deno.test("a window runs from its alert and ends at its end", () => {
  const window = { since: 1000, until: 1000 + HOUR, suppressed_count: 0 };
  assertEquals(decide(window, 1000).alerts.length, 0);
  assertEquals(decide(window, 1000 + HOUR - 1).alerts.length, 0);
  assertEquals(decide(window, 1000 + HOUR).alerts.length, 1);
});

Deno.test("a window from the future does not suppress", () => {
  assertEquals(
    decide({ since: 1001, until: 1001 + HOUR, suppressed_count: 0 }, 1000).alerts.length,
    1,
  );
});

Deno.test("a window is never longer than the detection wants it by now", () => {
  const window = { since: 0, until: 30 * HOUR, suppressed_count: 0 };
  assertEquals(decide(window, HOUR - 1).alerts.length, 0);
  assertEquals(decide(window, HOUR).alerts.length, 1);
  assertEquals(decide({ ...window, until: HOUR }, HOUR, 30 * HOUR).alerts.length, 1);
  assertEquals(decide({ since: 1000, until: 1000, suppressed_count: 0 }, 1000, 0).alerts.length, 1);
});

interface Step {
  /** How far the clock goes; back, too, where it is set. */
  readonly pause: number;
  readonly keys: readonly string[];
}

const step = (least: number): fc.Arbitrary<Step> =>
  fc.record({
    pause: fc.integer({ min: least, max: 8 }),
    keys: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 }),
  });

interface Told {
  readonly key: string;
  readonly since: number;
  count: number;
}

/** Suppression as one would explain it: look through everything that was told before. */
function naive(steps: readonly Step[], length: number): Told[] {
  const told: Told[] = [];
  let now = 1_000_000;
  for (const { pause, keys } of steps) {
    now += pause;
    const fresh: Told[] = [];
    for (const key of keys) {
      const mine = fresh.find((one) => one.key === key);
      const last = told.findLast((one) => one.key === key);
      if (mine) mine.count++;
      else if (last && last.since <= now && now < last.since + length) last.count++;
      else fresh.push({ key, since: now, count: 0 });
    }
    told.push(...fresh);
  }
  return told;
}

/** The same through the store, as hosts do it. */
async function stored(steps: readonly Step[], length: number): Promise<Told[]> {
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "test",
    catalogue: CATALOGUE,
  });
  const ids: string[] = [];
  let now = 1_000_000;
  for (const { pause, keys } of steps) {
    now += pause;
    const changes = suppress(
      keys.map((key) => hit(key, now)),
      await store.windows("rule", [...new Set(keys)]),
      length,
      now,
    );
    assertEquals(changes.suppressed + changes.alerts.length, keys.length);
    await store.commitHits(changes);
    ids.push(...changes.alerts.map(({ alert }) => alert.id));
  }
  const alerts = await Promise.all(ids.map((id) => store.alert(id)));
  return alerts.map((alert) => ({
    key: alert!.dedupe_key,
    since: alert!.alert_time,
    count: alert!.suppressed_count,
  }));
}

Deno.test("suppression over any history is what looking through all of it would give", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step(-6), { maxLength: 20 }),
      fc.integer({ min: 0, max: 12 }),
      async (steps, length) => {
        assertEquals(await stored(steps, length), naive(steps, length));
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("no hit is lost: each has an alert of its own or counts on one of less than a window ago", () => {
  fc.assert(
    fc.property(
      fc.array(step(0), { maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
      (steps, length) => {
        const windows = new Map<string, SuppressionWindow>();
        let now = 0;
        for (const { pause, keys } of steps) {
          now += pause;
          const { alerts, counts } = suppress(
            keys.map((key) => hit(key, now)),
            windows,
            length,
            now,
          );
          for (const { alert_id, suppressed_count } of counts) {
            const [key, window] = [...windows].find(([, one]) => one.alert_id === alert_id)!;
            assert(window.since <= now && now < window.since + length);
            windows.set(key, { ...window, suppressed_count });
          }
          for (const { alert, until } of alerts) {
            const before = windows.get(alert.dedupe_key);
            assert(!before || now >= before.since + length, "one alert a window");
            windows.set(alert.dedupe_key, {
              alert_id: alert.id,
              since: now,
              until,
              suppressed_count: alert.suppressed_count,
            });
          }
          for (const key of keys) assert(windows.has(key), "a hit was lost");
        }
      },
    ),
  );
});
