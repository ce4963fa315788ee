import type { Clock } from "../../collectors/core/restarts.ts";
import type { Alert } from "../../model/alert.ts";
import type { OutboxEntry } from "../../model/outbox.ts";
import type { Store } from "../../store/mod.ts";
import { backoff, type BreakerState, createBreaker } from "./breaker.ts";
import type { Outcome } from "./protocol.ts";

/** What a lane works with. */
export interface LaneOptions {
  /** Name of the sink. */
  readonly name: string;
  /** After so many refusals an alert becomes a dead letter. */
  readonly attempts: number;
  /** An alert that could not be delivered for so long becomes a dead letter, ms. */
  readonly giveUpAfter: number;
  readonly store: Pick<Store, "outbox" | "delivered" | "refused" | "giveUp">;
  /** Delivers an alert; never rejects. */
  readonly send: (alert: Alert) => Promise<Outcome>;
  readonly clock: Clock;
  /** Told, in words, what an operator should know. */
  readonly onProblem: (message: string) => void;
}

/** The way of alerts from their outbox to one sink: one after the other, in order, each until it has arrived. */
export interface Lane {
  /** There may be something new in the outbox. */
  wake(): void;
  /** Takes alerts that could not be stored: they are told all the same, as long as this process lives. */
  takeUnstored(alerts: readonly Alert[]): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
  /** How the sink fares. */
  health(): LaneHealth;
  /** Stops; resolves when nothing is under way any more, with what is neither stored nor delivered. */
  close(): Promise<readonly Alert[]>;
}

/** How a sink fares. */
export interface LaneHealth {
  /** `closed`: alerts flow; `open`: the sink is down; `half_open`: it is tried whether it still is. */
  readonly breaker: BreakerState;
  /** Alerts delivered since the lane was opened. */
  readonly delivered: number;
  /** When the last one was, ms since the epoch. */
  readonly last_delivery?: number;
  /** Why the last try failed, unless one has succeeded since. */
  readonly last_error?: string;
}

/** Entries that are read from the store at a time. */
const BATCH = 32;

/** Alerts beyond these are not kept where they cannot be stored. */
const MAX_UNSTORED = 1_000;

/** Pause after the store has failed, ms. */
const STORE_PAUSE = 1_000;

