import type {
  Collection,
  CollectionTask,
  CollectorReport,
  ConfinementPolicy,
  TableOutcome,
} from "../../model/collection.ts";
import { checkBatch, type RecordBatch } from "../../schema/batch.ts";
import { collectedColumns, METADATA_COLUMNS } from "../../schema/columns.ts";
import type { Platform, TableSpec } from "../../schema/types.ts";
import type { CollectorDeclaration } from "./collector.ts";
import { connect, type Connection } from "./connection.ts";

/** A task for one collector. */
export interface HandleTask extends CollectionTask {
  /** What a triggerable collector is asked about. */
  readonly keys?: readonly string[];
}

/** The agent's side of a collector: starts its process when there is work, and checks all that it says. */
export interface CollectorHandle {
  /**
   * Collects a table of the collector; tasks wait for each other. Whatever the collector does wrong is an outcome,
   * never a throw. Columns that it does not supply are gaps of every batch.
   */
  collect(task: HandleTask): Collection;
  /** What it did so far; `undefined` where nothing was asked of it. */
  report(): CollectorReport | undefined;
  /** Ends its process. A later task starts it again. */
  close(): Promise<void>;
}

/** What a handle is made of. */
export interface HandleOptions {
  /** The collector to start. */
  readonly collector: CollectorDeclaration;
  /** The collector's tables. */
  readonly specs: readonly TableSpec[];
  /** The platform of this host. */
  readonly platform: Platform;
  /** How the collector is to be confined. */
  readonly policy: ConfinementPolicy;
}

/** Messages in a row that may be broken before a collector is given up. */
const MAX_BROKEN = 3;
/** Milliseconds beyond its deadline in which a collector must have told what it has. */
const GRACE = 1000;

/** Makes a {@linkcode CollectorHandle}; nothing is started yet. */
export function createHandle(
  { collector, specs, platform, policy }: HandleOptions,
): CollectorHandle {
  const { name } = collector;
  const tables = new Map(specs.map((spec) => [spec.name, spec]));
  let connection: Promise<Connection> | undefined;
  let report: CollectorReport | undefined;
  let lastTask = 0;
  let queue: Promise<void> = Promise.resolve();

  const update = (change: (report: CollectorReport) => Partial<CollectorReport>) => {
    const old = report ?? { name, confinement: "none", rows: 0, dropped: 0, duration_ms: 0 };
    report = { ...old, ...change(old) };
  };

  const disconnect = async () => {
    const old = connection;
    connection = undefined;
    await old?.then((one) => one.end(), () => {});
  };

  async function* run({ keys, table, project, deadline }: HandleTask): Collection {
    const spec = tables.get(table)!;
    const task = ++lastTask;
    let patience = deadline + GRACE;
    let rows = 0;
    let dropped = 0;
    let broken = 0;
    let batches = 0;
    let orderly = false;

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
    const drop = (messages: number) => {
      dropped += messages;
      update((report) => ({ dropped: report.dropped + messages }));
    };
    const fail = (reason: string, status?: "unavailable"): TableOutcome => {
      update(() => ({ problem: reason }));
      return { status: status ?? (rows ? "partial" : "unavailable"), reason: `${name}: ${reason}` };
    };

    try {
      const { confinement, reason, say, receive } = await wait(
        connection ??= connect(collector, platform, policy, patience),
      );
      update(() => ({ confinement, ...(reason !== undefined && { confinement_reason: reason }) }));
      say({ type: "task", id: task, table, project, deadline, ...(keys && { keys }) });
      while (broken < MAX_BROKEN) {
        const message = await wait(receive(patience));
        if (message.type === "ended") return fail(message.reason);
        if (message.type === "batch" && message.task === task && message.seq_no >= batches) {
          const batch = check(message.batch, spec, platform);
          if (batch) {
            drop(message.seq_no - batches);
            batches = message.seq_no + 1;
            broken = 0;
            rows += batch.rows;
            update((report) => ({ rows: report.rows + batch.rows }));
            yield withGaps(batch, spec, platform);
            continue;
          }
        }
        if (message.type === "error" && message.task === task) {
          orderly = true;
          return fail(`it could not read ${table}: ${message.message}`);
        }
        if (message.type === "done" && message.task === task) {
          orderly = true;
          return dropped === 0 && message.counters.rows === rows
            ? message.outcome
            : fail("some of what it sent was lost");
        }
        broken++;
        drop(1);
      }
      return fail(`it sent ${MAX_BROKEN} broken messages in a row`, "unavailable");
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    } finally {
      if (!orderly) await disconnect();
    }
  }

  return {
    async *collect(task) {
      const earlier = queue;
      const { promise, resolve } = Promise.withResolvers<void>();
      queue = promise;
      await earlier;
      try {
        return yield* run(task);
      } finally {
        resolve();
      }
    },
    report: () => report && { ...report, duration_ms: Math.round(report.duration_ms) },
    close: disconnect,
  };
}

/** The batch in its exact types; `undefined` where it is none of the table. */
function check(batch: unknown, spec: TableSpec, platform: Platform): RecordBatch | undefined {
  try {
    return checkBatch(batch, spec, platform);
  } catch {
    return undefined;
  }
}

/** The batch with a gap for each column that its collector could have supplied and did not. */
function withGaps(batch: RecordBatch, spec: TableSpec, platform: Platform): RecordBatch {
  const told = new Set([...batch.columns, ...batch.gaps.map(({ column }) => column)]);
  const untold = collectedColumns(spec, platform).map(({ name }) => name)
    .filter((name) => !told.has(name) && !(name in METADATA_COLUMNS));
  const gaps = untold.map((column) => ({ column, reason: "not_collected", rows: "all" }) as const);
  return { ...batch, gaps: [...batch.gaps, ...gaps] };
}
