import type { CollectorState } from "../../model/collection.ts";
import { connect, type Connection, type ConnectionOptions, Unstartable } from "./connection.ts";
import { ConfinementRefused } from "./launch.ts";
import { permissionsOn } from "./permissions.ts";
import { type Clock, createRestarts, HOST_CLOCK } from "./restarts.ts";
import { createSession, type Session, type SessionEvents } from "./session.ts";
import { within } from "../../std/within.ts";

/** Keeps a collector's process running while there is work, and lets it rest when it fails. */
export interface Supervisor {
  /**
   * Hands over the running process, at once: what `ask` says to it comes before anything that ends it. It is started where
   * there is none: at once, or as soon as it may be after a failure. For one that watches, the kernel's events are switched
   * on. A process that has none, or sees files that the host has replaced, makes room for another once it has done what it
   * is doing. A start goes on when nobody has the patience to wait for it.
   *
   * @throws {Unstartable} where it is not worth trying again
   * @throws {Error} in words, where it does not start, or not within so many milliseconds, or the signal is aborted
   */
  withSession<T>(
    ask: (session: Session) => T,
    patience: number,
    options?: { readonly watches?: boolean; readonly signal?: AbortSignal },
  ): Promise<T>;
  /** Whether a process has made room for another: what it watched is watched by that one. */
  isReplaced(session: Session): boolean;
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

/** Milliseconds between two looks at whether the files that a process is shown are still the host's. */
const LOOK = 2000;

/**
 * Milliseconds after a process was replaced for its files in which that is not done again: ordinary users can have the
 * file of accounts replaced as often as they like, and what happens while a process starts is seen by nobody.
 */
const RENEWED = 300_000;

/**
 * Milliseconds for which a process that sees every file keeps the mounts of its start: it does not see what is mounted
 * later, and holds what the host unmounts. To be told of mounts would take reading /proc, which Deno does not let this
 * process do. One that watches keeps them: what it missed would weigh more.
 */
const MOUNTS_KEPT = 3_600_000;

const ENDED = "collecting was ended";

/** Makes a {@linkcode Supervisor}; nothing is started yet. */
export function createSupervisor(
  options: ConnectionOptions & SupervisorOptions,
  events: SupervisorEvents,
): Supervisor {
  const { collector, platform, clock = HOST_CLOCK } = options;
  const { modules, permissions } = collector;
  const restarts = createRestarts(clock);
  const ending = new Set<Session>();
  const replaced = new WeakSet<Session>();
  let current: Session | undefined;
  let starting: Promise<Session> | undefined;
  let stop = new AbortController();
  let problem: string | undefined;
  let refused: string | undefined;
  let traces = false;
  let nextLook = -Infinity;
  let began = -Infinity;

  const fail = (reason: string) => {
    problem = reason;
    restarts.failed(reason);
    events.failed(reason);
  };

  const start = async (): Promise<Session> => {
    const { signal } = stop;
    let connection: Connection;
    refused = undefined;
    try {
      connection = await connect({ ...options, traces }, signal);
    } catch (error) {
      if (signal.aborted) throw new Error(ENDED);
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof ConfinementRefused) refused = reason;
      if (refused !== undefined || error instanceof Unstartable) throw new Unstartable(reason);
      fail(reason);
      throw error;
    } finally {
      starting = undefined;
    }
    const session = createSession(connection, platform, {
      ...events,
      heartbeat(message) {
        events.heartbeat(message);
        renew();
      },
    });
    current = session;
    began = clock.now();
    events.started(connection, problem !== undefined);
    problem = undefined;
    connection.ended.then((reason) => {
      if (current === session) current = undefined;
      if (!ending.delete(session)) fail(reason);
    });
    return session;
  };

  /** Lets a process do what it is doing; whoever comes next is given another one. */
  const replace = () => {
    if (!current) return;
    ending.add(current);
    replaced.add(current);
    current.end("drain", REPLACED);
    current = undefined;
  };

  /** Whether a process sees files, or mounts, that may no longer be the host's. */
  const isOutdated = ({ connection }: Session): boolean => {
    const { files, trace, fileEvents } = permissionsOn(collector, platform);
    const keepsMounts = files && !trace && !fileEvents && connection.confinement === "namespaces";
    return keepsMounts && clock.now() - began > MOUNTS_KEPT || connection.isOutdated();
  };

  /** Replaces such a process. */
  const renew = () => {
    const now = clock.now();
    if (!current || ending.has(current) || now < nextLook || restarts.delay() > 0) return;
    nextLook = now + LOOK;
    if (!isOutdated(current)) return;
    nextLook = now + RENEWED;
    replace();
  };

  return {
    async withSession(ask, patience, { watches = false, signal } = {}) {
      const until = clock.now() + patience;
      const anyStop = AbortSignal.any([stop.signal, ...signal ? [signal] : []]);
      while (true) {
        if (anyStop.aborted) throw new Error(ENDED);
        if (starting) {
          const started = await within(starting, until - clock.now(), anyStop);
          if (!started && !anyStop.aborted) throw new Error("it did not start in time");
          continue;
        }
        if (watches && !traces && (permissions.trace || permissions.fileEvents)) {
          traces = true;
          replace();
        }
        renew();
        if (current?.isAlive()) return ask(current);
        const givenUp = restarts.givenUp();
        if (givenUp !== undefined) throw new Unstartable(givenUp);
        const delay = restarts.delay();
        if (delay === 0) {
          starting = start();
          continue;
        }
        if (delay > until - clock.now()) {
          throw new Error(`${problem}; it is started again in ${Math.ceil(delay / 1000)} s`);
        }
        await clock.sleep(delay, anyStop);
      }
    },
    isReplaced: (session) => replaced.has(session),
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
      await starting?.catch(() => {});
      if (current) ending.add(current);
      await Promise.all([...ending].map((session) => session.end(word, patience)));
    },
  };
}