/** Opens the lane of a sink and begins with what its outbox holds. */
export function openLane(options: LaneOptions): Lane {
  const { name, attempts, giveUpAfter, store, send, clock, onProblem } = options;
  const breaker = createBreaker(clock);
  const stop = new AbortController();
  const queue: OutboxEntry[] = [];
  const unstored: Alert[] = [];
  const arrived: number[] = [];
  let noting: Promise<void> | undefined;
  let after = 0;
  let readable = true;
  let woken = Promise.withResolvers<void>();
  let waitingForIdle: (() => void)[] = [];
  let health: Omit<LaneHealth, "breaker"> = { delivered: 0 };

  const wake = () => {
    woken.resolve();
    woken = Promise.withResolvers();
  };

  /** Reads what comes next in the outbox, as soon as the store can be read. */
  async function refill(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for await (const entry of store.outbox(name, after)) {
          queue.push(entry);
          after = entry.sequence;
          if (queue.length >= BATCH) break;
        }
        readable = true;
        return;
      } catch (error) {
        if (readable) onProblem(`sink ${name}: its outbox cannot be read: ${messageOf(error)}`);
        readable = false;
        if (queue.length + unstored.length > 0) return;
        await clock.sleep(STORE_PAUSE, stop.signal);
      }
    }
  }

  /** The next alert. What could not be stored is younger than what could be. */
  async function next(): Promise<OutboxEntry | undefined> {
    if (queue.length === 0) await refill();
    const entry = queue.shift();
    if (entry) return entry;
    const alert = unstored.shift();
    return alert && {
      sink: name,
      sequence: UNSTORED,
      alert_id: alert.id,
      alert_time: alert.alert_time,
      attempts: 0,
      alert,
    };
  }

  /** Tries an alert until it has arrived or is given up, or the lane is closed. */
  async function deliver(first: OutboxEntry): Promise<void> {
    let entry = first;
    if (!entry.alert) return await giveUp(entry, "the store has lost the alert");
    while (!stop.signal.aborted) {
      const pause = breaker.wait();
      if (pause > 0) {
        await clock.sleep(pause, stop.signal);
        continue;
      }
      breaker.trying();
      const outcome = await send(entry.alert!);
      if (outcome.status === "ok") return succeed(entry);
      if (stop.signal.aborted) break;
      const { fault, reason, retryAfter, died } = outcome;
      health = { ...health, last_error: reason };
      if (fault === "unavailable") fail(reason, retryAfter);
      else up();
      if (fault === "refused" || died) {
        const attempt = entry = { ...entry, attempts: entry.attempts + 1 };
        if (entry.attempts >= attempts) return await giveUp(entry, reason);
        if (entry.sequence !== UNSTORED) await keep(() => store.refused(attempt));
        const pause = backoff(entry.attempts, clock.random());
        await clock.sleep(Math.max(pause, retryAfter ?? 0), stop.signal);
      } else if (breaker.failures() >= attempts && Date.now() - entry.alert_time > giveUpAfter) {
        return await giveUp(entry, reason);
      }
    }
    if (entry.sequence === UNSTORED) unstored.unshift(entry.alert!);
  }

  function fail(reason: string, retryAfter: number | undefined): void {
    const before = breaker.state();
    breaker.failed(retryAfter);
    if (before === "closed" && breaker.state() === "open") {
      onProblem(`sink ${name} is down, its alerts wait: ${reason}`);
    }
  }

  function up(): void {
    if (breaker.state() !== "closed") onProblem(`sink ${name} is back`);
    breaker.succeeded();
  }

  function succeed({ sequence }: OutboxEntry): void {
    up();
    health = { delivered: health.delivered + 1, last_delivery: Date.now() };
    if (sequence === UNSTORED) return;
    arrived.push(sequence);
    noting ??= note().finally(() => noting = undefined);
  }

  /** Waits for what is being noted, and tries once more to note what could not be. */
  async function noted(): Promise<void> {
    await noting;
    await note();
  }

  /**
   * Notes what has arrived, while the next alerts are on their way: only a restart would tell again what is not noted yet.
   * What cannot be noted now is noted with the next one.
   */
  async function note(): Promise<void> {
    for (let failed = false; arrived.length > 0 && !failed;) {
      failed = true;
      const some = [...arrived];
      await keep(async () => {
        await store.delivered(name, some);
        arrived.splice(0, some.length);
        failed = false;
      });
    }
  }

  async function giveUp(entry: OutboxEntry, reason: string): Promise<void> {
    onProblem(
      `sink ${name} did not take the alert ${entry.alert_id}, which is given up: ${reason}`,
    );
    if (entry.sequence === UNSTORED) return;
    const { alert: _, ...rest } = entry;
    await keep(() => store.giveUp({ ...rest, reason, since: Date.now() }));
  }

  async function keep(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      onProblem(`sink ${name}: what became of an alert cannot be stored: ${messageOf(error)}`);
    }
  }

  const running = (async () => {
    while (!stop.signal.aborted) {
      const { promise } = woken;
      const entry = await next();
      if (entry) {
        await deliver(entry);
        continue;
      }
      await noted();
      for (const resolve of waitingForIdle) resolve();
      waitingForIdle = [];
      await promise;
    }
  })();

  return {
    wake,
    takeUnstored(alerts) {
      unstored.push(...alerts);
      const lost = unstored.splice(MAX_UNSTORED).length;
      if (lost > 0) onProblem(`sink ${name}: ${lost} alerts were neither stored nor delivered`);
      wake();
    },
    idle() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waitingForIdle.push(resolve);
      wake();
      return promise;
    },
    health: () => ({ breaker: breaker.state(), ...health }),
    async close() {
      stop.abort();
      wake();
      await running;
      await noted();
      return unstored;
    },
  };
}

/** The sequence of what has no place in the outbox. */
const UNSTORED = -1;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
