import { cliCommand, type CliOptions, jsonLines } from "./run_cli.ts";

/** An agent that runs until it is disposed of. */
export interface RunningAgent extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  /** What it has said until now. */
  readonly said: { out: string; err: string };
  /** The objects that it has printed. */
  // deno-lint-ignore no-explicit-any
  lines(): any[];
  /** Waits for something, not for ever. */
  until(what: string, holds: () => boolean): Promise<void>;
}

/** Starts an agent; with `deaf`, nobody reads its standard error. */
export function startAgent(
  words: readonly string[],
  { deaf = false, ...options }: CliOptions & { readonly deaf?: boolean } = {},
): RunningAgent {
  const process = cliCommand(["agent", ...words, "--format", "json"], options).spawn();
  const said = { out: "", err: "" };
  const read = async (stream: ReadableStream<Uint8Array>, name: "out" | "err") => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said[name] += text;
  };
  const reading = Promise.all([
    read(process.stdout, "out"),
    deaf ? process.stderr.cancel() : read(process.stderr, "err"),
  ]);
  return {
    process,
    said,
    lines: () => jsonLines(said.out.slice(0, said.out.lastIndexOf("\n") + 1)),
    async until(what: string, holds: () => boolean) {
      const end = Date.now() + 30_000;
      while (!holds()) {
        if (Date.now() > end) throw new Error(`${what}: not within 30 s\n${said.out}${said.err}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await process.status;
      await reading;
    },
  };
}
