import type { Span } from "../../diagnostics/source.ts";

/** Code points from the first to the last, in order and apart from each other. */
export type CharacterSet = readonly (readonly [from: number, to: number])[];

/** Places between two characters (https://github.com/google/re2/wiki/Syntax, empty strings). */
export type Assertion = "start" | "end" | "boundary" | "no boundary";

/** A part of a regular expression; spans are offsets in the pattern. */
export type RegExpNode =
  | { readonly type: "set"; readonly set: CharacterSet; readonly span: Span }
  | { readonly type: "assertion"; readonly assertion: Assertion; readonly span: Span }
  | {
    readonly type: "repeat";
    readonly node: RegExpNode;
    readonly min: number;
    readonly max: number;
    /** The place of the quantifier. */
    readonly quantifier: Span;
    readonly span: Span;
  }
  /** Alternatives, each of them a sequence; a group, or the whole pattern. */
  | {
    readonly type: "choice";
    readonly alternatives: readonly {
      readonly items: readonly RegExpNode[];
      readonly span: Span;
    }[];
    readonly span: Span;
  };

/** A pattern as a tree. */
export interface ParsedRegExp {
  /** The whole pattern. */
  readonly root: Extract<RegExpNode, { type: "choice" }>;
  /** Where flags such as `(?i)` stand. */
  readonly flags: readonly Span[];
}

/** The last code point. */
export const LAST = 0x10ffff;

const DIGITS: CharacterSet = [[0x30, 0x39]];
/** What `\w` means, and what `\b` looks at. */
export const WORD: CharacterSet = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACE: CharacterSet = [[0x9, 0xa], [0xc, 0xd], [0x20, 0x20]];
const CLASSES: Readonly<Record<string, CharacterSet>> = { d: DIGITS, w: WORD, s: SPACE };
const NAMED: Readonly<Record<string, CharacterSet>> = {
  alnum: [[0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]],
  alpha: [[0x41, 0x5a], [0x61, 0x7a]],
  digit: DIGITS,
  lower: [[0x61, 0x7a]],
  punct: [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]],
  space: [[0x9, 0xd], [0x20, 0x20]],
  upper: [[0x41, 0x5a]],
  word: WORD,
  xdigit: [[0x30, 0x39], [0x41, 0x46], [0x61, 0x66]],
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
};
const QUANTIFIER = /(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})\??/y;

/** What this reader leaves alone. */
class Unknown extends Error {}

