/** A value as SQL hands it to a function. In SQL an integer is a `bigint` there and a real a `number`. */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array;

const decoder = new TextDecoder();

/**
 * The text of a value as SQLite's `CAST(value AS TEXT)` makes it; NULL stays NULL. A `number` that holds a whole number
 * counts as an integer, as the values of integer columns do.
 */
export function textOf(value: SqlValue): string | null {
  if (typeof value === "string" || value === null) return value;
  if (typeof value === "number") {
    return Number.isInteger(value) ? wholeText(value) : realText(value);
  }
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return value.toString();
  return decoder.decode(value);
}

function wholeText(value: number): string {
  return Number.isSafeInteger(value) ? String(value + 0) : realText(value);
}

/**
 * The text of a REAL as SQLite writes it: 15 significant digits where they say it all, else 17, never without a point.
 * SQLite does not round the seventeenth digit exactly; we do.
 */
export function realText(value: number): string {
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  if (value === 0) return "0.0";
  const short = value.toExponential(14);
  const [mantissa = "", exponentText = ""] =
    (Number(short) === value ? short : value.toExponential(16)).split("e");
  const exponent = Number(exponentText);
  const sign = value < 0 ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "").replace(/0+$/, "");
  if (exponent < -4 || exponent > 16) {
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}.${digits.slice(1) || "0"}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

// deno-lint-ignore no-control-regex -- the whole of ASCII is meant
const NOT_ASCII = /[^\x00-\x7f]/;

/** Whether a text holds ASCII characters alone. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/** A text with A to Z as a to z and every other character as it is. */
export function asciiLower(text: string): string {
  return isAscii(text)
    ? text.toLowerCase()
    : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Makes a case-insensitive comparison of two texts of a comparison of lower-cased ones. */
function comparison(
  holds: (text: string, part: string) => boolean,
): (text: SqlValue, part: SqlValue) => boolean | null {
  return (text, part) => {
    const [whole, wanted] = [textOf(text), textOf(part)];
    if (whole === null || wanted === null) return null;
    return holds(asciiLower(whole), asciiLower(wanted));
  };
}

/** Whether `text` contains `part`, ASCII letters of either case being equal; NULL if either is NULL. */
export const contains: (text: SqlValue, part: SqlValue) => boolean | null = comparison(
  (text, part) => text.includes(part),
);

/** Whether `text` starts with `part`, ASCII letters of either case being equal; NULL if either is NULL. */
export const startsWith: (text: SqlValue, part: SqlValue) => boolean | null = comparison(
  (text, part) => text.startsWith(part),
);

/** Whether `text` ends with `part`, ASCII letters of either case being equal; NULL if either is NULL. */
export const endsWith: (text: SqlValue, part: SqlValue) => boolean | null = comparison(
  (text, part) => text.endsWith(part),
);
