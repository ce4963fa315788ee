import { at, type HygieneCheck } from "./check.ts";

const DAY = 86_400_000;

/** Dates lie in the past, and a change after the beginning. */
export const impossibleDate: HygieneCheck = {
  code: "impossible-date",
  docs: {
    what: "`modified` before `date`, or either in the future.",
    why: "People sort by these dates to see what is new, and tools to see what to review.",
    bad: "date: 2026-03-01\nmodified: 2025-12-24",
    good: "date: 2025-12-24\nmodified: 2026-03-01",
  },
  *check({ detection, today }) {
    const { date, modified } = detection.meta;
    if (date !== undefined && modified !== undefined && modified < date) {
      yield {
        span: at(detection, "modified"),
        message: `modified on ${modified}, before it was written on ${date}`,
        hint: "`date` is the day of the first version, `modified` that of the latest change",
      };
    }
    // It is tomorrow already on the other side of the world.
    const tomorrow = new Date(Date.parse(today) + DAY).toISOString().slice(0, 10);
    for (const [key, value] of Object.entries({ date, modified })) {
      if (value === undefined || value <= tomorrow) continue;
      yield {
        span: at(detection, key),
        message: `\`${key}\` lies in the future`,
        hint: `today is ${today}`,
      };
    }
  },
};