/** The characters of some sets together. */
export function union(...sets: readonly CharacterSet[]): CharacterSet {
  const merged: [number, number][] = [];
  for (const [from, to] of sets.flat().sort(([left], [right]) => left - right)) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function complement(set: CharacterSet): CharacterSet {
  const ranges: [number, number][] = [];
  let next = 0;
  for (const [from, to] of union(set)) {
    if (from > next) ranges.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) ranges.push([next, LAST]);
  return ranges;
}

/** The set with the other case of its ASCII letters. */
function folded(set: CharacterSet): CharacterSet {
  const other: [number, number][] = [];
  for (const [from, to] of set) {
    for (const [low, high, shift] of [[0x41, 0x5a, 32], [0x61, 0x7a, -32]] as const) {
      const [start, end] = [Math.max(from, low), Math.min(to, high)];
      if (start <= end) other.push([start + shift, end + shift]);
    }
  }
  return union(set, other);
}

/** Reads a pattern in RE2 syntax; `undefined` where it is not valid or holds what few patterns do. */
export function parseRegExp(pattern: string): ParsedRegExp | undefined {
  const flags: Span[] = [];
  let at = 0;
  let ignoreCase = false;
  let newlines = false;

  const peek = () => pattern[at] ?? "";
  const take = (text: string) => {
    if (!pattern.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const character = () => {
    const point = pattern.codePointAt(at);
    if (point === undefined) throw new Unknown();
    at += point > 0xffff ? 2 : 1;
    return point;
  };
  const set = (ranges: CharacterSet, start: number): RegExpNode => ({
    type: "set",
    set: ignoreCase ? folded(ranges) : ranges,
    span: { start, end: at },
  });

  function choice(start: number): Extract<RegExpNode, { type: "choice" }> {
    const before = { ignoreCase, newlines };
    const alternatives = [sequence()];
    while (take("|")) alternatives.push(sequence());
    ({ ignoreCase, newlines } = before);
    return { type: "choice", alternatives, span: { start, end: at } };
  }

  function sequence() {
    const start = at;
    const items: RegExpNode[] = [];
    while (at < pattern.length && !"|)".includes(peek())) {
      const atom = one();
      if (!atom) continue;
      QUANTIFIER.lastIndex = at;
      const found = QUANTIFIER.exec(pattern);
      if (!found) {
        items.push(atom);
        continue;
      }
      const quantifier = { start: at, end: QUANTIFIER.lastIndex };
      at = quantifier.end;
      const [sign = "", low, comma, high] = found;
      const min = low === undefined ? (sign[0] === "+" ? 1 : 0) : Number(low);
      const max = low === undefined
        ? (sign[0] === "?" ? 1 : Infinity)
        : !comma
        ? min
        : high
        ? Number(high)
        : Infinity;
      items.push({
        type: "repeat",
        node: atom,
        min,
        max,
        quantifier,
        span: { start: atom.span.start, end: at },
      });
    }
    return { items, span: { start, end: at } };
  }

  function one(): RegExpNode | undefined {
    const start = at;
    const assertion = (assertion: Assertion): RegExpNode => ({
      type: "assertion",
      assertion,
      span: { start, end: at },
    });
    if (take("(")) return group(start);
    if (take("[")) return set(bracket(), start);
    if (take("^")) return assertion("start");
    if (take("$")) return assertion("end");
    if (take(".")) return set(newlines ? [[0, LAST]] : complement([[10, 10]]), start);
    if (take("\\b")) return assertion("boundary");
    if (take("\\B")) return assertion("no boundary");
    if (take("\\A")) return assertion("start");
    if (take("\\z")) return assertion("end");
    if (take("\\")) return set(escape(), start);
    QUANTIFIER.lastIndex = at;
    if (QUANTIFIER.test(pattern)) throw new Unknown();
    const point = character();
    return set([[point, point]], start);
  }

  function group(start: number): RegExpNode | undefined {
    const named = /\?P?<[A-Za-z_]\w*>/y;
    named.lastIndex = at;
    if (named.test(pattern)) at = named.lastIndex;
    else if (take("?")) {
      const word = /([a-zA-Z]*)(-[a-zA-Z]+)?([:)])/y;
      word.lastIndex = at;
      const [whole, on = "", off = "", end] = word.exec(pattern) ?? [];
      if (whole === undefined || /[^is]/.test(on) || /[^-is]/.test(off)) throw new Unknown();
      at += whole.length;
      const before = { ignoreCase, newlines };
      if (on.includes("i") || off.includes("i")) ignoreCase = on.includes("i");
      if (on.includes("s") || off.includes("s")) newlines = on.includes("s");
      if (end === ")") {
        flags.push({ start, end: at });
        return undefined;
      }
      const inside = choice(start);
      ({ ignoreCase, newlines } = before);
      if (!take(")")) throw new Unknown();
      return { ...inside, span: { start, end: at } };
    }
    const inside = choice(start);
    if (!take(")")) throw new Unknown();
    return { ...inside, span: { start, end: at } };
  }

  /** The characters that an escape means, from behind the backslash. */
  function escape(): CharacterSet {
    const letter = peek();
    const named = CLASSES[letter.toLowerCase()];
    if (named) {
      at++;
      return letter === letter.toLowerCase() ? named : complement(named);
    }
    const hexadecimal = /x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/y;
    hexadecimal.lastIndex = at;
    const [whole, two, any] = hexadecimal.exec(pattern) ?? [];
    if (whole) {
      at += whole.length;
      const point = parseInt(two ?? any!, 16);
      return [[point, point]];
    }
    if (/[A-Za-z0-9]/.test(letter) && !ESCAPES[letter]) throw new Unknown();
    const point = character();
    const meant = ESCAPES[letter]?.codePointAt(0) ?? point;
    return [[meant, meant]];
  }

  /** A class from behind its `[`. */
  function bracket(): CharacterSet {
    const negated = take("^");
    let ranges: CharacterSet = [];
    for (let first = true; first || peek() !== "]"; first = false) {
      const named = /\[:(\^?)(\w+):\]/y;
      named.lastIndex = at;
      const [whole, not, name = ""] = named.exec(pattern) ?? [];
      if (whole) {
        const known = NAMED[name];
        if (!known) throw new Unknown();
        at += whole.length;
        ranges = union(ranges, not ? complement(known) : known);
        continue;
      }
      const low = take("\\") ? escape() : point();
      if (peek() === "-" && pattern[at + 1] !== "]" && low.length === 1) {
        at++;
        const high = take("\\") ? escape() : point();
        ranges = union(ranges, [[low[0]![0], high[0]![1]]]);
      } else ranges = union(ranges, low);
    }
    at++;
    const all = ignoreCase ? folded(ranges) : ranges;
    return negated ? complement(all) : all;
  }

  function point(): CharacterSet {
    const one = character();
    return [[one, one]];
  }

  try {
    const root = choice(0);
    return at === pattern.length ? { root, flags } : undefined;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}
