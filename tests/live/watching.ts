import { assert } from "@std/assert";
import { cliCommand, jsonLines, temporaryFolder } from "../cli/run_cli.ts";
import { type Fired, firedOf } from "./alerts.ts";

/** The agent with detections that judge events. */
export interface Watching extends AsyncDisposable {
  readonly fired: readonly Fired[];
  /** Waits for something that follows from what it has printed. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  /** Waits until it has scanned so many times more. */
  nextScans(amount: number): Promise<void>;
}

/** Starts the agent with files of detections, and waits until it has scanned twice. */
export async function startAgent(files: readonly string[]): Promise<Watching> {
  const state = await temporaryFolder();
  const child = cliCommand([
    "agent",
    ...files,
    "--every=5s",
    "--format=json",
    `--state=${state.path}/state.kv`,
  ]).spawn();
  const fired: Fired[] = [];
  let scans = 0;
  let rest = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of jsonLines(lines.join("\n"))) {
        fired.push(...firedOf(line));
        if (line.kind === "summary") scans++;
      }
    }
  })();
  const complaints = new Response(child.stderr).text();
  const watching: Watching = {
    fired,
    async until(what, isTrue) {
      for (const start = Date.now(); !isTrue();) {
        const late = Date.now() - start > 120_000;
        if (late) throw new Error(`never happened: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    nextScans(amount) {
      const wanted = scans + amount;
      return watching.until(`${amount} more scans`, () => scans >= wanted);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const { success } = await child.status;
      await reading;
      const said = await complaints;
      await state[Symbol.asyncDispose]();
      assert(success, said);
    },
  };
  await watching.until("two scans", () => scans >= 2);
  return watching;
}
