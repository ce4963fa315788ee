/**
 * Alerts that arrive: from the store, where they wait in an outbox for each sink, through a process of its own.
 *
 * @module
 */
import { type Clock, HOST_CLOCK } from "../../collectors/core/restarts.ts";
import type { Alert } from "../../model/alert.ts";
import type { Backlog } from "../../model/outbox.ts";
import {
  createStdoutSink,
  type RemoteSinkOptions,
  sinkName,
  type SinkOptions,
  wants,
} from "../../sinks/mod.ts";
import type { Store } from "../../store/mod.ts";
import { isAgainst } from "../operational.ts";
import { type Courier, openCourier } from "./courier.ts";
import { type Lane, type LaneHealth, openLane } from "./lane.ts";
import type { Outcome } from "./protocol.ts";
import { withOutboxes } from "./store.ts";

/** Options of {@linkcode openDelivery}. */
export interface DeliveryOptions {
  /** Where alerts are kept. */
  readonly store: Store;
  /** Who is told of them, as `sinkList` has read it. */
  readonly sinks: readonly SinkOptions[];
  /** Told, in words and without secrets, what an operator should know: a sink that is down or back, an alert given up. */
  readonly onProblem: (message: string) => void;
  /** Writes to standard output, for a sink of that type; text as it is. */
  readonly write?: (text: string) => void;
  /** The time, replaced in tests. */
  readonly clock?: Clock;
}

/** What a sink is doing, and what it still has to be told. */
export interface SinkStatus extends Backlog, Partial<LaneHealth> {
  /** Whether it is configured; if not, its alerts wait until it is again. */
  readonly configured: boolean;
}

/** Whether alerts would arrive at a sink. */
export interface SinkHealth {
  readonly sink: string;
  readonly healthy: boolean;
  /** Why they would not, in words. */
  readonly reason?: string;
}

/** The delivery of alerts, under way until it is closed. */
export interface Delivery extends AsyncDisposable {
  /** The store, but that alerts committed to it are delivered. Whoever raises alerts uses this one. */
  readonly store: Store;
  /** Looks into the outboxes, where somebody else has put something. */
  wake(): void;
  /** Every sink that is configured or that alerts wait for. */
  status(): Promise<SinkStatus[]>;
  /** Asks each sink whether alerts would arrive. */
  check(): Promise<SinkHealth[]>;
  /** Waits until every alert was told, for so many ms at most. Says whether it was. */
  drain(deadline: number): Promise<boolean>;
  /** Delivers to other sinks from now on. */
  configure(sinks: readonly SinkOptions[]): Promise<void>;
  /** Stops. What was not told waits in the store. */
  close(): Promise<void>;
}

/** Sinks with what delivers to them. */
interface Team {
  readonly sinks: readonly SinkOptions[];
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly courier: Courier;
  readonly check: (sink: SinkOptions) => Promise<Outcome>;
}

/** Counting what waits for so long, ms, is not done each time that somebody asks. */
const LONG_COUNT = 50;

const DELIVERED: Outcome = { status: "ok" };

/**
 * Begins to deliver what waits in the outboxes of a store, and every alert that is committed to `delivery.store` from now
 * on. Each sink is told of each alert at least once and in order, independent of every other.
 */
