/** Something wrong with a text of YARA rules. */
export interface RuleFault {
  /** What, in a few words. */
  readonly message: string;
  /** The line, from 1. */
  readonly line: number;
  /** Whether the rules can be used all the same. */
  readonly warning: boolean;
}

/** A place at which a string of a rule was found. */
export interface FoundString {
  /** The string, as the rule calls it. */
  readonly identifier: string;
  /** Where it begins, bytes. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

/** A rule that bytes match. */
export interface MatchedRule {
  /** Its name. */
  readonly rule: string;
  /** At how many places its strings were found. */
  readonly count: number;
  /** The first of these places, at most {@linkcode MAX_STRINGS}. */
  readonly strings: readonly FoundString[];
}

/** YARA 4.2 compiled to WebAssembly: it can reach nothing but the bytes that it is given. */
export interface YaraEngine {
  /** What is wrong with rules. They are compiled and not run. */
  check(rules: string): readonly RuleFault[];
  /**
   * Tries rules on bytes. It may take for ever: YARA has no bound of its own for expressions and loops.
   *
   * @throws {SyntaxError} where the rules do not compile
   */
  scan(bytes: Uint8Array, rules: string): readonly MatchedRule[];
  /** Bytes of memory that it holds; they only grow. */
  memory(): number;
}

/** Places of strings that are told of one rule; they are counted all. */
export const MAX_STRINGS = 100;
