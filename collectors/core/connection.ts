import type { Confinement, ConfinementPolicy } from "../../model/collection.ts";
import type { Platform } from "../../schema/types.ts";
import type { CollectorDeclaration } from "./collector.ts";
import { launch } from "./launch.ts";
import { readLines } from "./lines.ts";
import { type AgentMessage, MAX_LINE, PROTOCOL } from "./messages.ts";
import { type CheckedMessage, parseMessage } from "./protocol.ts";

/** What came of waiting for a collector. */
export type Received =
  | CheckedMessage
  /** A line that is no message. */
  | { readonly type: "broken" }
  /** Nothing will come any more: why, in words. */
  | { readonly type: "ended"; readonly reason: string };

/** A collector's process that has said hello. */
export interface Connection {
  /** How the process is confined. */
  readonly confinement: Confinement;
  /** Why the confinement is not the strongest; absent where it is. */
  readonly reason?: string;
  /** Sends a message. Whether it arrives shows in what is received. */
  say(message: AgentMessage): void;
  /** Waits for the next message, at most so many milliseconds; a process that is later is killed. */
  receive(patience: number): Promise<Received>;
  /** Ends the process: with a word, and after half a second by force. Safe to call twice. */
  end(): Promise<void>;
}

/** Milliseconds in which a collector that was told to end must have ended. */
const FAREWELL = 500;

/** Most of what a collector makes is garbage at once: a small nursery keeps its memory small at little cost. */
const V8_FLAGS = ["--max-semi-space-size=4"];

/**
 * Starts a collector's process.
 *
 * @throws {Error} in words, where it does not start, may not start, or is not the collector that was meant.
 */
export async function connect(
  { name, tables, modules, permissions: { proc, read, sys } }: CollectorDeclaration,
  platform: Platform,
  policy: ConfinementPolicy,
  patience: number,
): Promise<Connection> {
  const module = modules[platform];
  if (!module) throw new Error(`it cannot read ${platform}`);
  const { process, stderr, confinement, reason } = await launch({
    name,
    module,
    sources: ["collectors"],
    policy,
    reads: { ...(proc && { proc }), ...(read && { paths: read }) },
    ...(sys && { sys }),
    v8Flags: V8_FLAGS,
  });
  const lines = readLines(process.stdout, MAX_LINE);
  const writer = process.stdin.getWriter();
  const encoder = new TextEncoder();
  const connection: Connection = {
    confinement,
    ...(reason !== undefined && { reason }),
    say(message) {
      writer.write(encoder.encode(JSON.stringify(message) + "\n")).catch(() => {});
    },
    async receive(patience) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        kill(process);
      }, Math.max(0, patience));
      const { value: line, done } = await lines.next();
      clearTimeout(timer);
      if (!done) return (line !== undefined && parseMessage(line)) || { type: "broken" };
      const { code, signal } = await process.status;
      await stderr.closed;
      const said = stderr.text();
      return {
        type: "ended",
        reason: late
          ? "it did not answer in time"
          : `it ended (${signal ?? `status ${code}`})${said && `: ${said}`}`,
      };
    },
    async end() {
      connection.say({ type: "shutdown" });
      const timer = setTimeout(() => kill(process), FAREWELL);
      await lines.return();
      await process.status;
      clearTimeout(timer);
      await writer.close().catch(() => {});
      await stderr.closed;
    },
  };
  const hello = await connection.receive(patience);
  const fault = hello.type === "ended"
    ? hello.reason
    : hello.type !== "hello"
    ? "it does not say hello"
    : hello.protocol !== PROTOCOL
    ? `it speaks protocol ${hello.protocol}, this agent ${PROTOCOL}`
    : hello.name !== name || hello.platform !== platform ||
        !tables.every((table) => hello.tables.includes(table))
    ? "it is another collector than it should be"
    : undefined;
  if (fault === undefined) return connection;
  kill(process);
  await connection.end();
  throw new Error(fault);
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
