import { fromFileUrl } from "@std/path";
import { commandLine, SPARING, strongestMeans } from "../../collectors/core/means.ts";
import { keepTail, type Tail } from "../../collectors/core/tail.ts";
import type { SinkNeeds } from "../../sinks/mod.ts";

/** The delivery process as it was started. */
export interface DeliveryProcess {
  /** The child, with piped standard input and output. */
  readonly process: Deno.ChildProcess;
  /** The end of what it writes to its standard error. */
  readonly stderr: Tail;
}

const MODULE = new URL("child.ts", import.meta.url);

/**
 * Starts the delivery process with what its sinks need and nothing else: no store, no programs, no other host. It dies
 * with this one. Environment variables that hold secrets reach it by inheritance: this process need not be allowed to
 * read them.
 *
 * @param module another module of the toolkit that needs no more than a sink
 * @throws {Error} where it cannot be started
 */
export async function startDeliveryProcess(
  needs: SinkNeeds,
  module: URL = MODULE,
): Promise<DeliveryProcess> {
  const { name } = await strongestMeans();
  const { program, args } = commandLine(
    name === "plain" ? "plain" : "privileges",
    { proc: "none", capabilities: capabilities(), shown: [] },
    denoArguments(needs, module),
  );
  const process = new Deno.Command(program, {
    args: [...args],
    clearEnv: needs.env.length === 0 && Deno.build.os !== "windows",
    env: { ...passed(), ...SPARING, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C, which the terminal sends to all processes of a group, is for the agent: it ends the others.
    detached: name === "plain",
  }).spawn();
  return { process, stderr: keepTail(process.stderr) };
}

/** The arguments that give Deno no more than what sinks need. */
export function denoArguments(
  { net, read, write, env }: SinkNeeds,
  module: URL = MODULE,
): string[] {
  const flag = (name: string, values: readonly string[]) =>
    values.length > 0 ? [`--allow-${name}=${values.join(",")}`] : [];
  // deno-fmt-ignore
  return [
    "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only",
    // Sockets for datagrams.
    "--unstable-net",
    "--v8-flags=--max-old-space-size=256,--max-semi-space-size=2,--single-threaded-gc",
    ...flag("net", net), ...flag("read", read), ...flag("write", write), ...flag("env", env),
    String(module),
  ];
}

/** What Deno and the search for programs need. */
function passed(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Without any capability root could not even load a toolkit that lies in the folder of an ordinary user. */
function capabilities(): readonly string[] {
  try {
    const { uid, mode } = Deno.statSync(fromFileUrl(MODULE));
    return uid === 0 || ((mode ?? 0) & 0o004) !== 0 ? [] : ["dac_read_search"];
  } catch {
    return [];
  }
}
