import { assertEquals } from "@std/assert";
import { createRetention } from "../../cli/clock_trust.ts";

const HOUR = 60 * 60 * 1000;
const SECOND = 1 / 3600;
const YEAR = 365 * 24;

/** Whether age counts at each of some moments: hours that went by, and by how many the clock was set till then. */
function agesCount(moments: readonly (readonly [hours: number, set: number])[], age = 30 * 24) {
  const retentionAt = createRetention();
  const wanted = { age: age * HOUR, count: 2_000, size: 5 };
  return moments.map(([hours, set]) => {
    const elapsed = hours * HOUR;
    const now = Date.UTC(2026, 0, 1) + elapsed + set * HOUR;
    const { age, ...others } = retentionAt(wanted, { now, elapsed });
    assertEquals(others, { count: 2_000, size: 5 });
    assertEquals(age ?? wanted.age, wanted.age);
    return age !== undefined;
  });
}

Deno.test("createRetention() leaves age out where the clock has jumped until it comes back", () => {
  assertEquals(agesCount([[0, 0], [1, YEAR], [2, 0], [3, 0]]), [true, false, true, true]);
  assertEquals(agesCount([[0, 0], [1, -YEAR], [2, 0]]), [true, false, true]);
});

Deno.test("createRetention() believes a clock that has stayed for a day, and no earlier", () => {
  const stays = agesCount([[0, 0], [1, YEAR], [24.9, YEAR], [25, YEAR], [26, YEAR]]);
  assertEquals(stays, [true, false, false, true, true]);
  // Each jump begins a day of its own.
  const again = agesCount([[0, 0], [1, YEAR], [13, 2 * YEAR], [25, 2 * YEAR], [37, 2 * YEAR]]);
  assertEquals(again, [true, false, false, false, true]);
  // What is believed by then jumps back.
  assertEquals(agesCount([[0, 0], [1, YEAR], [25, YEAR], [26, 0]]), [true, false, true, false]);
});

Deno.test("createRetention() believes the clock of a host that sleeps at night, and one that is adjusted", () => {
  assertEquals(agesCount([[0, 0], [16, 8], [32, 16], [48, 24]]), [true, true, true, true]);
  const small = agesCount([[0, 0], [1, 9 * SECOND], [2, 20 * SECOND]], 0.01);
  assertEquals(small, [true, true, false]);
});
