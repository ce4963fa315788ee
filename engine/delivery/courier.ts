import type { Clock } from "../../collectors/core/restarts.ts";
import type { Alert } from "../../model/alert.ts";
import { needsFolder, type RemoteSinkOptions, sinkNeeds } from "../../sinks/mod.ts";
import { deadline } from "../../sinks/deadline.ts";
import { within } from "../../std/within.ts";
import { type FrameWriter, readFrames, writeFrame } from "../sandbox/frames.ts";
import { backoff } from "./breaker.ts";
import { type DeliveryProcess, startDeliveryProcess } from "./process.ts";
import type { Answer, Ask, Outcome } from "./protocol.ts";

/** Hands alerts to the delivery process, which it starts when it is needed and again when it has ended. */
export interface Courier {
  /** Delivers an alert to the sink of an index. Never rejects. */
  send(sink: number, alert: Alert): Promise<Outcome>;
  /** Asks the sink of an index whether alerts would arrive. Never rejects. */
  check(sink: number): Promise<Outcome>;
  /** Ends the process. What it was at counts as failed. */
  close(): Promise<void>;
}

/** What a courier works with. */
export interface CourierOptions {
  readonly sinks: readonly RemoteSinkOptions[];
  readonly clock: Clock;
  /** Told, in words, when the process has ended and is started again. */
  readonly onProblem: (message: string) => void;
  /** The process answers within the timeout of a sink; so much later, in ms, it is broken. 30 seconds if absent. */
  readonly grace?: number;
}

/** A process, and what goes to it and comes from it. */
interface Line extends DeliveryProcess {
  readonly writer: FrameWriter;
  readonly answers: AsyncGenerator<{ readonly header: Answer }, void, void>;
}

/** A process that has taken its sinks. */
interface Running {
  readonly line: Line;
  readonly pending: Map<number, (outcome: Outcome) => void>;
  /** Settles when it is gone. */
  readonly ended: Promise<void>;
}

/** Longer than any start takes on a busy host, ms. */
const PATIENCE = 30_000;

/** The grace that a process is given, ms. */
const GRACE = 30_000;

/** A process that is killed is gone by then, unless the kernel does not let it, ms. */
const END = 5_000;

/** A process that lived so long did not fail because of how it was started, ms. */
const LONG_LIFE = 10_000;

/** Answers are short; more than this is no answer, bytes. */
const MAX_ANSWER = 1 << 20;

/** Opens a courier. Nothing is started yet. */
export function openCourier(options: CourierOptions): Courier {
  const { sinks, clock, onProblem, grace = GRACE } = options;
  let running: Promise<Running> | undefined;
  let failures = 0;
  let allowed = -Infinity;
  let lastReason = "";
  let numbers = 0;
  let closed = false;

  function failed(reason: string): void {
    running = undefined;
    lastReason = reason;
    allowed = clock.now() + backoff(++failures, clock.random());
  }

  async function start(): Promise<Running> {
    const { folder, noFolder } = sinks.some(needsFolder) ? await makeFolder() : {};
    let line: Line | undefined;
    try {
      line = connect(await startDeliveryProcess(sinkNeeds(sinks, folder)));
      const { answers, stderr, writer } = line;
      const expect = async (type: Answer["type"]) => {
        const { done, value } = await deadline(PATIENCE, () => answers.next());
        if (done) await stderr.closed;
        if (done || value.header.type !== type) {
          throw new Error(stderr.text().split(" | ")[0] || "it ended at once");
        }
      };
      await expect("ready");
      const configure: Ask = {
        type: "configure",
        sinks,
        ...(folder !== undefined && { folder }),
        ...(noFolder !== undefined && { noFolder }),
      };
      await deadline(PATIENCE, () => writeFrame(writer, configure));
      await expect("configured");
      const pending: Running["pending"] = new Map();
      return { line, pending, ended: listen(line, pending, clock.now()) };
    } catch (error) {
      if (line) await within(hangUp(line), END);
      throw error;
    } finally {
      if (folder !== undefined) await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }

  /** Hands out answers until the process ends. */
  async function listen(
    line: Line,
    pending: Running["pending"],
    started: number,
  ): Promise<void> {
    try {
      for await (const { header } of line.answers) {
        if (header.type !== "done") continue;
        pending.get(header.number)?.(header.outcome);
        pending.delete(header.number);
      }
    } catch {
      // It says what cannot be read, so it is of no use any more.
    }
    await hangUp(line);
    const { code, signal } = await line.process.status;
    const reason = `the delivery process ended (${signal ?? `exit status ${code}`})`;
    if (clock.now() - started > LONG_LIFE) failures = 0;
    failed(reason);
    if (!closed) onProblem(`${reason}; it is started again`);
    for (const resolve of pending.values()) {
      resolve({ status: "failed", fault: "unavailable", reason, died: true });
    }
  }

  async function ask(type: "send" | "check", sink: number, alert?: Alert): Promise<Outcome> {
    if (closed) return unavailable("delivery has ended");
    const pause = allowed - clock.now();
    if (!running && pause > 0) return unavailable(lastReason, pause);
    let current: Running;
    const starting = running ??= start();
    try {
      current = await starting;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // Of those that waited for the same start the first one notes that it failed.
      if (running === starting) failed(`the delivery process does not start: ${why}`);
      return unavailable(lastReason, Math.max(0, allowed - clock.now()));
    }
    // Nobody would answer for one that has ended while it was waited for.
    if (running !== starting) return unavailable(lastReason, Math.max(0, allowed - clock.now()));
    const number = ++numbers;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    current.pending.set(number, resolve);
    try {
      const payload = alert && new TextEncoder().encode(JSON.stringify(alert));
      const written = writeFrame(
        current.line.writer,
        { type, number, sink } satisfies Ask,
        payload,
      );
      // A process that hangs does not even read.
      return await deadline(sinks[sink]!.timeout + grace, () => written.then(() => promise));
    } catch {
      kill(current.line.process);
      return await promise;
    }
  }

  return {
    send: (sink, alert) => ask("send", sink, alert),
    check: (sink) => ask("check", sink),
    async close() {
      closed = true;
      const current = await running?.catch(() => undefined);
      if (!current) return;
      kill(current.line.process);
      await current.ended;
    },
  };
}

/**
 * A folder for the sockets of a process, which have names of their own for a moment (see the transport of syslog), or why
 * there is none: only those who need one do without.
 */
async function makeFolder(): Promise<{ readonly folder?: string; readonly noFolder?: string }> {
  try {
    const folder = await Deno.makeTempDir({ prefix: "daemoneye-" });
    if (!folder.includes(",")) return { folder };
    await Deno.remove(folder);
    return { noFolder: `${folder}: Deno takes a comma for the end of a permission` };
  } catch (error) {
    return { noFolder: error instanceof Error ? error.message : String(error) };
  }
}

function unavailable(reason: string, retryAfter?: number): Outcome {
  return {
    status: "failed",
    fault: "unavailable",
    reason,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function connect(child: DeliveryProcess): Line {
  const writer = child.process.stdin.getWriter();
  writer.closed.catch(() => {});
  return { ...child, writer, answers: readFrames<Answer>(child.process.stdout, MAX_ANSWER) };
}

/** Ends a process. Whoever holds its pipes would keep them open. */
async function hangUp({ process, stderr, writer, answers }: Line): Promise<void> {
  kill(process);
  await process.status;
  await Promise.all([stderr.closed, answers.return(), writer.abort().catch(() => {})]);
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It is gone already.
  }
}
