import type { CollectorState } from "../../model/collection.ts";
import { connect, type Connection, type ConnectionOptions, Unstartable } from "./connection.ts";
import { ConfinementRefused } from "./launch.ts";
import { type Clock, createRestarts, HOST_CLOCK } from "./restarts.ts";
import { createSession, type Session, type SessionEvents } from "./session.ts";

/** Keeps a collector's process running while there is work, and lets it rest when it fails. */
export interface Supervisor {
  /**
   * The running process. It is started where there is none: at once, or as soon as it may be after a failure. For one that
   * watches, the kernel's events are switched on; a process that has none is replaced once it has done what it is doing.
   *
   * @throws {Unstartable} where it is not worth trying again
   * @throws {Error} in words, where it does not start, or not within so many milliseconds, or the signal is aborted
   */
  session(
    patience: number,
    options?: { readonly watches?: boolean; readonly signal?: AbortSignal },
  ): Promise<Session>;
  /** What the process is doing, and why it does not run where that is somebody's fault. */
  state(): { readonly state: CollectorState; readonly reason?: string };
  /** Ends the process, and what waits for it. A later task starts it again. */
  end(word: "shutdown" | "drain", patience: number): Promise<void>;
}

/** What a supervisor may be given. */
export interface SupervisorOptions {
  /** The time that backing off is measured by; the host's if absent. */
  readonly clock?: Clock;
}

/** What a supervisor tells. */
export interface SupervisorEvents extends SessionEvents {
  /** A process has said hello; whether it follows one that failed. */
  started(connection: Connection, again: boolean): void;
  /** A process has failed: why, in words. */
  failed(reason: string): void;
}

/** Milliseconds in which a process that is replaced must have done what it was doing; no task may take longer. */
const REPLACED = 600_000;

/** Makes a {@linkcode Supervisor}; nothing is started yet. */
export function createSupervisor(
  options: ConnectionOptions & SupervisorOptions,
  events: SupervisorEvents,
): Supervisor {
  const { collector: { modules, permissions }, platform, clock = HOST_CLOCK } = options;
  const restarts = createRestarts(clock);
  const ending = new Set<Session>();
  let current: Session | undefined;
  let starting: Promise<Session> | undefined;
  let stop = new AbortController();
  let problem: string | undefined;
  let refused: string | undefined;
  let traces = false;

  const fail = (reason: string) => {
    problem = reason;
    restarts.failed(reason);
    events.failed(reason);
  };

  const start = async (patience: number): Promise<Session> => {
    let connection: Connection;
    refused = undefined;
    try {
      connection = await connect({ ...options, traces }, patience);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof ConfinementRefused) refused = reason;
      if (refused !== undefined || error instanceof Unstartable) throw new Unstartable(reason);
      fail(reason);
      throw error;
    } finally {
      starting = undefined;
    }
    const session = createSession(connection, platform, events);
    current = session;
    events.started(connection, problem !== undefined);
    problem = undefined;
    connection.ended.then((reason) => {
      if (current === session) current = undefined;
      if (!ending.delete(session)) fail(reason);
    });
    return session;
  };

  /** Lets a process that cannot watch do what it is doing, while the next one is started. */
  const replace = async () => {
    await starting?.catch(() => {});
    traces = true;
    if (!current) return;
    ending.add(current);
    current.end("drain", REPLACED);
    current = undefined;
  };

  return {
    async session(patience, { watches = false, signal } = {}) {
      const until = clock.now() + patience;
      const anyStop = AbortSignal.any([stop.signal, ...signal ? [signal] : []]);
      while (true) {
        if (anyStop.aborted) throw new Error("collecting was ended");
        if (watches && !traces && (permissions.trace || permissions.fileEvents)) await replace();
        if (current?.isAlive()) return current;
        if (starting) return await starting;
        const givenUp = restarts.givenUp();
        if (givenUp !== undefined) throw new Unstartable(givenUp);
        const delay = restarts.delay();
        const left = until - clock.now();
        if (delay === 0) return await (starting = start(left));
        if (delay > left) {
          throw new Error(`${problem}; it is started again in ${Math.ceil(delay / 1000)} s`);
        }
        await clock.sleep(delay, anyStop);
      }
    },
    state() {
      if (!modules[platform]) return { state: "unsupported" };
      if (current?.isAlive() || starting) return { state: "running" };
      const givenUp = restarts.givenUp();
      if (givenUp !== undefined) return { state: "given_up", reason: givenUp };
      if (problem !== undefined) return { state: "waiting", reason: problem };
      return { state: "idle", ...(refused !== undefined && { reason: refused }) };
    },
    async end(word, patience) {
      stop.abort();
      stop = new AbortController();
      const session = current ?? await starting?.catch(() => undefined);
      if (!session) return;
      ending.add(session);
      await session.end(word, patience);
    },
  };
}
