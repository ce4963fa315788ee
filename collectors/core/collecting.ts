import type {
  Collection,
  CollectionTask,
  CollectorReport,
  TableOutcome,
} from "../../model/collection.ts";
import type { TableSpec } from "../../schema/types.ts";
import type { TaskMessage } from "./messages.ts";
import type { Clock } from "./restarts.ts";
import type { Exchange } from "./session.ts";
import type { Supervisor } from "./supervisor.ts";

/** Where rows come from. */
export interface Source {
  /** Name of the collector. */
  readonly name: string;
  /** Who runs its process. */
  readonly supervisor: Supervisor;
  /** Changes its report. */
  readonly update: (change: (report: CollectorReport) => Partial<CollectorReport>) => void;
  /** The time that backing off is measured by. */
  readonly clock: Clock;
  /** How a collector is to watch. */
  readonly pace: NonNullable<TaskMessage["watch"]>;
  /** Whether its process is being ended on purpose. */
  readonly isEnding: () => boolean;
}

/** Milliseconds beyond its deadline in which a collector must have told what it has. */
export const GRACE = 1000;

/**
 * Collects a table. Where its rows are not wanted to their end the collector is told, and `leave` is given the promise
 * that it has stopped.
 */
export async function* collectFrom(
  { name, supervisor, update }: Source,
  { deadline, ...wanted }: CollectionTask,
  spec: TableSpec,
  leave: (stopped: Promise<void>) => void,
): Collection {
  let patience = deadline + GRACE;
  let rows = 0;
  let lost = false;
  let exchange: Exchange | undefined;
  let over = false;
  const until = performance.now() + deadline;

  const wait = async <T>(what: Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await what;
    } finally {
      const spent = performance.now() - started;
      patience -= spent;
      update(({ duration_ms }) => ({ duration_ms: duration_ms + spent }));
    }
  };
  const fail = (reason: string): TableOutcome => {
    over = true;
    update(() => ({ problem: reason }));
    return { status: rows ? "partial" : "unavailable", reason: `${name}: ${reason}` };
  };

  try {
    exchange = await wait(supervisor.withSession(
      (session) =>
        session.start({ ...wanted, deadline: Math.max(1, until - performance.now()) }, spec),
      patience,
    ));
    while (true) {
      const heard = await wait(exchange.next(patience));
      switch (heard.type) {
        case "batch": {
          const { batch, seq_no } = heard;
          const { acknowledge, grant } = exchange;
          rows += batch.rows;
          update((report) => ({ rows: report.rows + batch.rows }));
          yield { ...batch, acknowledge: () => acknowledge(seq_no) };
          grant();
          break;
        }
        case "lost":
          lost ||= heard.messages > 0;
          break;
        case "error":
          return fail(`it could not read ${spec.name}: ${heard.message}`);
        case "ended":
          return fail(heard.reason);
        case "done":
          if (lost || heard.counters.rows !== rows) return fail("some of what it sent was lost");
          over = true;
          return named(heard.outcome, name);
      }
    }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    if (!exchange || over) exchange?.close();
    else leave(abandon(exchange, patience));
  }
}

/** Waits until a collector has stopped working on a task that nobody wants any more. */
export async function abandon(exchange: Exchange, patience: number): Promise<void> {
  const until = performance.now() + patience;
  exchange.cancel();
  while (true) {
    const { type } = await exchange.next(until - performance.now());
    if (type === "batch") exchange.grant();
    else if (type !== "lost") break;
  }
  exchange.close();
}

/** An outcome with the name of the collector whose words it has. */
export function named(outcome: TableOutcome, name: string): TableOutcome {
  return outcome.status === "complete"
    ? outcome
    : { ...outcome, reason: `${name}: ${outcome.reason}` };
}
