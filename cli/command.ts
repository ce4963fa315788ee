import { parseArgs } from "@std/cli/parse-args";
import { nearestName } from "../compiler/nearest.ts";
import type { Io } from "./io.ts";

/** A flag of a command, from which parsing and help are derived. */
export interface Flag {
  /** Name in help for the value; without it the flag is a switch. */
  readonly value?: string;
  readonly description: string;
  /** The only values that it takes; the first is the default. */
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: true;
}

/** Flags by name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** What the user asked for: switches, values, repeated values and everything that is not a flag. */
export interface Arguments {
  readonly args: readonly string[];
  has(flag: string): boolean;
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
}

/** A command of the program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands after the name, such as `[PATH…]`. */
  readonly usage: string;
  /** Sentences below the usage, where the summary is not enough. */
  readonly details?: string;
  readonly flags: Flags;
  readonly examples: readonly string[];
  /** How many words that are not flags it takes. */
  readonly args: { readonly min: number; readonly max: number };
  /** Does the work and returns the exit status of the process. */
  run(args: Arguments, io: Io): Promise<number>;
}

/** Exit statuses, as documented in `docs/cli.md`. */
export const EXIT = { done: 0, findings: 1, usage: 2, failed: 3 } as const;

/** Wrong usage or configuration: one clear line and status 2. */
export class UsageError extends Error {}

/** The work could not be done: one clear line and status 3. */
export class FailedError extends Error {}

/** Flags that every command has. */
export const COMMON_FLAGS = {
  quiet: { description: "No progress on standard error" },
  "no-color": { description: "No colours (also NO_COLOR)" },
  help: { description: "Show this help" },
} as const satisfies Flags;

/** `--format` with a command's own list; text is always the default. */
export function formatFlag(...others: readonly string[]): Flag {
  return { value: "FORMAT", description: "How the result looks", choices: ["text", ...others] };
}

/**
 * Reads the words after a command's name.
 *
 * @throws {UsageError} for an unknown flag, a missing or refused value, too few or too many words
 */
export function parseArguments(command: Command, words: readonly string[]): Arguments {
  const flags: Flags = { ...command.flags, ...COMMON_FLAGS };
  const names = Object.keys(flags);
  const valued = names.filter((name) => flags[name]!.value !== undefined);
  checkValuesGiven(words, valued);
  const parsed = parseArgs(words, {
    boolean: names.filter((name) => flags[name]!.value === undefined),
    string: valued.concat("_"),
    collect: valued,
    alias: { help: "h" },
    unknown: (word, key) => {
      if (key === undefined) return true;
      const near = nearestName(key, names);
      const hint = near === undefined ? "--help lists them" : `the nearest is --${near}`;
      throw new UsageError(`unknown flag ${word.split("=")[0]}; ${hint}`);
    },
  });
  const values = (flag: string) => (parsed[flag] ?? []) as string[];
  for (const name of valued) {
    const { choices, repeatable } = flags[name]!;
    if (values(name).length > 1 && !repeatable) throw new UsageError(`--${name} is given twice`);
    for (const value of values(name)) {
      if (value === "") throw new UsageError(`--${name} needs a value (${flags[name]!.value})`);
      if (choices && !choices.includes(value)) {
        throw new UsageError(`--${name} ${value}: choose one of ${choices.join(", ")}`);
      }
    }
  }
  const args = parsed._.map(String);
  const help = parsed.help === true;
  if (!help && args.length < command.args.min) throw new UsageError(`${command.usage} is missing`);
  if (!help && args.length > command.args.max) {
    throw new UsageError(`unexpected argument ${JSON.stringify(args[command.args.max])}`);
  }
  return {
    args,
    has: (flag) => parsed[flag] === true,
    value: (flag) => values(flag)[0] ?? flags[flag]?.choices?.[0],
    values,
  };
}

/** A valued flag that stands last or before another flag would swallow it or count as empty: say so instead. */
function checkValuesGiven(words: readonly string[], valued: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    if (word === "--") return;
    const name = word.startsWith("--") ? word.slice(2) : "";
    if (!valued.includes(name)) continue;
    const next = words[index + 1];
    if (next === undefined || /^--?[a-z]/.test(next)) {
      throw new UsageError(`--${name} needs a value`);
    }
  }
}
