import { alternatives, type Before, best, EMPTY, type Part, sequence } from "./native_part.ts";

/** Native expressions that take linear time, and what their answers mean. */
export interface NativePattern {
  /** Each of them matches every text that the pattern matches. */
  readonly conditions: readonly RegExp[];
  /** Whether there is one, which matches no other text. */
  readonly exact: boolean;
}

/** Groups nested deeper are left to the other engine. */
const MAX_DEPTH = 20;

/** Fewer characters stand in most texts. */
const LEAST_LATER = 3;

/** Thrown within this file where the pattern holds what is not translated. */
class Untranslatable extends Error {}

/**
 * Native expressions for a valid RE2 pattern, or `undefined` where none would help. V8 goes back and tries again, which
 * takes exponential time on some patterns. So the pattern is cut wherever something can repeat without bound, and what
 * remains can be tried in at most some hundred ways from each place of the text. Only behind `^`, as in
 * `^(\S*\/)?nc `, one character may repeat without bound: then there is one place to begin, and each place where the
 * repetition ends is tried once. The pieces are still conditions that every matching text meets, and for most patterns of
 * detections there is one, which is the pattern itself.
 *
 * The alphabet must be understood alike by both engines, therefore `.`, `\d`, `\w`, `\s` become explicit sets.
 */
