import { z } from "zod";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { PLATFORMS } from "../../schema/types.ts";
import { unframe } from "./frame.ts";
import type { CollectorMessage } from "./messages.ts";

/** A reason in words, no longer than a person would read, and harmless to a terminal. */
const words = z.string().max(4096).transform(escapeTerminal);
const name = z.string().max(64);
const count = z.int().nonnegative();

const outcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("complete") }),
  z.strictObject({ status: z.literal("partial"), reason: words }),
  z.strictObject({ status: z.literal("unavailable"), reason: words }),
]);

const counters = z.strictObject({ rows: count, dropped: count, acknowledged: count });

const message = z.discriminatedUnion("type", [
  // What another version says besides does not keep an agent from telling that it is another version.
  z.object({
    type: z.literal("hello"),
    protocol: count,
    name,
    deno: name,
    platform: z.enum(PLATFORMS),
    tables: z.array(
      z.strictObject({ name, columns: z.array(name).max(1024).optional(), watch: z.boolean() }),
    ).max(256).catch([]),
    pushdown: z.array(name).max(64).catch([]),
    granted: z.array(name).max(16).catch([]),
  }),
  z.strictObject({ type: z.literal("batch"), task: count, seq_no: count, batch: z.unknown() }),
  z.strictObject({ type: z.literal("done"), task: count, outcome, counters }),
  z.strictObject({ type: z.literal("error"), task: count, message: words }),
  z.strictObject({
    type: z.literal("heartbeat"),
    memory: count,
    tasks: z.array(z.strictObject({ task: count, counters, reason: words.optional() })).max(256),
  }),
]);

/** A message of a collector whose form has been checked; the batch within has not. */
export type CheckedMessage = z.output<typeof message>;

/** One of {@linkcode CheckedMessage}. */
export type Checked<T extends CollectorMessage["type"]> = Extract<
  CheckedMessage,
  { readonly type: T }
>;

/**
 * Reads a line of a collector; `undefined` where it is no message, or not the one that was sent. Never throws, whatever
 * the line holds. The line's bytes are no longer the same afterwards.
 */
export function parseMessage(line: Uint8Array): CheckedMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(unframe(line) ?? "");
  } catch {
    return undefined;
  }
  const { success, data } = message.safeParse(value);
  return success ? data : undefined;
}
