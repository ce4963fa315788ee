import { assert, assertEquals } from "@std/assert";
import { createTimetable, withSchedule } from "../../engine/schedule.ts";
import type { Clock } from "../../engine/schedule_clock.ts";
import { detectionOf } from "./support.ts";

/** A clock that stands still until it is moved; the time of day can be set, too. */
function clockAt(text: string) {
  let elapsed = 0;
  let day = Date.parse(text);
  const clock: Clock = {
    now: () => day,
    elapsed: () => elapsed,
    sleep: () => Promise.resolve(),
  };
  return {
    clock,
    pass(ms: number) {
      elapsed += ms;
      day += ms;
    },
    set(text: string) {
      day = Date.parse(text);
    },
  };
}

const every = (schedule: string) =>
  detectionOf("SELECT pid FROM processes", `schedule: { ${schedule} }`);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

Deno.test("createTimetable() runs each detection by its interval, several in one go where both are due", () => {
  const { clock, pass } = clockAt("2026-01-01T00:00:00");
  const [quick, slow] = [every("every: 10s"), every("every: 30s")];
  const timetable = createTimetable(clock, "host");
  timetable.plan([quick, slow]);
  const seen = [];
  for (let at = 0; at < 4; at++) {
    assertEquals(timetable.wait(), 0);
    seen.push(timetable.take().detections.map((one) => one === quick ? "quick" : "slow"));
    assertEquals(timetable.wait(), 10 * SECOND);
    pass(10 * SECOND);
  }
  assertEquals(seen, [["quick", "slow"], ["quick"], ["quick"], ["quick", "slow"]]);
});

Deno.test("createTimetable() leaves out and counts the runs that were due meanwhile, and keeps step", () => {
  const { clock, pass } = clockAt("2026-01-01T00:00:00");
  const detection = every("every: 10s");
  const timetable = createTimetable(clock, "host");
  timetable.plan([detection]);
  timetable.take();
  pass(34 * SECOND);
  const { detections, skipped } = timetable.take();
  assertEquals(detections.length, 1);
  assertEquals(skipped.get(detection), 2);
  assertEquals(timetable.wait(), 6 * SECOND, "the fourth run is due at 40 s");
});

Deno.test("createTimetable() goes by a clock that nobody sets where it goes by intervals", () => {
  const { clock, pass, set } = clockAt("2026-01-01T00:00:00");
  const timetable = createTimetable(clock, "host");
  timetable.plan([every("every: 60s")]);
  timetable.take();
  pass(10 * SECOND);
  set("2036-01-01T00:00:00");
  assertEquals(timetable.take().detections, []);
  set("2016-01-01T00:00:00");
  pass(50 * SECOND);
  assertEquals(timetable.take().detections.length, 1);
});

Deno.test("createTimetable() runs by cron expressions, whatever happens to the time of day", () => {
  const { clock, pass, set } = clockAt("2026-01-01T02:59:00");
  const timetable = createTimetable(clock, "host");
  timetable.plan([every('cron: "0 3 * * *"')]);
  const runs = () => timetable.take().detections.length;
  assertEquals(runs(), 0);
  pass(MINUTE);
  assertEquals(runs(), 1);
  assertEquals(runs(), 0, "once");
  pass(23 * HOUR);
  assertEquals(runs(), 0);
  set("2026-01-05T12:00:00");
  const jumped = timetable.take();
  assertEquals(jumped.detections.length, 1, "set forward over runs: it comes at once");
  assertEquals(jumped.skipped.size, 0, "and once, and nothing was left out");
  set("2026-01-01T01:00:00");
  assertEquals(runs(), 0);
  pass(2 * HOUR);
  assertEquals(runs(), 1, "set back: it comes at three again");
});

Deno.test("createTimetable() spreads runs over the splay, the same way each time, in a few steps", () => {
  const { clock, pass } = clockAt("2026-01-01T00:00:00");
  const many = Array.from({ length: 60 }, () => every("every: 1h, splay: 10m"));
  const spread = (host: string) => {
    const timetable = createTimetable(clock, host);
    timetable.plan(many);
    const counts: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      counts.push(timetable.take().detections.length);
      pass(MINUTE);
    }
    assertEquals(timetable.take().detections.length, 0);
    return counts;
  };
  const counts = spread("host-a");
  assertEquals(counts.reduce((sum, count) => sum + count), 60);
  assert(counts.filter((count) => count > 0).length >= 8, counts.join());
  assertEquals(spread("host-a"), counts);
  assert(spread("host-b").join() !== counts.join());
});

Deno.test("createTimetable() keeps to what was planned when detections are exchanged, and slows what it is told to", () => {
  const { clock, pass } = clockAt("2026-01-01T00:00:00");
  const kept = every("every: 60s");
  const timetable = createTimetable(clock, "host");
  timetable.plan([kept]);
  timetable.take();
  pass(50 * SECOND);
  timetable.plan([{ ...kept }, every("every: 60s")]);
  assertEquals(timetable.take().detections.length, 1, "the new one");
  assertEquals(timetable.wait(), 10 * SECOND);
  timetable.plan([kept]);
  timetable.slow(kept.detection.meta.id, 4);
  pass(10 * SECOND);
  assertEquals(timetable.take().detections.length, 1);
  pass(3 * MINUTE);
  assertEquals(timetable.take().detections.length, 0);
  pass(MINUTE);
  assertEquals(timetable.take().detections.length, 1);
});

Deno.test("createTimetable() runs what is slowed no more after one period at the latest", () => {
  const { clock, pass } = clockAt("2026-01-01T00:00:00");
  const hourly = every("every: 1h");
  const { id } = hourly.detection.meta;
  const timetable = createTimetable(clock, "host");
  timetable.slow(id, 16);
  timetable.plan([hourly]);
  const runs = () => timetable.take().detections.length;
  assertEquals(runs(), 1);
  pass(HOUR);
  timetable.slow(id, 1);
  assertEquals(runs(), 0);
  pass(HOUR);
  assertEquals(runs(), 1);
  timetable.slow(id, 16);
  pass(HOUR);
  assertEquals(runs(), 1, "what is planned is not put off");
  // Of what has gone nothing is remembered.
  timetable.plan([]);
  timetable.plan([hourly]);
  assertEquals(runs(), 1);
  pass(HOUR);
  assertEquals(runs(), 1);
});

Deno.test("withSchedule() gives a schedule to detections whose file has none", () => {
  const schedule = (text: string) =>
    withSchedule(
      detectionOf("SELECT pid FROM processes", text),
      { every: 5 * MINUTE, splay: SECOND },
    ).detection.meta.schedule;
  assertEquals(schedule(""), { every: 5 * MINUTE, splay: SECOND, timeout: 30 * SECOND });
  assertEquals(schedule("schedule: { every: 60s, splay: 2s }").every, MINUTE);
  assertEquals(schedule('schedule: { cron: "0 3 * * *" }').every, undefined);
});
