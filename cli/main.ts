import { nearestName } from "../compiler/nearest.ts";
import { type Command, EXIT, FailedError, parseArguments, UsageError } from "./command.ts";
import { COMMANDS } from "./commands/mod.ts";
import { commandHelp, programHelp } from "./help.ts";
import { colorWanted, type Io, OutputClosed, processIo } from "./io.ts";
import { VERSION } from "./version.ts";
import { escapeTerminal } from "../diagnostics/escape.ts";

/**
 * Runs the command that the words name.
 *
 * @param words what follows the program's name
 * @returns the exit status
 */
export async function main(words: readonly string[]): Promise<number> {
  const io = processIo({
    quiet: words.includes("--quiet"),
    color: colorWanted(words.includes("--no-color")),
  });
  const [name, ...rest] = words;
  if (name === "--version") {
    io.out(`daemoneye ${VERSION} (deno ${Deno.version.deno})\n`);
    return EXIT.done;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const topic = await COMMANDS.get(rest[0] ?? "")?.();
    io.out(topic ? commandHelp(topic) : programHelp(await allCommands(), VERSION));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const command = await COMMANDS.get(name)?.();
  if (!command) {
    const near = nearestName(name, [...COMMANDS.keys()]);
    const hint = near === undefined ? "see" : `did you mean ${near}? See`;
    io.err(escapeTerminal(`daemoneye: there is no command ${name}; ${hint} daemoneye --help`));
    return EXIT.usage;
  }
  return await runCommand(command, rest, io);
}

function allCommands(): Promise<readonly Command[]> {
  return Promise.all([...COMMANDS.values()].map((load) => load()));
}

async function runCommand(command: Command, words: readonly string[], io: Io): Promise<number> {
  try {
    const args = parseArguments(command, words);
    if (args.has("help")) {
      io.out(commandHelp(command));
      return EXIT.done;
    }
    return await command.run(args, io);
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.done;
    io.progress("");
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      io.err(
        escapeTerminal(
          `daemoneye ${command.name}: ${message}; see daemoneye ${command.name} --help`,
        ),
      );
      return EXIT.usage;
    }
    // Commands are loaded only when they are run, and what they start with them: this error is known by its name.
    const expected = error instanceof FailedError ||
      error instanceof Error && error.name === "ConfinementRefused";
    io.err(
      escapeTerminal(`daemoneye ${command.name}: ${expected ? "" : "internal error: "}${message}`),
    );
    return EXIT.failed;
  } finally {
    io.progress("");
  }
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args);
  // Warm children and timers must not keep a finished command alive.
  Deno.exit();
}
