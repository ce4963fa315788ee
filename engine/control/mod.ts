/**
 * A running agent answers commands over a unix socket beside its store, since it alone may write it.
 *
 * @module
 */
import { resolve } from "@std/path";
import type { Collectors } from "../../collectors/mod.ts";
import type { Store } from "../../store/mod.ts";
import { readFrames, writeFrame } from "../sandbox/frames.ts";
import { delay } from "../stopping.ts";
import type { Heard, Told } from "./listen.ts";
import {
  type ControlAnswer,
  type ControlRequest,
  pathFault,
  readRequest,
  socketPath,
} from "./protocol.ts";
import { startControlProcess } from "./process.ts";

/** Options of {@linkcode openControl}. */
export interface ControlOptions {
  /** The path of the store. */
  readonly state: string;
  /** The store. */
  readonly store: Pick<Store, "setRuleState" | "acknowledge" | "retryDeadLetters">;
  /** Who reads the host. */
  readonly collectors: Pick<Collectors, "statuses">;
  /** Told, in words, why commands cannot reach the agent. */
  readonly onProblem: (message: string) => void;
}

/** Pause before the process is started anew, ms. */
const PAUSE = 5_000;

const MODULE = new URL("listen.ts", import.meta.url);

/**
 * Answers commands until it is disposed of. The socket is for this user alone from the moment that it is there, and takes
 * the place of one that an agent before has left behind.
 */
export function openControl(options: ControlOptions): AsyncDisposable {
  const { onProblem } = options;
  const path = resolve(socketPath(options.state));
  // Nobody else can enter the folder in which the socket is made, whatever its own mode is then.
  const folder = `${path}.new`;
  const made = `${folder}/s`;
  const fault = pathFault(made);
  if (fault !== undefined || Deno.build.os === "windows") {
    if (fault !== undefined) onProblem(`commands cannot reach the agent: ${fault}`);
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const stop = new AbortController();

  async function run(): Promise<void> {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { mode: 0o700 });
    const process = startControlProcess({ module: MODULE, socket: made, detached: true });
    const kill = () => {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    };
    stop.signal.addEventListener("abort", kill);
    if (stop.signal.aborted) kill();
    const writer = process.stdin.getWriter();
    writer.closed.catch(() => {});
    try {
      for await (const { header } of readFrames<Heard>(process.stdout)) {
        if ("listening" in header) {
          await Deno.chmod(made, 0o600);
          await Deno.rename(made, path);
          await Deno.remove(folder);
          continue;
        }
        const { number, line } = header;
        answer(line, options)
          .then((answer) => writeFrame(writer, { number, answer } satisfies Told))
          .catch(() => {});
      }
    } finally {
      stop.signal.removeEventListener("abort", kill);
      kill();
      await process.status;
    }
    if (!stop.signal.aborted) throw new Error("their process ended");
  }

  async function serve(): Promise<void> {
    while (!stop.signal.aborted) {
      await run().catch((error) => {
        if (!stop.signal.aborted) {
          onProblem(`commands cannot reach the agent: ${(error as Error).message}`);
        }
      });
      await delay(PAUSE, stop.signal);
    }
    await Deno.remove(path).catch(() => {});
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }

  const serving = serve();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await serving;
    },
  };
}

async function answer(line: string, options: ControlOptions): Promise<ControlAnswer> {
  try {
    return { result: await act(readRequest(line), options) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function act(request: ControlRequest, options: ControlOptions): Promise<unknown> {
  const { store, collectors } = options;
  switch (request.ask) {
    case "ping":
      return "pong";
    case "collectors":
      return collectors.statuses();
    case "setRuleState":
      return await store.setRuleState(request.state);
    case "acknowledge":
      return await store.acknowledge(request.alert_id, request.acknowledgement);
    case "retryDeadLetters":
      return await store.retryDeadLetters(request.query);
  }
}
