import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js";
import { nativePattern } from "./native.ts";
import { type SqlValue, textOf } from "./text.ts";

/** A pattern that texts can be tried on, in time linear in their length whatever the pattern. */
export interface CompiledPattern {
  /** Whether the pattern matches anywhere in a text. */
  test(text: string): boolean;
}

/** Why a pattern is none. */
export interface PatternError {
  /** What is wrong, in a few words. */
  readonly error: string;
  /** Where in the pattern the fault lies, in UTF-16 code units, where that is known. */
  readonly offset?: number;
}

/** The longest pattern, in UTF-16 code units. */
export const MAX_PATTERN_LENGTH = 10_000;

/** More than any query holds, so that no query compiles the same pattern for every row. */
const MAX_CACHED = 1_024;

const cache = new Map<string, CompiledPattern | PatternError>();

/** A pattern that was asked for. */
interface Asked {
  readonly pattern: string;
  readonly compiled: CompiledPattern | PatternError;
}

/**
 * The patterns of the query that runs. SQLite hands over each pattern as a new string for every row: to find it by its hash
 * means to compute that of the whole text, which comparing it with a few others does not.
 */
const recent: Asked[] = [];
let oldest = 0;

/** Few queries have more patterns. */
const MAX_RECENT = 16;

/**
 * Compiles a pattern in RE2 syntax (https://github.com/google/re2/wiki/Syntax). The latest 1,024 patterns are kept, bad
 * ones too, so that a pattern may be given again for every row.
 */
export function compilePattern(pattern: string): CompiledPattern | PatternError {
  for (const asked of recent) if (asked.pattern === pattern) return asked.compiled;
  const compiled = cache.get(pattern) ?? compile(pattern);
  // The map keeps the order of insertion: what was used last is at its end.
  cache.delete(pattern);
  cache.set(pattern, compiled);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!);
  recent[oldest] = { pattern, compiled };
  oldest = (oldest + 1) % MAX_RECENT;
  return compiled;
}

/** Gives back the memory of every compiled pattern. */
export function forgetPatterns(): void {
  cache.clear();
  recent.length = 0;
  oldest = 0;
}

function compile(pattern: string): CompiledPattern | PatternError {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return { error: `the pattern is longer than ${MAX_PATTERN_LENGTH} characters` };
  }
  let linear: RE2JS;
  try {
    linear = RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException || error instanceof RangeError) {
      return patternError(pattern, error);
    }
    throw error;
  }
  const native = nativePattern(pattern);
  if (!native) return linear;
  const { conditions, exact } = native;
  if (exact) return conditions[0]!;
  return { test: (text) => conditions.every((one) => one.test(text)) && linear.test(text) };
}

function patternError(pattern: string, error: Error): PatternError {
  if (!(error instanceof RE2JSSyntaxException)) return { error: "the pattern is too complex" };
  const part = error.getPattern();
  const offset = part ? pattern.indexOf(part) : -1;
  const unique = offset >= 0 && pattern.indexOf(part!, offset + 1) < 0;
  return {
    error: part ? `${error.getDescription()}: ${part}` : error.getDescription(),
    ...(unique && { offset }),
  };
}

/**
 * `text REGEXP pattern`: whether the pattern matches anywhere in the text; NULL if either is NULL. NULL of a bad
 * pattern, too, which `onError` is told of: a run that saw one has not answered its question.
 */
export function regexp(
  pattern: SqlValue,
  text: SqlValue,
  onError?: (message: string) => void,
): boolean | null {
  const [source, subject] = [textOf(pattern), textOf(text)];
  if (source === null || subject === null) return null;
  const compiled = compilePattern(source);
  if ("test" in compiled) return compiled.test(subject);
  onError?.(`bad regular expression: ${compiled.error}`);
  return null;
}
