import { z } from "zod";
import type { Acknowledgement } from "../../model/alert.ts";
import type { RuleState } from "../../model/rule_state.ts";
import type { DeadLetterQuery } from "../../store/mod.ts";

/** What commands ask a running agent for, because it alone writes its store. */
export type ControlRequest =
  | { readonly ask: "ping" }
  | { readonly ask: "collectors" }
  | { readonly ask: "setRuleState"; readonly state: RuleState }
  | {
    readonly ask: "acknowledge";
    readonly alert_id: string;
    readonly acknowledgement: Acknowledgement;
  }
  | { readonly ask: "retryDeadLetters"; readonly query: DeadLetterQuery };

/** What the agent answers: a result, or in words why there is none. */
export type ControlAnswer = { readonly result: unknown } | { readonly error: string };

const text = z.string().min(1).max(1_000);
const count = z.int().min(0);
const time = z.number().min(0).max(8.64e15);

const REQUEST = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("ping") }),
  z.strictObject({ ask: z.literal("collectors") }),
  z.strictObject({
    ask: z.literal("setRuleState"),
    state: z.strictObject({
      rule_id: text,
      enabled: z.boolean(),
      disabled_reason: text.optional(),
      disabled_by: z.literal("operator").optional(),
      failures: count,
      digest: z.string().max(1_000),
    }),
  }),
  z.strictObject({
    ask: z.literal("acknowledge"),
    alert_id: text,
    acknowledgement: z.strictObject({ time, note: z.string().max(10_000).optional() }),
  }),
  z.strictObject({
    ask: z.literal("retryDeadLetters"),
    query: z.strictObject({ sink: text.optional(), alert_id: text.optional() }),
  }),
]);

/**
 * Reads a request.
 *
 * @throws {TypeError} where it is none
 */
export function readRequest(line: string): ControlRequest {
  try {
    return REQUEST.parse(JSON.parse(line)) as ControlRequest;
  } catch {
    throw new TypeError("this is no request that the agent knows");
  }
}

/** The socket of the agent that writes a store. */
export function socketPath(state: string): string {
  return `${state}.sock`;
}

/** The most bytes of the path of a unix socket (`sun_path` in `unix(7)`), without the zero at its end. */
export const MAX_SOCKET_PATH = 107;

/** Why a socket cannot have a path; `undefined` where it can. */
export function pathFault(path: string): string | undefined {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) {
    return `the path ${path} is longer than the ${MAX_SOCKET_PATH} bytes that a socket may have`;
  }
  // Deno takes a list there.
  return path.includes(",") ? `the path ${path} has a comma` : undefined;
}
