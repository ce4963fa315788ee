import type { EventEmitter } from "node:events";
import process from "node:process";
// @ts-types="./libyara_wasm.d.ts"
import createLibrary, { type RawMatch, type Result, type Vector } from "libyara-wasm";
import { type MatchedRule, MAX_STRINGS, type RuleFault, type YaraEngine } from "./types.ts";

/** Faults that are told of one text. */
const MAX_FAULTS = 100;

/**
 * A rule that does not compile, so that the others are not run. It stands before them on their first line: what is wrong
 * with them cannot hide it, and their lines keep their numbers. The parser is silent for some words after a fault, so
 * that another rule follows.
 */
const UNRUNNABLE = "daemoneye_compiles_only";
const PREFIX =
  `rule ${UNRUNNABLE} { condition: not_a_rule_${UNRUNNABLE} } rule and_${UNRUNNABLE} { condition: true } `;

const NOTHING = new Uint8Array();

/** Events of a process that the library listens to. */
const ERRORS = ["uncaughtException", "unhandledRejection"];

/** Loads the engine; each one has memory of its own. */
export async function loadYara(): Promise<YaraEngine> {
  const events: EventEmitter = process;
  const known = ERRORS.map((event) => events.listeners(event));
  const library = await createLibrary({ print() {}, printErr() {} });
  // The library would have a say in what becomes of this whole process's errors.
  for (const [index, event] of ERRORS.entries()) {
    for (const listener of events.listeners(event)) {
      if (!known[index]!.includes(listener)) events.off(event, listener as () => void);
    }
  }
  // The library never frees rules, some megabytes each time: all memory is put back as it was in the beginning.
  const used = library.HEAP8.findLastIndex((byte) => byte !== 0) + 1;
  const beginning = library.HEAP8.slice(0, used);
  const stack = library.stackSave();
  const run = <T>(bytes: Uint8Array, rules: string, read: (result: Result) => T): T => {
    try {
      const result = library.run(bytes, rules);
      try {
        return read(result);
      } finally {
        result.delete();
      }
    } finally {
      library.HEAP8.set(beginning);
      library.HEAP8.fill(0, used);
      library.stackRestore(stack);
    }
  };
  return {
    check(rules) {
      const refused = refuse(rules);
      if (refused) return [refused];
      return run(
        NOTHING,
        PREFIX + rules,
        ({ compileErrors }) =>
          faultsOf(compileErrors).filter(({ message }) => !message.includes(UNRUNNABLE)),
      );
    },
    scan(bytes, rules) {
      const refused = refuse(rules);
      if (refused) throw new SyntaxError(refused.message);
      return run(bytes, rules, ({ compileErrors, matchedRules }) => {
        const fault = faultsOf(compileErrors).find(({ warning }) => !warning);
        const matched = listOf(matchedRules, Infinity).map(readMatch);
        if (fault) throw new SyntaxError(`line ${fault.line}: ${fault.message}`);
        return matched;
      });
    },
    memory: () => library.HEAP8.length,
  };
}

function readMatch({ ruleName, resolvedMatches, metadata }: RawMatch): MatchedRule {
  const count = resolvedMatches.size();
  metadata.delete();
  const strings = listOf(resolvedMatches, MAX_STRINGS).map((
    { stringIdentifier, location, matchLength },
  ) => ({ identifier: stringIdentifier, offset: location, length: matchLength }));
  return { rule: ruleName, count, strings };
}

/** What the library would not notice: it ends at a NUL and says nothing of what follows. */
function refuse(rules: string): RuleFault | undefined {
  const at = rules.indexOf("\0");
  if (at < 0) return undefined;
  return {
    message: "a NUL stands here",
    line: rules.slice(0, at).split("\n").length,
    warning: false,
  };
}

function faultsOf(errors: Vector<{ message: string; lineNumber: number; warning: boolean }>) {
  return listOf(errors, MAX_FAULTS).map(({ message, lineNumber, warning }): RuleFault => ({
    message,
    line: Math.max(1, lineNumber),
    warning,
  }));
}

/** The beginning of a vector, which is freed. */
function listOf<T>(vector: Vector<T>, most: number): T[] {
  try {
    const length = Math.min(vector.size(), most);
    return Array.from({ length }, (_, index) => vector.get(index));
  } finally {
    vector.delete();
  }
}