export async function openDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { store, onProblem, clock = HOST_CLOCK, write = () => {} } = options;
  let team = openTeam(options.sinks);
  let closed: Promise<void> | undefined;

  function openTeam(sinks: readonly SinkOptions[]): Team {
    const remote = sinks.filter((sink): sink is RemoteSinkOptions => sink.type !== "stdout");
    const courier = openCourier({ sinks: remote, clock, onProblem });
    const lanes = new Map(sinks.map((sink) => {
      const send = sink.type === "stdout"
        ? sendToStdout(createStdoutSink({ format: sink.format, write }).send)
        : (alert: Alert) => courier.send(remote.indexOf(sink), alert);
      const { attempts, give_up_after: giveUpAfter } = sink;
      const name = sinkName(sink);
      return [name, openLane({ name, attempts, giveUpAfter, store, send, clock, onProblem })];
    }));
    return {
      sinks,
      lanes,
      courier,
      check: (sink) =>
        sink.type === "stdout" ? Promise.resolve(DELIVERED) : courier.check(remote.indexOf(sink)),
    };
  }

  /** Says what is neither stored nor delivered, by sink. */
  async function closeTeam({ lanes, courier }: Team): Promise<[string, readonly Alert[]][]> {
    const closing = [...lanes].map(async ([name, lane]): Promise<[string, readonly Alert[]]> => [
      name,
      await lane.close(),
    ]);
    // Whatever is under way ends with the process.
    await courier.close();
    return await Promise.all(closing);
  }

  function reportLost(name: string, alerts: readonly Alert[]): void {
    if (alerts.length === 0) return;
    onProblem(`sink ${name}: ${alerts.length} alerts were neither stored nor delivered`);
  }

  async function reportOrphans(): Promise<void> {
    for (const { sink, waiting } of await store.backlog()) {
      if (waiting === 0 || team.lanes.has(sink)) continue;
      onProblem(
        `${waiting} alerts wait for the sink ${sink}, which is not configured; ` +
          "they are delivered when it is again",
      );
    }
  }

  let counted: { readonly until: number; readonly backlog: readonly Backlog[] } | undefined;

  /** What waits. Where it is much, it is not counted again at once: that would take from who delivers it. */
  async function countBacklog(): Promise<readonly Backlog[]> {
    const started = performance.now();
    if (counted && started < counted.until) return counted.backlog;
    const backlog = await store.backlog();
    const took = performance.now() - started;
    counted = { until: took < LONG_COUNT ? 0 : started + 50 * took, backlog };
    return backlog;
  }

  async function exchange(sinks: readonly SinkOptions[]): Promise<void> {
    const left = await closeTeam(team);
    team = openTeam(sinks);
    for (const [name, alerts] of left) {
      const lane = team.lanes.get(name);
      if (lane) lane.takeUnstored(alerts);
      else reportLost(name, alerts);
    }
    await reportOrphans();
  }

  /** Resolves when no sinks are being exchanged. */
  let exchanged = Promise.resolve();

  async function check(): Promise<SinkHealth[]> {
    await exchanged;
    const asked = team;
    const health = await Promise.all(asked.sinks.map(async (sink): Promise<SinkHealth> => {
      const outcome = await asked.check(sink);
      return outcome.status === "ok"
        ? { sink: sinkName(sink), healthy: true }
        : { sink: sinkName(sink), healthy: false, reason: outcome.reason };
    }));
    // Those that were exchanged meanwhile did not get to answer.
    await exchanged;
    return asked === team ? health : await check();
  }

  const wake = () => team.lanes.forEach((lane) => lane.wake());
  await reportOrphans();

  const close = () =>
    closed ??= (async () => {
      for (const [name, alerts] of await closeTeam(team)) reportLost(name, alerts);
    })();
  return {
    store: withOutboxes(store, {
      route: (alert) =>
        team.sinks.filter((sink) => wants(sink, alert.severity)).map(sinkName)
          .filter((name) => !isAgainst(alert, name)),
      onStored: wake,
      onUnstored(alerts) {
        for (const [name, lane] of team.lanes) {
          lane.takeUnstored(
            alerts.filter(({ sinks }) => sinks?.includes(name)).map(({ alert }) => alert),
          );
        }
      },
    }),
    wake,
    async status() {
      const backlog = new Map((await countBacklog()).map((one) => [one.sink, one]));
      const names = new Set([...team.lanes.keys(), ...backlog.keys()]);
      return [...names].map((sink) => ({
        ...backlog.get(sink) ?? { sink, waiting: 0, dead: 0, oldest: null },
        configured: team.lanes.has(sink),
        ...team.lanes.get(sink)?.health(),
      }));
    },
    check,
    async drain(deadline) {
      const told = Promise.all([...team.lanes.values()].map((lane) => lane.idle()));
      const late = new AbortController();
      try {
        return await Promise.race([
          told.then(() => true),
          clock.sleep(deadline, late.signal).then(() => false),
        ]);
      } finally {
        late.abort();
      }
    },
    configure(sinks) {
      const exchanging = exchange(sinks);
      exchanged = exchanging.catch(() => {});
      return exchanging;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function sendToStdout(
  send: (alert: Alert) => Promise<void>,
): (alert: Alert) => Promise<Outcome> {
  return async (alert) => {
    try {
      await send(alert);
      return DELIVERED;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { status: "failed", fault: "unavailable", reason };
    }
  };
}
