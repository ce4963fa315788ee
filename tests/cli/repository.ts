import { assertEquals } from "@std/assert";
import { setColorEnabled } from "@std/fmt/colors";
import { join } from "@std/path";
import { type Command, parseArguments } from "../../cli/command.ts";
import { temporaryFolder } from "./run_cli.ts";

/** A repository of detections and fixtures that a test writes; contents by path. */
export async function repository(
  files: Readonly<Record<string, string>>,
): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder.path, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  return folder;
}

/** What a command that says nothing on standard error prints, and how it ends. */
export async function ran(
  command: Command,
  words: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly steps: readonly string[] }> {
  setColorEnabled(false);
  let out = "";
  const steps: string[] = [];
  const code = await command.run(parseArguments(command, words), {
    out: (text) => void (out += text),
    err: (line) => assertEquals(line, ""),
    progress: (text) => void steps.push(text),
  });
  return { code, out, steps };
}
