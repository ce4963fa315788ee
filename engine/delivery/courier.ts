import type { Clock } from "../../collectors/core/restarts.ts";
import type { Alert } from "../../model/alert.ts";
import { needsFolder, type RemoteSinkOptions, sinkNeeds } from "../../sinks/mod.ts";
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

/** A process that has taken its sinks. */
interface Running {
  readonly process: Deno.ChildProcess;
  readonly writer: FrameWriter;
  readonly pending: Map<number, (outcome: Outcome) => void>;
  readonly started: number;
  /** Settles when it is gone. */
  readonly ended: Promise<void>;
}

/** Longer than any start takes on a busy host, ms. */
const PATIENCE = 30_000;

/** The grace that a process is given, ms. */
const GRACE = 30_000;

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
    let child: DeliveryProcess | undefined;
    try {
      child = await startDeliveryProcess(sinkNeeds(sinks, folder));
      const { process, stderr } = child;
      const answers = readFrames<Answer>(process.stdout, MAX_ANSWER);
      const writer = process.stdin.getWriter();
      writer.closed.catch(() => {});
      const expect = async (type: Answer["type"]) => {
        const { done, value } = await within(answers.next(), PATIENCE);
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
      await within(writeFrame(writer, configure), PATIENCE);
      await expect("configured");
      const pending: Running["pending"] = new Map();
      const started = clock.now();
      return { process, writer, pending, started, ended: listen(child, answers, pending, started) };
    } catch (error) {
      kill(child?.process);
      throw error;
    } finally {
      if (folder !== undefined) await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }

  /** Hands out answers until the process ends. */
  async function listen(
    { process, stderr }: DeliveryProcess,
    answers: AsyncGenerator<{ readonly header: Answer }>,
    pending: Running["pending"],
    started: number,
  ): Promise<void> {
    try {
      for await (const { header } of answers) {
        if (header.type !== "done") continue;
        pending.get(header.number)?.(header.outcome);
        pending.delete(header.number);
      }
    } catch {
      // It says what cannot be read, so it is of no use any more.
    }
    kill(process);
    const { code, signal } = await process.status;
    await stderr.closed;
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
      const written = writeFrame(current.writer, { type, number, sink } satisfies Ask, payload);
      // A process that hangs does not even read.
      return await within(written.then(() => promise), sinks[sink]!.timeout + grace);
    } catch {
      kill(current.process);
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
      kill(current.process);
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

function kill(process: Deno.ChildProcess | undefined): void {
  try {
    process?.kill("SIGKILL");
  } catch {
    // It is gone already.
  }
}

/**
 * Waits for something for so many ms.
 *
 * @throws {Error} after that
 */
async function within<T>(waited: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the delivery process does not answer")), ms);
  try {
    return await Promise.race([waited, late]);
  } finally {
    clearTimeout(timer);
  }
}
