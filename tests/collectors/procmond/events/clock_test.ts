import { assert, assertEquals } from "@std/assert";
import { createSourceClock, distanceToBoot } from "../../../../collectors/procmond/events/clock.ts";

Deno.test("wall() comes as near as the quickest arrival allows", () => {
  let now = 1_000_100;
  const clock = createSourceClock(undefined, () => now);
  assertEquals(clock.wall(0), 1_000_100, "it took 100 ms to arrive, which nobody can know");
  now = 1_001_002;
  assertEquals(clock.wall(1000), 1_001_002);
  now = 1_002_500;
  assertEquals(clock.wall(2000), 1_002_002, "late arrivals change nothing");
});

Deno.test("wall() follows a clock that somebody has set", () => {
  let now = 1_000_000;
  const clock = createSourceClock(undefined, () => now);
  clock.wall(0);
  now -= 500_000;
  assertEquals(clock.wall(0), 500_000, "back: at once");
  now += 3_600_000;
  const times = [1, 2, 3].map((minute) => {
    now += 61_000;
    return now - clock.wall(61_000 * minute);
  });
  assertEquals(times, [3_600_000, 0, 0], "forward: after a while");
});

Deno.test("wall() begins with the distance that it is told", () => {
  const clock = createSourceClock(1_000_000, () => 1_000_700);
  assertEquals(clock.wall(500), 1_000_500);
});

Deno.test("distanceToBoot() waits for the clock to move on", () => {
  let now = 5007.4;
  const distance = distanceToBoot(
    () => Math.floor((now += 0.1) / 10) * 10,
    () => 1_000_000 + now,
  );
  assert(Math.abs(distance - 1_000_000) < 0.2, `${distance}`);
  assertEquals(distanceToBoot(() => 7000, () => 10_000), 3000, "a clock that stands still");
});
