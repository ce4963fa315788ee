import { bold, yellow } from "@std/fmt/colors";
import { escapeTerminal } from "../diagnostics/escape.ts";
import { pathFault } from "../diagnostics/path_fault.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import type { TimedResult } from "../testing/junit.ts";
import type { SuiteCase } from "../testing/suite.ts";
import { updateFixture } from "../testing/update.ts";
import { type Arguments, FailedError, type Flags, UsageError } from "./command.ts";
import { lineDiff } from "./line_diff.ts";

/** The flag that makes fixtures expect what comes. */
export const UPDATE_FLAG = {
  update: { description: "Make failing fixtures expect what really comes, and show what changes" },
} as const satisfies Flags;

/**
 * Whether fixtures are to be updated.
 *
 * @throws {UsageError} where nobody would read what changes: on a CI server, or with a format for machines
 */
export function wantsUpdate(args: Arguments): boolean {
  if (!args.has("update")) return false;
  if (args.value("format") !== "text") throw new UsageError("--update is for --format text alone");
  const ci = Deno.env.get("CI") ?? "";
  if (!["", "0", "false"].includes(ci)) {
    throw new UsageError(
      "--update is for people who read what changes: the environment says that this is CI",
    );
  }
  return true;
}

/**
 * Writes a failing fixture anew and runs it again.
 *
 * @returns what it now comes to, and what is to be said of it; the result as it was where the fixture stays as it is
 * @throws {FailedError} where the file cannot be written
 */
export async function update(
  one: SuiteCase,
  result: TimedResult,
  sandbox: Sandbox,
): Promise<{ readonly result: TimedResult; readonly text: string }> {
  const left = (reason: string) => ({
    result,
    text: `${yellow("not updated")} ${escapeTerminal(`${one.file}: ${reason}`)}\n`,
  });
  if (!one.source) return left("it cannot be read");
  const { path, text } = one.source;
  const updated = await updateFixture(one.source, CATALOGUE, sandbox);
  if (updated.status === "left") return left(updated.reason);
  try {
    await Deno.writeTextFile(path, updated.text);
  } catch (error) {
    throw new FailedError(pathFault(path, "written", error));
  }
  const warning = updated.silenced ? yellow(" (it expects no alert any more)") : "";
  return {
    result: { ...result, passed: true, diff: [] },
    text: `${bold("updated")} ${escapeTerminal(one.file)}${warning}\n` +
      `${lineDiff(text, updated.text)}\n\n`,
  };
}
