import type { WordHolders } from "./command_words.ts";
import { PATH } from "./secrets.ts";

/** Texts that were found where their place gave them away. */
export interface Found {
  readonly users: Set<string>;
  readonly hosts: Set<string>;
  readonly secrets: Set<string>;
}

/** Patterns that find any of some texts, and what each of them is. */
export interface LiteralSet {
  readonly patterns: readonly RegExp[];
  readonly texts: ReadonlyMap<string, Literal>;
}

interface Literal {
  readonly kind: keyof WordHolders;
  readonly value: string;
}

/** What is replaced wherever it stands: secrets before anything else is looked for, names after everything else. */
export interface Literals {
  readonly secrets: LiteralSet;
  readonly identities: LiteralSet;
}

/**
 * Patterns for what was found. Not everything is looked for everywhere: a password that is a plain word, a user that is
 * called like a program and a host with a common name are replaced only where their place says what they are, since
 * otherwise nothing would be left of the text around them.
 */
export function createLiterals(
  { users, hosts, secrets }: Found,
  surroundings: {
    /** Names of the host itself. */
    readonly hosts: readonly string[];
    /** Names of programs. */
    readonly programs: ReadonlySet<string>;
    /** Whether a name is to stay. */
    readonly keep: (word: string) => boolean;
  },
): Literals {
  const isFree = (name: string) => !surroundings.keep(name) && !surroundings.programs.has(name);
  const secretTexts = new Map<string, Literal>();
  for (const value of secrets) {
    if (!isDistinctive(value)) continue;
    const literal: Literal = { kind: "secret", value };
    secretTexts.set(value, literal);
    secretTexts.set(encodeURIComponent(value.toWellFormed()), literal);
  }
  const names = new Map<string, Literal>();
  const wanted = [...surroundings.hosts, ...[...hosts].filter((name) => /[\d_.-]/.test(name))];
  for (const value of wanted.filter((name) => name.length > 3 && isFree(name))) {
    for (const text of [value, value.toLowerCase(), value.toUpperCase()]) {
      names.set(text, { kind: "host", value });
    }
  }
  for (const value of [...users].filter((name) => name.length > 2 && isFree(name))) {
    names.set(value, { kind: "user", value });
  }
  return { secrets: literalSet(secretTexts), identities: literalSet(names) };
}

/** Replaces the texts of a set. */
export function replaceLiterals(
  text: string,
  { patterns, texts }: LiteralSet,
  holders: WordHolders,
): string {
  return patterns.reduce((rest, pattern) =>
    rest.replace(pattern, (match) => {
      const { kind, value } = texts.get(match)!;
      return holders[kind](value);
    }), text);
}

/** What is longer is known by its form or its place, and not looked for elsewhere. */
const MAX_LENGTH = 256;
/** Characters of a pattern; a larger one is cut into several. */
const MAX_PATTERN = 20_000;

/** Neither a word, a number nor the name of a file: something that is not met by chance. */
function isDistinctive(value: string): boolean {
  return value.length >= 6 && value.length <= MAX_LENGTH &&
    !/^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+|\d+)$/.test(value) &&
    !PATH.test(value);
}

/** Longer texts come first. Only long secrets are looked for within words. */
function literalSet(texts: ReadonlyMap<string, Literal>): LiteralSet {
  const sorted = [...texts.entries()].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  const patterns: RegExp[] = [];
  let source = "";
  for (const [index, [text, { kind }]] of sorted.entries()) {
    const literal = kind === "secret" && text.length >= 8
      ? RegExp.escape(text)
      : `(?<![A-Za-z0-9])${RegExp.escape(text)}(?![A-Za-z0-9])`;
    source += source === "" ? literal : `|${literal}`;
    if (source.length < MAX_PATTERN && index < sorted.length - 1) continue;
    patterns.push(new RegExp(source, "g"));
    source = "";
  }
  return { patterns, texts };
}
