/** Part of a pattern as RegExp source: a condition that every match of the part meets. */
interface Part {
  readonly source: string;
  /** Whether the condition is all that the part asks for. */
  readonly exact: boolean;
  /** Whether the part may go on beyond what the source says, so that nothing can be said of what follows. */
  readonly open: boolean;
  /** In how many ways V8 may try to match it from one place of the text. */
  readonly ways: number;
}

/** A native expression that takes linear time, and what its answer means. */
export interface NativePattern {
  /** The expression. */
  readonly regexp: RegExp;
  /** Whether it matches exactly the texts that the pattern matches; otherwise those and some more. */
  readonly exact: boolean;
}

/** Beyond so many ways to match from one place a repetition or an alternative is left out. */
const MAX_WAYS = 256;

/** Groups nested deeper are left to the other engine. */
const MAX_DEPTH = 20;

/** Thrown within this file where the pattern holds what is not translated. */
class Untranslatable extends Error {}

/**
 * A native RegExp for a valid RE2 pattern, or `undefined` where none would help. V8 goes back and tries again, which
 * takes exponential time on some patterns. So everything that can repeat without bound is cut off, with all that comes
 * after it, and what remains can be tried in at most {@linkcode MAX_WAYS} ways from each place of the text. That is
 * still a condition that every matching text meets, and for most patterns of detections it is the pattern itself.
 *
 * The alphabet must be understood alike by both engines, therefore `.`, `\d`, `\w`, `\s` become explicit sets.
 */
export function nativePattern(pattern: string): NativePattern | undefined {
  const ignoreCase = pattern.startsWith("(?i)");
  try {
    const reader = new Reader(ignoreCase ? pattern.slice(4) : pattern, ignoreCase);
    const { source, exact } = reader.alternatives(true, 0);
    if (!reader.done) return undefined;
    const regexp = new RegExp(source, ignoreCase ? "iu" : "u");
    // A condition that the empty text meets tells nothing apart.
    return exact || !regexp.test("") ? { regexp, exact } : undefined;
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

  /** Reads alternatives up to the end or a closing bracket. `first`: nothing of the pattern comes before them. */
  alternatives(first: boolean, depth: number): Part {
    if (depth > MAX_DEPTH) throw new Untranslatable();
    const branches = [this.#sequence(first, depth)];
    while (this.#take("|")) branches.push(this.#sequence(first, depth));
    if (branches.length === 1) return branches[0]!;
    return {
      source: `(?:${branches.map((branch) => branch.source).join("|")})`,
      exact: branches.every((branch) => branch.exact),
      open: branches.some((branch) => branch.open),
      ways: branches.reduce((sum, branch) => sum + branch.ways, 0),
    };
  }

  #sequence(first: boolean, depth: number): Part {
    let part: Part = { source: "", exact: true, open: false, ways: 1 };
    while (!this.done && !"|)".includes(this.#peek())) {
      const item = this.#item(first && part.source === "" && !part.open, depth);
      const ways = part.ways * item.ways;
      part = part.open || ways > MAX_WAYS ? { ...part, exact: false, open: true } : {
        source: part.source + item.source,
        exact: part.exact && item.exact,
        open: item.open,
        ways,
      };
    }
    return part;
  }

  /** One atom and how often it may stand. */
  #item(atStart: boolean, depth: number): Part {
    if (this.#take("(")) return this.#group(atStart, depth);
    const { source, repeatable, exact } = this.#atom();
    const repeat = this.#repeat();
    if (!repeat) return { source, exact, open: false, ways: 1 };
    if (!repeatable) throw new Untranslatable();
    const { min, max } = repeat;
    if (max < Infinity) {
      return { source: `${source}{${min},${max}}`, exact, open: false, ways: max - min + 1 };
    }
    const required = min === 0 ? "" : min === 1 ? source : `${source}{${min}}`;
    // In front of everything a repetition adds no condition of its own: the match may as well begin later.
    return { source: required, exact, open: !atStart, ways: 1 };
  }

  #group(atStart: boolean, depth: number): Part {
    if (this.#take("?") && !this.#take(":")) throw new Untranslatable();
    const inner = this.alternatives(atStart, depth + 1);
    if (!this.#take(")")) throw new Untranslatable();
    const source = `(?:${inner.source})`;
    const repeat = this.#repeat();
    if (!repeat) return { ...inner, source };
    const { min, max } = repeat;
    if (min === 0 && max === 1 && !inner.open) {
      return { ...inner, source: `${source}?`, ways: inner.ways + 1 };
    }
    if (min === 0) return { source: "", exact: true, open: true, ways: 1 };
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
      if (character === "[" || character === "-") throw new Untranslatable();
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
