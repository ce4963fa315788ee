import { Cron } from "croner";

/** A value as it comes out of YAML, and what is wrong with it. */
export type Checked = { readonly value: unknown } | {
  readonly problem: string;
  readonly hint?: string;
};

/** A form of scalar values: how it is read, and how JSON Schema says so. */
export interface Kind {
  /** Reads a value; `source` is how it was written, for hints. */
  readonly read: (value: unknown, source: string) => Checked;
  readonly schema: Readonly<Record<string, unknown>>;
}

function good(value: unknown): Checked {
  return { value };
}

function bad(problem: string, hint?: string): Checked {
  return { problem, ...(hint !== undefined && { hint }) };
}

/** A number or truth value where text is wanted was meant as text: YAML only sees no quotes. */
function text(value: unknown, source: string, what: string): Checked {
  if (typeof value === "string") {
    return value.trim() === "" ? bad(`${what} is empty`) : good(value);
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return bad(`${what} is text`, `put it in quotes: "${source}"`);
  }
  return bad(`${what} is text`);
}

/** Text that is not empty. */
export const string: Kind = {
  read: (value, source) => text(value, source, "this"),
  schema: { type: "string", minLength: 1 },
};

/** Text of a given form. */
export function pattern(form: RegExp, what: string, hint: string): Kind {
  return {
    read: (value, source) => {
      const read = text(value, source, what);
      return "problem" in read || form.test(read.value as string)
        ? read
        : bad(`${JSON.stringify(value)} is not ${what}`, hint);
    },
    schema: { type: "string", pattern: form.source },
  };
}

const CRON = /^(?:[\d*/,-]+\s+){4}[\d*/,-]+$/;

/** A cron expression of five fields, of numbers that its fields can have, that comes true one day. */
export const cron: Kind = {
  read: (value, source) => {
    const read = pattern(CRON, "a cron expression of five fields", "0 3 * * *").read(value, source);
    if ("problem" in read) return read;
    try {
      return new Cron(read.value as string, { paused: true }).nextRun()
        ? read
        : bad(`${JSON.stringify(value)} never comes true`, "minute, hour, day, month, day of week");
    } catch (error) {
      const why = (error as Error).message.replace(/^CronPattern: /, "");
      return bad(`${JSON.stringify(value)}: ${why}`, "minute, hour, day, month, day of week");
    }
  },
  schema: { type: "string", pattern: CRON.source },
};

/** One of a closed set of words. */
export function oneOf(words: readonly string[]): Kind {
  return {
    read: (value) =>
      words.includes(value as string)
        ? good(value)
        : bad(`${JSON.stringify(value)} is not one of ${words.join(", ")}`),
    schema: { enum: words },
  };
}

/** true or false. */
export const boolean: Kind = {
  read: (value) =>
    typeof value === "boolean" ? good(value) : bad("it takes true or false", "without quotes"),
  schema: { type: "boolean" },
};

/** A whole number from a least one on. */
export function integer(least: number): Kind {
  return {
    read: (value) =>
      Number.isSafeInteger(value) && (value as number) >= least
        ? good(value)
        : bad(`it takes a whole number, at least ${least}`),
    schema: { type: "integer", minimum: least },
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^([1-9]\d{0,8})([smhd])$/;

/** `90s`, `10m`, `1h`, `30d`, in milliseconds; at most so many, where there is a limit. */
export function duration(most: number = Infinity, mostText = ""): Kind {
  return {
    read: (value) => {
      const match = DURATION.exec(String(value));
      if (!match) return bad(`${JSON.stringify(value)} is not a duration`, "90s, 10m, 1h, 30d");
      const milliseconds = Number(match[1]) * UNITS[match[2]!]!;
      return milliseconds <= most ? good(milliseconds) : bad(`at most ${mostText}`);
    },
    schema: { type: "string", pattern: DURATION.source },
  };
}

/** A day, as 2026-11-22. */
export const date: Kind = {
  read: (value, source) => {
    const read = text(value, source, "a date");
    if ("problem" in read) return read;
    const time = Date.parse(`${value}T00:00:00Z`);
    const valid = Number.isFinite(time) && new Date(time).toISOString().startsWith(String(value));
    return valid && /^\d{4}-\d\d-\d\d$/.test(String(value))
      ? good(value)
      : bad(`${JSON.stringify(value)} is not a date`, "2026-11-22");
  },
  schema: { type: "string", format: "date" },
};

/** The stable identity of a detection, in lower case. */
export const uuid: Kind = {
  read: (value) => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
    return typeof value === "string" && form.test(value)
      ? good(value.toLowerCase())
      : bad(`${JSON.stringify(value)} is not a UUID`, `a fresh one: ${crypto.randomUUID()}`);
  },
  schema: { type: "string", format: "uuid" },
};
