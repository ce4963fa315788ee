/**
 * Characters that make a terminal, an editor or a log do something instead of showing something: control characters (C0,
 * DEL, C1), bidirectional controls, zero-width characters, line and paragraph separators, byte order marks and tags.
 * Unicode Technical Report 36, section 2.5; CVE-2021-42574 ("Trojan Source").
 */
const HIDDEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

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
 * A value as a CSV cell (RFC 4180) that a spreadsheet cannot take for a formula: text that begins with `=`, `+`, `-`, `@`,
 * or a tab or carriage return gets an apostrophe in front (OWASP, "CSV Injection"), control characters are shown escaped.
 * Numbers stay numbers, NULL is empty.
 */
export function escapeCsvCell(value: null | boolean | number | bigint | string): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const safe = (/^[=+\-@\t\r]/.test(value) ? "'" : "") + escapeTerminal(value);
  return /[",;']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
