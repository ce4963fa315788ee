import type { Settings } from "../config/mod.ts";
import { resolve } from "@std/path";
import { NOBODY } from "../engine/control/connect.ts";
import { MAX_REQUEST } from "../engine/control/lines.ts";
import { startControlProcess } from "../engine/control/process.ts";
import {
  type ControlAnswer,
  type ControlRequest,
  pathFault,
  socketPath,
} from "../engine/control/protocol.ts";
import type { Store } from "../store/mod.ts";
import { openAudited } from "./audited.ts";
import { FailedError } from "./command.ts";

/** What a command may change, whether an agent runs or not. */
export type Changes =
  & Pick<Store, "setRuleState" | "acknowledge" | "retryDeadLetters">
  & AsyncDisposable;

/** An agent that hangs is not waited for longer, ms. */
const PATIENCE = 60_000;

const MODULE = new URL("../engine/control/connect.ts", import.meta.url);

/**
 * Asks the agent that writes a store.
 *
 * @returns `undefined` where no agent listens
 * @throws {FailedError} where it does not answer, or cannot do what it was asked for
 */
export async function askAgent(
  state: string,
  request: ControlRequest,
): Promise<{ readonly result: unknown } | undefined> {
  const socket = resolve(socketPath(state));
  if (!isSocket(socket) || pathFault(socket) !== undefined) return undefined;
  const line = JSON.stringify(request) + "\n";
  if (new TextEncoder().encode(line).length > MAX_REQUEST) {
    throw new FailedError("this is too much for one request to the agent");
  }
  const process = startControlProcess({ module: MODULE, socket });
  const late = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
  try {
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(line)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout } = await process.output();
    if (code === NOBODY) return undefined;
    if (code !== 0) throw new FailedError(`the agent does not answer at ${socket}`);
    const answer: ControlAnswer = JSON.parse(new TextDecoder().decode(stdout));
    if ("error" in answer) throw new FailedError(`the agent says: ${answer.error}`);
    return answer;
  } finally {
    clearTimeout(late);
  }
}

/**
 * Opens the store for changes, through the agent where one runs.
 *
 * @param onProblem told, in words, what keeps the audit log from being whole
 * @param kept how much of the audit log is kept
 * @throws {FailedError} with what to do, where it cannot be opened
 */
export async function openChanges(
  path: string,
  command: string,
  onProblem: (message: string) => void,
  kept: Settings["audit"],
): Promise<Changes> {
  if (!await askAgent(path, { ask: "ping" })) {
    const audited = await openAudited(path, command, onProblem, kept);
    return { ...audited.store, [Symbol.asyncDispose]: () => audited[Symbol.asyncDispose]() };
  }
  const ask = async (request: ControlRequest) => {
    const answer = await askAgent(path, request);
    if (!answer) throw new FailedError("the agent has just ended; try again");
    return answer.result;
  };
  return {
    setRuleState: async (state) => void await ask({ ask: "setRuleState", state }),
    acknowledge: async (alert_id, acknowledgement) =>
      await ask({ ask: "acknowledge", alert_id, acknowledgement }) === true,
    retryDeadLetters: async (query = {}) => Number(await ask({ ask: "retryDeadLetters", query })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function isSocket(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSocket === true;
  } catch {
    return false;
  }
}