export function nativePattern(pattern: string): NativePattern | undefined {
  const ignoreCase = pattern.startsWith("(?i)");
  try {
    const reader = new Reader(ignoreCase ? pattern.slice(4) : pattern, ignoreCase);
    const { source, exact, later } = reader.alternatives({ nothing: true, mayLoop: false }, 0);
    if (!reader.done) return undefined;
    const flags = ignoreCase ? "iu" : "u";
    const regexp = new RegExp(source, flags);
    if (exact) return { conditions: [regexp], exact };
    const further = best(later);
    const conditions = [
      // A condition that the empty text meets tells nothing apart.
      ...regexp.test("") ? [] : [regexp],
      ...further && further.least >= LEAST_LATER ? [new RegExp(further.source, flags)] : [],
    ];
    return conditions.length > 0 ? { conditions, exact } : undefined;
  } catch (error) {
    if (error instanceof Untranslatable || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Sets by escape, within a class; outside of one they stand in brackets. */
const SETS: Readonly<Record<string, string>> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v" };
const REPEAT = /(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})/y;

interface Atom {
  readonly source: string;
  /** Whether it is a character, not a place between two. */
  readonly repeatable: boolean;
  readonly exact: boolean;
}

/** Reads a pattern from left to right. */
class Reader {
  #at = 0;

  constructor(readonly text: string, readonly ignoreCase: boolean) {}

  get done(): boolean {
    return this.#at === this.text.length;
  }

  /** Reads alternatives up to the end or a closing bracket. */
  alternatives(before: Before, depth: number): Part {
    if (depth > MAX_DEPTH) throw new Untranslatable();
    const branches = [this.#sequence(before, depth)];
    while (this.#take("|")) branches.push(this.#sequence(before, depth));
    return alternatives(branches);
  }

  #sequence(before: Before, depth: number): Part {
    return sequence(
      before,
      (before) => this.done || "|)".includes(this.#peek()) ? undefined : this.#item(before, depth),
    );
  }

  /** One atom and how often it may stand. */
  #item(before: Before, depth: number): Part {
    if (this.#take("(")) return this.#group(before, depth);
    const { source, repeatable, exact } = this.#atom();
    const repeat = this.#repeat();
    if (!repeat) {
      const least = repeatable ? 1 : 0;
      return { ...EMPTY, source, least, exact, anchored: source === "^" };
    }
    if (!repeatable) throw new Untranslatable();
    const { min, max } = repeat;
    const atom = { ...EMPTY, least: min, exact };
    if (max < Infinity) return { ...atom, source: `${source}{${min},${max}}`, ways: max - min + 1 };
    if (before.mayLoop) return { ...atom, source: `${source}{${min},}`, loop: true };
    const required = min === 0 ? "" : min === 1 ? source : `${source}{${min}}`;
    // In front of everything a repetition adds no condition of its own: the match may as well begin later.
    return { ...atom, source: required, open: !before.nothing };
  }

  #group(before: Before, depth: number): Part {
    if (this.#take("?") && !this.#take(":")) throw new Untranslatable();
    const inner = this.alternatives(before, depth + 1);
    if (!this.#take(")")) throw new Untranslatable();
    const source = `(?:${inner.source})`;
    const repeat = this.#repeat();
    if (!repeat) return { ...inner, source };
    const { min, max } = repeat;
    if (min === 0 && before.nothing) return EMPTY;
    if (min === 0 && max === 1 && !inner.open) {
      return { ...inner, source: `${source}?`, least: 0, ways: inner.ways + 1, anchored: false };
    }
    if (min === 0) return { ...EMPTY, open: true };
    // The first time is kept. Where it must come again, that is a condition only.
    return { ...inner, source, exact: inner.exact && min === 1, open: true };
  }

  #atom(): Atom {
    const character = this.#next();
    switch (character) {
      case "^":
      case "$":
        return { source: character, repeatable: false, exact: true };
      case ".":
        return { source: "[^\\n]", repeatable: true, exact: true };
      case "[":
        return { source: this.#class(), repeatable: true, exact: true };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw new Untranslatable();
      default:
        return { source: literal(character), repeatable: true, exact: true };
    }
  }

  #escape(): Atom {
    const character = this.#next();
    if (character === "b") {
      // Without regard to case V8 counts two letters more among the word characters: leave the condition out.
      return { source: this.ignoreCase ? "" : "\\b", repeatable: false, exact: !this.ignoreCase };
    }
    const set = SETS[character.toLowerCase()];
    if (set) {
      const negated = character !== character.toLowerCase();
      return { source: `[${negated ? "^" : ""}${set}]`, repeatable: true, exact: true };
    }
    return { source: literal(escaped(character)), repeatable: true, exact: true };
  }

  /** A class from behind its `[`; named classes and the like are not translated. */
  #class(): string {
    let source = this.#take("^") ? "[^" : "[";
    let low: string | undefined;
    for (let count = 0; count === 0 || this.#peek() !== "]"; count++) {
      const character = this.#next();
      if (character === "[") throw new Untranslatable();
      // A hyphen that is not a member's neighbour to both sides stands for itself.
      if (character === "-" && count > 0 && this.#peek() !== "]") throw new Untranslatable();
      if (character === "\\" && SETS[this.#peek()]) {
        source += SETS[this.#next()];
        low = undefined;
        continue;
      }
      low = character === "\\" ? escaped(this.#next()) : character;
      source += literal(low);
      if (this.#peek() !== "-") continue;
      this.#next();
      // A hyphen at the end of the class stands for itself.
      if (this.#peek() === "]") {
        source += literal("-");
        continue;
      }
      const high = this.#next();
      if ("[\\-".includes(high)) throw new Untranslatable();
      source += `-${literal(high)}`;
    }
    this.#next();
    return `${source}]`;
  }

  #repeat(): { min: number; max: number } | undefined {
    REPEAT.lastIndex = this.#at;
    const found = REPEAT.exec(this.text);
    if (!found) return undefined;
    this.#at = REPEAT.lastIndex;
    this.#take("?");
    const [sign, low, comma, high] = found;
    if (low === undefined) {
      return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Infinity };
    }
    const min = Number(low);
    return { min, max: !comma ? min : high ? Number(high) : Infinity };
  }

  #peek(): string {
    return this.text[this.#at] ?? "";
  }

  /** The next whole character. */
  #next(): string {
    const point = this.text.codePointAt(this.#at);
    if (point === undefined) throw new Untranslatable();
    const character = String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}

/** The character that a backslash before another one means. */
function escaped(character: string): string {
  const control = CONTROLS[character];
  if (control) return control;
  if (/[\w\u0080-\u{10ffff}]/u.test(character)) throw new Untranslatable();
  return character;
}

function literal(character: string): string {
  return /^[\w ]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
