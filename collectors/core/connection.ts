import type { Confinement, ConfinementPolicy } from "../../model/collection.ts";
import type { Platform, TableSpec } from "../../schema/types.ts";
import { columnsByName } from "../../schema/columns.ts";
import type { CollectorDeclaration } from "./collector.ts";
import { launch } from "./launch.ts";
import { permissionsOn } from "./permissions.ts";
import { readLines } from "./lines.ts";
import { type AgentMessage, MAX_LINE, PROTOCOL } from "./messages.ts";
import { type Checked, type CheckedMessage, parseMessage } from "./protocol.ts";

/** A collector's process that has said hello. */
export interface Connection {
  /** How the process is confined. */
  readonly confinement: Confinement;
  /** Why the confinement is not the strongest; absent where it is. */
  readonly reason?: string;
  /** What it asked for and this host cannot give, in words. */
  readonly lacks: readonly string[];
  /** What it said of itself. */
  readonly hello: Checked<"hello">;
  /** What it says from then on, one after the other; `undefined` is a line that is no message. Read once, to its end. */
  readonly messages: AsyncIterable<CheckedMessage | undefined>;
  /** Sends a message. Whether it arrives shows in what is received. */
  say(message: AgentMessage): void;
  /** Ends the process by force; the first reason that is given is the one that counts. */
  kill(reason: string): void;
  /** Why the process has ended, in words; once all that it said has been read. */
  readonly ended: Promise<string>;
  /** See `Launched.isOutdated`. */
  isOutdated(): boolean;
}

/** What a connection is made to. */
export interface ConnectionOptions {
  /** The collector to start. */
  readonly collector: CollectorDeclaration;
  /** The collector's tables. */
  readonly specs: readonly TableSpec[];
  /** The platform of this host. */
  readonly platform: Platform;
  /** How the collector is to be confined. */
  readonly policy: ConfinementPolicy;
  /** Whether the events of the kernel that it may be told of are switched on. */
  readonly traces?: boolean;
}

/** The toolkit's folders that a collector may be made of. */
const SOURCES = ["collectors", "dialect", "model", "profiles", "schema", "std"];

/** Most of what a collector makes is garbage at once: a small nursery keeps its memory small at little cost. */
const V8_FLAGS = ["--max-semi-space-size=4", "--single-threaded-gc", "--expose-gc"];

/** Longer than any start takes on a busy host, ms. */
const MAX_START = 30_000;

/** A collector that cannot be started, however often it is tried. */
export class Unstartable extends Error {
  /** Tells it from other errors. */
  override readonly name = "Unstartable";
}

/**
 * Starts a collector's process and waits for its hello, as long as that may take anywhere.
 *
 * @param signal aborted where nobody wants the process any more before it has said hello
 * @throws {Unstartable} where this host has no such collector
 * @throws {Error} in words, where it does not start, may not start, or is not the collector that was meant
 */
export async function connect(
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { collector, platform, policy, traces } = options;
  const { name, modules } = collector;
  const permissions = permissionsOn(collector, platform);
  const { trace, fileEvents, ...idle } = permissions;
  const module = modules[platform];
  if (!module) throw new Unstartable(`it cannot read ${platform}`);
  const launched = await launch({
    name,
    module,
    sources: SOURCES,
    npm: true,
    policy,
    permissions: traces ? permissions : idle,
    v8Flags: V8_FLAGS,
    signal,
    // Who reads what the kernel tells must keep up with it, and who judges that must, too; scans can wait.
    ...!(traces && (trace || fileEvents)) && { yielding: true as const },
  });
  const { process, stderr, confinement, reason, unbounded, lacks, isOutdated, close } = launched;
  const lines = readLines(process.stdout, MAX_LINE);
  const writer = process.stdin.getWriter();
  const encoder = new TextEncoder();
  let why: string | undefined;

  const kill = (reason: string) => {
    why ??= reason;
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  };
  const conclude = async (): Promise<string> => {
    const { code, signal } = await process.status;
    await writer.close().catch(() => {});
    await stderr.closed;
    await close();
    const said = stderr.text();
    return why ?? `it ended (${signal ?? `status ${code}`})${said && `: ${said}`}`;
  };
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  const messages = async function* () {
    try {
      for await (const line of lines) yield line && parseMessage(line);
    } finally {
      // Who stops reading has no use for the process any more.
      await lines.return();
      end(await conclude());
    }
  }();

  const abort = () => kill("collecting was ended");
  const timer = setTimeout(() => kill("it did not answer in time"), MAX_START);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const { value: hello, done } = await messages.next();
  clearTimeout(timer);
  signal.removeEventListener("abort", abort);
  if (done) throw new Error(await ended);
  const fault = faultOf(hello, options, unbounded);
  if (fault !== undefined || hello?.type !== "hello") {
    kill(fault ?? "it does not say hello");
    await messages.return();
    throw new Error(await ended);
  }
  return {
    confinement,
    ...(reason !== undefined && { reason }),
    lacks,
    hello,
    messages,
    say(message) {
      writer.write(encoder.encode(JSON.stringify(message) + "\n")).catch(() => {});
    },
    kill,
    ended,
    isOutdated,
  };
}

/** Why what was said first is not the hello that was awaited, in words; `undefined` where it is. */
function faultOf(
  hello: CheckedMessage | undefined,
  { collector, specs, platform }: ConnectionOptions,
  unbounded: boolean,
): string | undefined {
  const { name, tables } = collector;
  if (hello?.type !== "hello") return "it does not say hello";
  if (hello.protocol !== PROTOCOL) {
    return `it speaks protocol ${hello.protocol}, this agent ${PROTOCOL}`;
  }
  const granted = hello.granted.filter((name) =>
    name !== "env" || !permissionsOn(collector, platform).env
  );
  if (!unbounded && granted.length > 0) {
    return `it may do more than it should: ${granted.join(", ")}`;
  }
  const said = new Map(hello.tables.map((table) => [table.name, table]));
  const isMeant = hello.name === name && hello.platform === platform &&
    tables.every((table) => said.has(table)) &&
    specs.every((spec) => {
      const columns = columnsByName(spec, platform);
      return said.get(spec.name)?.columns?.every((column) => columns.has(column)) ?? true;
    });
  return isMeant ? undefined : "it is another collector than it should be";
}
