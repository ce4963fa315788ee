/** How deeply SQLite's JSON functions follow nesting; deeper text is malformed to them. */
export const MAX_JSON_DEPTH = 1000;

/** Whether a text is JSON, to JavaScript and to SQLite's JSON functions alike. */
export function isJsonText(text: string): boolean {
  if (!nestsWithin(text, MAX_JSON_DEPTH)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Brackets outside of strings are counted before anything is parsed, so that hostile nesting costs one pass. */
function nestsWithin(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return true;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return false;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return true;
}
