import { compileGlob, type TextMatcher } from "../../dialect/wildcard.ts";

/** A pattern for paths. */
export interface PathGlob {
  /** The folder that its constant beginning names; `undefined` where no path that this collector tells of can match. */
  readonly base: string | undefined;
  /** Whether a whole path matches. */
  matches(path: string): boolean;
  /** Whether a path that begins so can match; never `false` where one can. */
  leadsOn(beginning: string): boolean;
}

/**
 * Reads a pattern with SQLite's meaning of GLOB, in which `*` is any text, slashes too.
 *
 * @throws {RangeError} where SQLite refuses the pattern
 */
export function parsePathGlob(pattern: string): PathGlob {
  const matches = compileGlob(pattern);
  const [head, open] = splitPattern(pattern);
  const constant = /^[^*?[]*/.exec(pattern)![0];
  const folder = constant.slice(0, constant.lastIndexOf("/")) || "/";
  const possible = constant.startsWith("/") && isCanonical(folder);
  const beginnings = new Map<number, TextMatcher>();
  const beginning = (length: number): TextMatcher => {
    const known = beginnings.get(length);
    if (known) return known;
    const made = compileGlob(head.slice(0, length).join("") + (length > head.length ? "*" : ""));
    beginnings.set(length, made);
    return made;
  };
  return {
    base: possible ? folder : undefined,
    matches,
    leadsOn(text) {
      const length = [...text].length;
      if (length > head.length && !open) return false;
      return beginning(Math.min(length, head.length + 1))(text);
    },
  };
}

/** What stands before the first `*`, a character of a text each, and whether there is one. */
function splitPattern(pattern: string): readonly [readonly string[], boolean] {
  const characters = [...pattern];
  const head: string[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") return [head, true];
    if (character !== "[") {
      head.push(character);
      continue;
    }
    // As in SQLite, a `]` that comes first is a member.
    let end = at + (characters[at + 1] === "^" ? 2 : 1);
    if (characters[end] === "]") end++;
    while (end < characters.length && characters[end] !== "]") end++;
    head.push(characters.slice(at, end + 1).join(""));
    at = end;
  }
  return [head, false];
}

/** Whether a path is absolute and written in the one way in which rows have it. */
export function isCanonical(path: string): boolean {
  if (path === "/") return true;
  return path.startsWith("/") && !path.includes("\0") &&
    path.slice(1).split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
