import { deserialize } from "node:v8";
import { fromFileUrl } from "@std/path";
import {
  commandLine,
  FILE_CAPABILITIES,
  isRoot,
  spawn,
  strongestMeans,
} from "../../collectors/core/means.ts";
import { keepTail } from "../../collectors/core/tail.ts";
import type { LoadedFile } from "../../compiler/files.ts";
import { SourceText } from "../../diagnostics/source.ts";

/** What the process is asked for. */
export interface Wanted {
  /** Files, folders and repositories. */
  readonly paths: readonly string[];
}

/** What it answers. */
export type Told =
  | {
    readonly files: readonly (
      & { readonly file: string; readonly text: string }
      & Pick<LoadedFile, "compiled" | "diagnostics">
    )[];
  }
  | { readonly error: string };

/** A detection file that was compiled elsewhere. */
export type CompiledFile = Pick<LoadedFile, "source" | "compiled" | "diagnostics">;

const MODULE = new URL("child.ts", import.meta.url);
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** What the YAML library asks for; neither is set. */
const ENVIRONMENT = "LOG_TOKENS,LOG_STREAM";

/** Longer than thousands of detections take on a busy host, ms. */
const PATIENCE = 120_000;

/**
 * Finds and compiles detection files in a process that may read files and do nothing else, and that ends with it. What a
 * file says meets no privilege there and holds up nothing, and an agent keeps none of the memory that compiling takes.
 *
 * @param module another module of the toolkit that answers in the same way
 * @throws {Error} where a path is not there or the process fails, with the reason
 */
export async function compileApart(
  paths: readonly string[],
  module: URL = MODULE,
): Promise<readonly CompiledFile[]> {
  const { name } = await strongestMeans();
  const line = commandLine(
    name === "plain" ? "plain" : "privileges",
    // Detections may belong to a user who shows them to nobody else.
    { proc: "none", capabilities: isRoot() ? FILE_CAPABILITIES : [], shown: [] },
    // deno-fmt-ignore
    [
      "run", "--quiet", "--no-prompt", "--cached-only", `--config=${CONFIG}`, "--frozen",
      "--v8-flags=--max-old-space-size=1024", "--allow-read", `--allow-env=${ENVIRONMENT}`, fromFileUrl(module),
    ],
  );
  const process = spawn(line, "piped", places());
  const stderr = keepTail(process.stderr);
  const timer = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
  try {
    const [bytes] = await Promise.all([
      new Response(process.stdout).bytes(),
      ask(process, { paths }),
    ]);
    const { success } = await process.status;
    if (!success) throw new Error(`detections were not compiled: ${await reason(stderr)}`);
    const told: Told = deserialize(bytes);
    if ("error" in told) throw new Error(told.error);
    return told.files.map(({ file, text, ...rest }) => ({
      source: new SourceText(file, text),
      ...rest,
    }));
  } finally {
    clearTimeout(timer);
  }
}

async function ask(process: Deno.ChildProcess, wanted: Wanted): Promise<void> {
  // Where the process has ended already, its status says so.
  await new Response(JSON.stringify(wanted)).body!.pipeTo(process.stdin).catch(() => {});
}

async function reason(stderr: ReturnType<typeof keepTail>): Promise<string> {
  await stderr.closed;
  return stderr.text() || `the process ended, or took more than ${PATIENCE / 1000} seconds`;
}

/** Where Deno finds its packages. */
function places(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["HOME", "DENO_DIR", "XDG_CACHE_HOME"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
