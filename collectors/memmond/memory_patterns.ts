import { compilePredicate } from "../../dialect/predicate.ts";
import { memory_patterns } from "../../profiles/memory_patterns.ts";
import type { Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { constantsOf, re2Finder } from "./custom.ts";
import { MAX_TEXTS } from "./limits.ts";
import { rowsOfMemory } from "./opened.ts";
import type { Memory } from "./pages.ts";
import { BUILT_IN, builtInFinder, confidenceOf, type Pattern } from "./patterns.ts";
import { type Allowance, type Finder, searchMemory } from "./search.ts";
import { copyOf, digestOf, disclose } from "./secrecy.ts";
import type { Target } from "./targets.ts";

/** Places of a text that are told. */
const MAX_PLACES = 100;
/** Patterns of detections that are searched for at most. */
const MAX_CUSTOM = 200;
/** Characters of a text that is remembered by itself, not by its digest. */
const SHORT = 128;

/** A pattern with what finds it. */
export interface Searched extends Finder {
  readonly pattern: Pattern;
}

/**
 * What a task is to search for: the patterns that are built in, and those that the conditions on `pattern_regex` name, of
 * the query or of all detections that read the table. A pattern that is none is told by `partial`.
 */
export function patternsOf(
  { where, interests = [] }: Pick<TaskMessage, "where" | "interests">,
  partial: (reason: string) => void,
): readonly Searched[] {
  const satisfies = where && compilePredicate(where);
  const isWanted = ({ type, regex }: Pattern) =>
    !satisfies ||
    satisfies((column) =>
      column === "pattern_type" ? type : column === "pattern_regex" ? regex : undefined
    );
  const known = new Set(BUILT_IN.map(({ regex }) => regex));
  const named = [...constantsOf([...where ? [where] : [], ...interests], "pattern_regex")]
    .filter((regex) => !known.has(regex));
  if (named.length > MAX_CUSTOM) partial(`more than ${MAX_CUSTOM} patterns are asked for`);
  const custom = named.slice(0, MAX_CUSTOM).map((regex): Pattern => ({
    type: "custom",
    regex,
    confidence: 1,
    disclosure: { kind: "secret" },
  }));
  return [
    ...BUILT_IN.filter(isWanted).map((pattern) => ({ pattern, ...builtInFinder(pattern) })),
    ...custom.filter(isWanted).flatMap((pattern) => {
      const finder = re2Finder(pattern.regex);
      if ("find" in finder) return [{ pattern, ...finder }];
      partial(`bad regular expression ${JSON.stringify(pattern.regex.slice(0, 80))}`);
      return [];
    }),
  ];
}

interface Text {
  readonly row: Record<string, string | number>;
  readonly places: string[];
  count: number;
}

/**
 * The rows of a process, one for each text. Where not all of its memory could be searched, or more was found than is told,
 * the last row is of those that are missing: nothing is known of it but the process.
 */
export function listPatterns(
  target: Target,
  patterns: readonly Searched[],
  allowance: Allowance,
): Iterable<Reading> {
  return rowsOfMemory(
    memory_patterns,
    target,
    (memory) => patternRows(memory, target, patterns, allowance),
  );
}

function* patternRows(
  memory: Memory,
  { identity }: Target,
  patterns: readonly Searched[],
  allowance: Allowance,
): Iterable<Reading> {
  const scan_time = Date.now();
  const found = new Map<Pattern, Map<string, Text>>(patterns.map(({ pattern }) => [
    pattern,
    new Map(),
  ]));
  for (const { finder: { pattern }, text, address } of searchMemory(memory, patterns, allowance)) {
    const texts = found.get(pattern)!;
    const id = text.length > SHORT ? digestOf(text) : text;
    let known = texts.get(id);
    if (!known) {
      if (texts.size >= MAX_TEXTS) {
        memory.lack("budget");
        continue;
      }
      known = {
        row: {
          pattern_type: pattern.type,
          pattern_value: disclose(text, pattern.disclosure),
          pattern_regex: pattern.regex,
          confidence: confidenceOf(pattern, text),
        },
        places: [],
        count: 0,
      };
      texts.set(copyOf(id), known);
    }
    known.count++;
    if (known.places.length < MAX_PLACES) known.places.push(`0x${address.toString(16)}`);
  }
  for (const texts of found.values()) {
    for (const { row, places, count } of texts.values()) {
      yield {
        row: {
          ...identity,
          ...row,
          match_count: count,
          memory_addresses: JSON.stringify(places),
          scan_time,
        },
      };
    }
  }
}
