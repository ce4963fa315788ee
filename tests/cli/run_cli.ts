import { fromFileUrl } from "@std/path";

/** The repository's root. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url));

/** What a run of the program left behind. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode runCli}. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Whether it leads a group of processes of its own. */
  readonly detached?: boolean;
  /** A file that is its standard output. */
  readonly out?: string;
}

/** The command that starts the program as its tasks do. */
export function cliCommand(
  words: readonly string[],
  { cwd, env, detached = false, out }: CliOptions = {},
): Deno.Command {
  const deno = [
    "run",
    "-q",
    "-P=host",
    `--config=${ROOT}deno.json`,
    `${ROOT}cli/main.ts`,
    ...words,
  ];
  const redirected = ["-c", 'exec "$@" >"$0"', out!, Deno.execPath(), ...deno];
  return new Deno.Command(out === undefined ? Deno.execPath() : "sh", {
    args: out === undefined ? deno : redirected,
    cwd: cwd ?? ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached,
    ...(env && { env }),
  });
}

/** Runs the program as its tasks do and waits for its end. */
export async function runCli(
  words: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const { code, stdout, stderr } = await cliCommand(words, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The objects of a stream of JSON lines. */
// deno-lint-ignore no-explicit-any
export function jsonLines(text: string): any[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** A new folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<
  { path: string; [Symbol.asyncDispose](): Promise<void> }
> {
  const path = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
