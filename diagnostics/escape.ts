/**
 * Characters that make a terminal, an editor or a log do something instead of showing something, or that show nothing:
 * control characters (C0, DEL, C1), bidirectional controls, zero-width characters, fillers, line and paragraph separators,
 * byte order marks and tags. Unicode Technical Report 36, section 2.5; CVE-2021-42574 ("Trojan Source"). The two variation
 * selectors that only choose how an emoji looks are left alone.
 */
const HIDDEN =
  /(?![\ufe0e\ufe0f])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/**
 * Text of the host, or of anyone, made safe to show in a terminal on one line: what would act is shown as an escape such
 * as `\x1b` or `\u202e`, everything else stays as it is. A backslash stays a backslash: the result is for reading.
 */
export function escapeTerminal(text: string): string {
  return text.toWellFormed().replace(HIDDEN, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code === 0x09) return "\\t";
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/**
 * The JSON text of a value on one line that a terminal can show: what {@linkcode escapeTerminal} would escape stands as
 * JSON's own `\uXXXX`, so that a reader of the JSON gets exactly the value.
 */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    HIDDEN,
    (character) =>
      character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
  );
}

/** What a spreadsheet takes for a formula, the full-width signs and white space before them included. */
const FORMULA = /^\s*[=+\-@\uff0b\uff0d\uff1d\uff20]/;
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;

/**
 * A value as a CSV cell (RFC 4180) that a spreadsheet cannot take for a formula: text that begins with `=`, `+`, `-`, `@`,
 * or with a tab, a carriage return or a line feed, gets an apostrophe in front (OWASP, "CSV Injection"), control
 * characters are shown escaped, so that a record is one line. Numbers stay numbers, also where they are text, which is how
 * JSON has those beyond 2^53. NULL is empty, empty text is `""`.
 */
export function escapeCsvCell(value: null | boolean | number | bigint | string): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const risky = /^[\t\r\n]/.test(value) || (FORMULA.test(value) && !PLAIN_NUMBER.test(value));
  const safe = (risky ? "'" : "") + escapeTerminal(value);
  return /[",;']|^\s|\s$|^$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
