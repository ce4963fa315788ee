const SHORTHANDS =
  /^(?:minutely|hourly|daily|weekly|monthly|quarterly|semi-?annually|bi-?annually|yearly|annually)$/i;

const DAY =
  "(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)";

/** `*`, or a list of numbers, ranges of them, and repetitions: a number, a slash and a distance. */
const FIELD = String.raw`(?:\*|\d+(?:\.\.\d+)?(?:/\d+)?(?:,\d+(?:\.\.\d+)?(?:/\d+)?)*)`;

const CALENDAR = new RegExp(
  [
    `^(?:(?<days>${DAY}(?:(?:\\.\\.|,|-)${DAY})*),?(?:\\s+|$))?`,
    `(?:(?:(?<year>${FIELD})-)?(?<month>${FIELD})[-~](?<day>${FIELD})(?:\\s+|$))?`,
    `(?:(?<hour>${FIELD}):(?<minute>${FIELD})(?::(?<second>${FIELD}))?(?:\\s+|$))?`,
    String.raw`(?:UTC|[A-Za-z]+(?:/[\w+-]+)+)?$`,
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
  if (SHORTHANDS.test(text)) return true;
  const { groups } = CALENDAR.exec(text) ?? {};
  if (!groups || !(groups.days ?? groups.month ?? groups.hour)) return false;
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
