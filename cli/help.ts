import { bold } from "@std/fmt/colors";
import { type Command, COMMON_FLAGS, type Flag, type Flags } from "./command.ts";

/** The help of one command. */
export function commandHelp(command: Command): string {
  const lines = [
    `${bold(`daemoneye ${command.name}`)} ${command.usage}`.trimEnd(),
    "",
    command.summary,
    ...(command.details ? ["", command.details] : []),
    "",
    bold("Flags"),
    ...flagLines({ ...command.flags, ...COMMON_FLAGS }),
    "",
    bold("Examples"),
    ...command.examples.map((example) => `  ${example}`),
  ];
  return lines.join("\n") + "\n";
}

/** The help of the program. */
export function programHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name, usage }) => `${name} ${usage}`.length));
  return [
    `${bold("daemoneye")} ${version}: detection-as-code for hosts`,
    "",
    "Usage: daemoneye <command> [flags]",
    "",
    bold("Commands"),
    ...commands.map(({ name, usage, summary }) =>
      `  ${`${name} ${usage}`.padEnd(width)}  ${summary}`
    ),
    "",
    "daemoneye <command> --help tells more of each.",
    "Exit status: 0 done; 1 findings; 2 wrong usage or configuration; 3 could not do its work.",
  ].join("\n") + "\n";
}

function flagLines(flags: Flags): string[] {
  const heads = Object.entries(flags).map(([name, flag]) =>
    `--${name}${flag.value ? ` ${flag.value}` : ""}`
  );
  const width = Math.max(...heads.map((head) => head.length));
  return Object.values(flags).map((flag, index) =>
    `  ${heads[index]!.padEnd(width)}  ${describe(flag)}`
  );
}

function describe({ description, choices, repeatable }: Flag): string {
  const notes = [
    ...(choices ? [choices.join(", ")] : []),
    ...(repeatable ? ["may be given several times"] : []),
  ];
  return notes.length ? `${description} (${notes.join("; ")})` : description;
}
