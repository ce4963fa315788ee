import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { countHits } from "../../../engine/semantics/threshold.ts";
import type { Threshold } from "../../../model/detection.ts";
import type { ThresholdState } from "../../../model/evaluation_state.ts";
import type { Hit } from "../../../model/hits.ts";
import { compiledOf } from "../../alerts/fixtures.ts";

const SECOND = 1000;
const compiled = { ...compiledOf(["by", "value"]), sql: "SELECT 1" };
const THRESHOLD: Threshold = { by: ["by"], count: 3, within: 60 * SECOND };

function count(
  rows: readonly (readonly [by: string, value: number])[],
  now: number,
  stored?: ThresholdState,
  threshold: Threshold = THRESHOLD,
) {
  const hits = rows.map((row): Hit => ({ row }));
  return countHits({ compiled, threshold, identity: ["value"], batches: [hits], now }, stored);
}

Deno.test("countHits() counts what was seen before the clock was set back", () => {
  const before = count([["a", 1], ["a", 2]], 1000 * SECOND);
  const after = count([["a", 3]], 900 * SECOND, before.state);
  assertEquals(after.hits.map(({ counted }) => counted), [
    { count: 3, first_time: 900 * SECOND, last_time: 900 * SECOND },
  ]);
});

Deno.test("countHits() does not wait for the clock to catch up after a firing", () => {
  const fired = count([["a", 1], ["a", 2], ["a", 3]], 1000 * SECOND);
  assertEquals(fired.hits.length, 1);
  const again = count([["a", 1], ["a", 2], ["a", 3]], 900 * SECOND, fired.state);
  assertEquals(again.hits.length, 1);
  const single = count([["a", 4]], 900 * SECOND, fired.state);
  assertEquals(single.hits.length, 0, "what has fired counts no more");
});

Deno.test("countHits() begins anew where it counts something else", () => {
  const { state } = count([["a", 1], ["a", 2]], 0);
  assertEquals(count([["a", 3]], 1, state).hits.length, 1);
  const other = { ...THRESHOLD, count_distinct: "by" };
  assertEquals(count([["a", 3]], 1, state, other).state.groups[0]?.values.length, 1);
  const longer = { ...THRESHOLD, within: 3600 * SECOND };
  assertEquals(count([["a", 3]], 1, state, longer).hits.length, 1, "the window may change");
});

Deno.test("countHits() remembers a bounded number of values, and never too few to fire", () => {
  const many = Array.from({ length: 120_000 }, (_, value) => ["a", value] as const);
  const first = count(many.slice(0, 3), 0);
  assertEquals([first.hits.length, first.note], [1, undefined]);
  const resting = count(many, 10 * SECOND, first.state);
  assertEquals(resting.hits, []);
  assertEquals(resting.state.groups[0]!.values.length, 3);
  assertEquals(
    resting.note,
    "the threshold would have to remember too much: more may have been seen than it counts",
  );
  const after = count([["a", -1]], 65 * SECOND, resting.state);
  assertEquals(after.hits.map(({ counted }) => counted?.count), [4]);
});

Deno.test("countHits() forgets the groups unseen for longest, and says so", () => {
  const many = (from: number) =>
    Array.from({ length: 30_000 }, (_, index) => [`${from + index}`, 1] as const);
  const first = count(many(0), 0);
  assertEquals(first.note, undefined);
  const second = count(many(30_000), SECOND, first.state);
  assertMatch(second.note!, /forgotten/);
  assert(second.state.groups.length <= 34_000);
  const kept = new Set(second.state.groups.map(({ by }) => by));
  assert(kept.has('[["by","59999"]]') && !kept.has('[["by","0"]]'));
});

Deno.test("countHits() knows when the window began, to a thousandth of it, however often it is asked", () => {
  let state: ThresholdState | undefined;
  const slow = { ...THRESHOLD, count: 2, within: 10_000 * SECOND };
  for (let now = 0; now < 9_000; now++) state = count([["a", 1]], now * SECOND, state, slow).state;
  assert(state!.groups[0]!.times.length <= 2_002);
  const [hit] = count([["a", 2]], 12_000 * SECOND, state, slow).hits;
  const late = hit!.counted!.first_time / SECOND - 2_001;
  assert(late >= 0 && late < 10, `${late} s late`);
});

Deno.test("countHits() forgets no time by more than a thousandth of the window, however they lie", () => {
  const within = 1_000 * SECOND;
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.nat(2 * SECOND), fc.nat(400 * SECOND)), { maxLength: 200 }),
    (gaps) => {
      let state: ThresholdState | undefined;
      let now = 0;
      const all: number[] = [];
      for (const gap of gaps) {
        now += gap;
        all.push(now);
        state = count([["a", 1]], now, state, { ...THRESHOLD, count: 2, within }).state;
        const late = state.groups[0]!.times[0]! - all.find((time) => now - time < within)!;
        assert(late >= 0 && late < within / 1000, `${late} ms late`);
      }
    },
  ));
});
