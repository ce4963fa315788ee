const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of a duration such as `90s`, `10m`, `1h` or `30d`; `undefined` where it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(amount) * UNITS[unit]!;
}

/**
 * The milliseconds since the epoch of a time in a fixture: ISO 8601 with a zone, milliseconds, or, where there is a
 * moment to count from, a signed duration (`-5m`). `undefined` where it is none of them.
 */
export function parseTime(text: string, relativeTo: number | undefined): number | undefined {
  const time = readTime(text, relativeTo);
  return time !== undefined && isTime(time) ? time : undefined;
}

/** Whether milliseconds since the epoch are a moment that a date can show. */
export function isTime(time: number): boolean {
  return Math.abs(time) <= 8.64e15;
}

function readTime(text: string, relativeTo: number | undefined): number | undefined {
  if (/^-?\d+$/.test(text)) return Number(text);
  if (relativeTo !== undefined && /^[+-]/.test(text)) {
    const duration = parseDuration(text.slice(1));
    return duration === undefined
      ? undefined
      : relativeTo + (text.startsWith("-") ? -duration : duration);
  }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) {
    return undefined;
  }
  const time = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time;
}

/** The first moment whose year has five digits. */
const YEAR_10000 = Date.UTC(10_000, 0, 1);

/** A time as fixtures give it: ISO 8601 where a year of four digits can say it, else milliseconds. */
export function timeText(time: number): string | number {
  if (time < 0 || time >= YEAR_10000) return time;
  return new Date(time).toISOString().replace(".000Z", "Z");
}
