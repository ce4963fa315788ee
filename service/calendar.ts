const SHORTHANDS =
  /^(?:minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|yearly|annually)$/i;

/** Behind anything else. */
const ZONE = / (UTC|[A-Z][A-Za-z]*(?:\/[A-Z][\w+-]*)+)$/;

const DAY =
  "(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)";

/** In the order that a range of them has. */
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const DAYS = `${DAY}(?:(?:\\.\\.|-)${DAY})?`;

/** `*`, or a list of numbers, ranges of them, and repetitions: a number, a slash and a distance. */
const FIELD = String.raw`(?:\*|\d+(?:\.\.\d+)?(?:/\d+)?(?:,\d+(?:\.\.\d+)?(?:/\d+)?)*)`;

const CALENDAR = new RegExp(
  [
    `^(?:(?<days>${DAYS}(?:,${DAYS})*),?(?: +|$))?`,
    `(?:(?:(?<year>${FIELD})-)?(?<month>${FIELD})[-~](?<day>${FIELD})(?: +|$))?`,
    `(?:(?<hour>${FIELD}):(?<minute>${FIELD})(?::(?<second>${FIELD}))?(?: +|$))?`,
    "$",
  ].join(""),
  "i",
);

/** What the numbers of each field are among. */
const LIMITS = {
  year: [1970, 2199],
  month: [1, 12],
  day: [1, 31],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
} as const;

/**
 * Whether a text is a calendar event of systemd (systemd.time(7), "Calendar events"), as far as a timer of scans needs them:
 * without fractions of seconds, years of two digits and times since the epoch.
 */
export function isCalendarEvent(text: string): boolean {
  const zone = ZONE.exec(text)?.[1];
  if (zone !== undefined && !isZone(zone)) return false;
  const moment = text.replace(ZONE, "");
  if (SHORTHANDS.test(moment)) return true;
  const { groups } = CALENDAR.exec(moment) ?? {};
  if (!groups || !(groups.days ?? groups.month ?? groups.hour)) return false;
  const days = groups.days?.toLowerCase().split(",") ?? [];
  const isBackward = (range: string) => {
    const [first = 0, last = 6] = range.split(/\.\.|-/).map((day) => WEEK.indexOf(day.slice(0, 3)));
    return first > last;
  };
  if (days.some(isBackward)) return false;
  return Object.entries(LIMITS).every(([field, [least, most]]) => {
    const values = (groups[field] ?? "*").split(",").filter((value) => value !== "*");
    return values.every((value) => {
      const [range = "", distance] = value.split("/");
      const [first = 0, last] = range.split("..").map(Number);
      // systemd takes no range, and no repetition, that is nothing but its first value.
      return first >= least && (last === undefined || first < last) && (last ?? first) <= most &&
        (distance === undefined || Number(distance) > 0 && first + Number(distance) <= most);
    });
  });
}

/** Whether there is a time zone of this name; systemd, other than this, minds its case. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
