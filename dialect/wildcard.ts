import { isAscii, type SqlValue, textOf } from "./text.ts";

/** SQLite refuses longer LIKE and GLOB patterns; the limit is in bytes of UTF-8. */
const MAX_PATTERN_BYTES = 50_000;

/** Whether a text matches a pattern that has been compiled. */
export type TextMatcher = (text: string) => boolean;

/** What a pattern is made of: single characters, as RegExp source, and gaps (`%`, `*`) of any length between them. */
type Segments = readonly string[];

const encoder = new TextEncoder();
const never: TextMatcher = () => false;

/**
 * Compiles a LIKE pattern with SQLite's meaning: `%` any text, `_` one character, ASCII letters of either case equal.
 *
 * @param escape the one character that takes the meaning from the wildcard after it
 * @throws {RangeError} where SQLite refuses the pattern: longer than 50,000 bytes, or an escape of another length
 */
export function compileLike(pattern: string, escape?: string): TextMatcher {
  if (escape !== undefined && [...escape].length !== 1) {
    throw new RangeError("ESCAPE expression must be a single character");
  }
  const segments = [""];
  const characters = characterList(pattern);
  const mark = escape && readable(escape);
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at]!;
    if (character === mark) {
      const escaped = characters[++at];
      if (escaped === undefined) return never;
      character = escaped;
    } else if (character === "%") {
      segments.push("");
      continue;
    } else if (character === "_") {
      segments[segments.length - 1] += ".";
      continue;
    }
    segments[segments.length - 1] += anyCase(character);
  }
  return matcher(segments, isAscii(pattern));
}

/**
 * Compiles a GLOB pattern with SQLite's meaning: `*` any text, `?` one character, `[a-z]` and `[^a-z]` one of a set;
 * case counts, and no character is special within the text.
 *
 * @throws {RangeError} where SQLite refuses the pattern: longer than 50,000 bytes
 */
export function compileGlob(pattern: string): TextMatcher {
  const segments = [""];
  const characters = characterList(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") {
      segments.push("");
      continue;
    }
    let source = character === "?" ? "." : literal(character);
    if (character === "[") {
      const set = readSet(characters, at + 1);
      if (!set) return never;
      source = set.source;
      at = set.end;
    }
    segments[segments.length - 1] += source;
  }
  return matcher(segments, isAscii(pattern));
}

/** `text LIKE pattern [ESCAPE escape]`; NULL if any operand is, or where SQLite would refuse the pattern. */
export function like(pattern: SqlValue, text: SqlValue, escape?: SqlValue): boolean | null {
  if (escape === null) return null;
  const mark = escape === undefined ? undefined : textOf(escape) ?? undefined;
  return apply((source) => compileLike(source, mark), pattern, text);
}

/** `text GLOB pattern`; NULL if either operand is, or where SQLite would refuse the pattern. */
export function glob(pattern: SqlValue, text: SqlValue): boolean | null {
  return apply(compileGlob, pattern, text);
}

function apply(
  compile: (pattern: string) => TextMatcher,
  pattern: SqlValue,
  text: SqlValue,
): boolean | null {
  const [source, subject] = [textOf(pattern), textOf(text)];
  if (source === null || subject === null) return null;
  try {
    return compile(source)(subject);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function characterList(pattern: string): readonly string[] {
  if (pattern.length > MAX_PATTERN_BYTES || encoder.encode(pattern).length > MAX_PATTERN_BYTES) {
    throw new RangeError("LIKE or GLOB pattern too complex");
  }
  return [...readable(pattern)];
}

/** SQLite reads both of Unicode's noncharacters at the end of the first plane as U+FFFD (`sqlite3Utf8Read`). */
function readable(text: string): string {
  return text.replace(/[\ufffe\uffff]/g, "\ufffd");
}

/** Reads a set from behind its `[`; `undefined` if it does not end, which matches nothing. */
function readSet(
  characters: readonly string[],
  start: number,
): { source: string; end: number } | undefined {
  let at = start;
  const negated = characters[at] === "^";
  if (negated) at++;
  let members = "";
  // A `]` that comes first is a member; it begins no range.
  if (characters[at] === "]") {
    members += literal("]");
    at++;
  }
  let prior: string | undefined;
  for (; characters[at] !== "]"; at++) {
    const character = characters[at];
    if (character === undefined) return undefined;
    const next = characters[at + 1];
    if (character === "-" && prior !== undefined && next !== undefined && next !== "]") {
      if (prior.codePointAt(0)! <= next.codePointAt(0)!) {
        members += `${literal(prior)}-${literal(next)}`;
      }
      prior = undefined;
      at++;
    } else {
      members += literal(character);
      prior = character;
    }
  }
  return { source: `[${negated ? "^" : ""}${members}]`, end: at };
}

function matcher(segments: Segments, ascii: boolean): TextMatcher {
  const match = segmentMatcher(segments);
  return ascii ? match : (text) => match(readable(text));
}

/**
 * Matches the segments in their order: the first at the start, the last at the end, each other one where it is found
 * first. A segment's matches are all equally long, so the first is also the one that ends first and there is no going
 * back: the time is linear in the text for each segment.
 */
function segmentMatcher(segments: Segments): TextMatcher {
  const first = segments[0]!;
  if (segments.length === 1) {
    const whole = new RegExp(`^${first}$`, "su");
    return (text) => whole.test(text);
  }
  const start = first && new RegExp(first, "suy");
  const middle = segments.slice(1, -1).filter((segment) => segment)
    .map((segment) => new RegExp(segment, "gsu"));
  const last = segments.at(-1)!;
  const end = last && new RegExp(`${last}$`, "gsu");
  return (text) => {
    let position = 0;
    for (const part of [start, ...middle, end]) {
      if (!part) continue;
      part.lastIndex = position;
      if (!part.test(text)) return false;
      position = part.lastIndex;
    }
    return true;
  };
}

/** RegExp source that matches one character and nothing else, within a set or outside of one. */
function literal(character: string): string {
  return /^[\w ]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

function anyCase(character: string): string {
  return /^[a-zA-Z]$/.test(character)
    ? `[${character.toLowerCase()}${character.toUpperCase()}]`
    : literal(character);
}
