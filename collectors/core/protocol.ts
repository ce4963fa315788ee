import { z } from "zod";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { PLATFORMS } from "../../schema/types.ts";
import type { CollectorMessage } from "./messages.ts";

/** A reason in words, no longer than a person would read, and harmless to a terminal. */
const words = z.string().max(4096).transform(escapeTerminal);
const count = z.int().nonnegative();

const outcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("complete") }),
  z.strictObject({ status: z.literal("partial"), reason: words }),
  z.strictObject({ status: z.literal("unavailable"), reason: words }),
]);

const message = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: count,
    name: z.string().max(64),
    deno: z.string().max(64),
    platform: z.enum(PLATFORMS),
    tables: z.array(z.string().max(64)).max(256),
  }),
  z.strictObject({ type: z.literal("batch"), task: count, seq_no: count, batch: z.unknown() }),
  z.strictObject({
    type: z.literal("done"),
    task: count,
    outcome,
    counters: z.object({ rows: count }),
  }),
  z.strictObject({ type: z.literal("error"), task: count, message: words }),
]);

/** A message of a collector whose form has been checked; the batch within has not. */
export type CheckedMessage =
  | Exclude<CollectorMessage, { readonly type: "batch" }>
  | {
    readonly type: "batch";
    readonly task: number;
    readonly seq_no: number;
    readonly batch?: unknown;
  };

/** Reads a line of a collector; `undefined` where it is no message. Never throws, whatever the line holds. */
export function parseMessage(line: string): CheckedMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { success, data } = message.safeParse(value);
  return success ? data : undefined;
}
