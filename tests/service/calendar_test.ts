import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isCalendarEvent } from "../../service/calendar.ts";

Deno.test("isCalendarEvent() takes what timers use, and nothing else", () => {
  const good = [
    "hourly",
    "Mon",
    "Mon..Fri 10:00",
    "*-*-* *:00/15:00",
    "Mon,Wed..Fri 02:30",
    "10:00",
  ];
  const more = [
    "Sat,Sun *-*-* 04:00:00 Europe/Berlin",
    "10:00 UTC",
    "daily Europe/Berlin",
    "*-*~1",
    "2026-11-01",
    "*:0/5",
  ];
  const bad = [
    "",
    "bogus",
    "25:00",
    "12",
    "foo 10:00",
    "10:60",
    "*-13-* 10:00",
    "every day",
    "UTC",
    "Fri..Mon",
    "Mon..Wed..Fri",
    "10:00\n",
    "Mon\n10:00",
  ];
  assertEquals([...good, ...more].filter((one) => !isCalendarEvent(one)), []);
  assertEquals(bad.filter(isCalendarEvent), []);
});

/** What systemd says of calendar events, all at once: those that it does not take. */
async function refusedBySystemd(
  events: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const refused = new Set<string>();
  for (const event of events) {
    try {
      const args = ["calendar", event];
      const { success } = await new Deno.Command("systemd-analyze", { args }).output();
      if (!success) refused.add(event);
    } catch {
      return undefined;
    }
  }
  return refused;
}

Deno.test("isCalendarEvent() takes nothing that systemd refuses", async () => {
  const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant("*"),
      number(min, max),
      fc.tuple(number(min, max), number(0, 20)).map((x) => x.join("/")),
      fc.tuple(number(min, max), number(min, max)).map((x) => x.join(",")),
      fc.tuple(number(min, max), number(min, max)).map((x) => x.join("..")),
      fc.constant("*/5"),
    );
  const part = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: "" });
  const days = fc.constantFrom("Mon", "tue", "Wed..Fri", "Sun-Tue", "Sat,Sun", "Monday", "Nonday");
  const date = fc.tuple(field(2020, 2040), field(0, 13), field(0, 32)).map((x) => x.join("-"));
  const time = fc.tuple(field(0, 25), field(0, 61), field(0, 61)).map((x) => x.join(":"));
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "");
  const events = fc.sample(
    fc.tuple(part(days), part(date), part(time), zone)
      .map((parts) => parts.filter((one) => one !== "").join(" ")),
    1_000,
  );
  const taken = events.filter(isCalendarEvent);
  const refused = await refusedBySystemd(taken);
  if (!refused) return console.log("systemd-analyze is not installed: not compared with it");
  assertEquals([...refused], []);
  assertEquals(taken.length > 10, true, "some are taken");
});
