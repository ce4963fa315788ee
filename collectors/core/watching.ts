import type { Collection, TableOutcome, WatchTask } from "../../model/collection.ts";
import type { TableSpec } from "../../schema/types.ts";
import { abandon, type Source } from "./collecting.ts";
import { Unstartable } from "./connection.ts";
import { createRestarts } from "./restarts.ts";
import type { Exchange, Heard, Session } from "./session.ts";

/** Milliseconds in which a collector must have sent what is left of a task that was cancelled. */
const FAREWELL = 3000;

/** Why a subscription has ended that goes on in another process, in words. */
const REPLACED = "it was started anew, because files that it reads were replaced";

/** A task that a process works on. */
interface Subscription {
  readonly exchange: Exchange;
  readonly session: Session;
}

/**
 * Watches a table until the signal is aborted. After a failure of the collector, or of its subscription, watching goes on
 * as soon as it may; where it is not worth trying again that is the outcome.
 */
export async function* watchFrom(
  { name, supervisor, update, clock, pace, isEnding }: Source,
  { onLoss, ...wanted }: WatchTask,
  spec: TableSpec,
  signal: AbortSignal,
): Collection {
  const failures = createRestarts(clock);
  let rows = 0;
  let lost: string | undefined;
  let running: Subscription | undefined;
  let farewell: ReturnType<typeof setTimeout> | undefined;

  const lose = (reason: string, count = 0) => {
    lost = reason;
    onLoss?.({ reason: `${name}: ${reason}`, ...(count > 0 && { count }) });
  };
  const outcome = (): TableOutcome =>
    lost === undefined
      ? { status: "complete" }
      : { status: rows ? "partial" : "unavailable", reason: `${name}: ${lost}` };
  const cancel = () => {
    if (!running) return;
    const { exchange, session } = running;
    exchange.cancel();
    farewell = setTimeout(() => {
      // What it has sent in time may wait here for somebody who takes it slowly.
      if (!exchange.isOver()) session.connection.kill("it did not end its task");
    }, FAREWELL);
  };
  const subscribe = (session: Session): Subscription => {
    if (!session.connection.hello.tables.some((one) => one.name === spec.name && one.watch)) {
      throw new Unstartable(`it cannot watch ${spec.name}`);
    }
    const exchange = session.start({ ...wanted, deadline: 0, watch: pace }, spec);
    running = { exchange, session };
    if (signal.aborted) cancel();
    return running;
  };
  signal.addEventListener("abort", cancel);

  try {
    while (!signal.aborted) {
      let subscription: Subscription;
      try {
        subscription = await supervisor.withSession(subscribe, Infinity, {
          watches: true,
          signal,
        });
      } catch (error) {
        if (signal.aborted) break;
        lose(error instanceof Error ? error.message : String(error));
        if (error instanceof Unstartable || isEnding()) break;
        continue;
      }
      const { exchange, session } = subscription;
      let heard = await exchange.next(Infinity);
      for (
        ;
        heard.type === "batch" || heard.type === "lost";
        heard = await exchange.next(Infinity)
      ) {
        if (heard.type === "lost") {
          lose(heard.reason, heard.records);
          continue;
        }
        const { batch, seq_no } = heard;
        rows += batch.rows;
        update((report) => ({ rows: report.rows + batch.rows }));
        yield { ...batch, acknowledge: () => exchange.acknowledge(seq_no) };
        exchange.grant();
      }
      running = undefined;
      exchange.close();
      const isReplaced = supervisor.isReplaced(session);
      const reason = endOf(heard, spec) ?? (isReplaced ? REPLACED : undefined);
      if (reason === undefined || signal.aborted) break;
      lose(isEnding() ? "collecting was ended" : reason);
      if (isEnding()) break;
      // A process that has ended is held back by its supervisor; a subscription that fails by what follows.
      if (heard.type !== "ended" && !isReplaced) {
        update(() => ({ problem: reason }));
        failures.failed(reason);
        if (failures.givenUp() !== undefined) break;
        await clock.sleep(failures.delay(), signal);
      }
    }
    return outcome();
  } finally {
    signal.removeEventListener("abort", cancel);
    clearTimeout(farewell);
    if (running) void abandon(running.exchange, FAREWELL);
  }
}

/** Why a subscription is over, in words; `undefined` where nothing is wrong. */
function endOf(
  heard: Exclude<Heard, { readonly type: "batch" | "lost" }>,
  { name }: TableSpec,
): string | undefined {
  if (heard.type === "error") return `it could not watch ${name}: ${heard.message}`;
  if (heard.type === "ended") return heard.reason;
  return heard.outcome.status === "complete" ? undefined : heard.outcome.reason;
}
