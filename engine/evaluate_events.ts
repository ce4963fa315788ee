import type { CompiledDetection } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Evaluation, NotEvaluated, Partial } from "../model/verdict.ts";
import type { Cell } from "../schema/batch.ts";
import { withExceptions } from "./exceptions.ts";
import { bind, judgeableRows, type Moment } from "./judgeable.ts";
import { partlyEvaluated } from "./partial.ts";
import type { SandboxOutcome } from "./sandbox/query_process.ts";
import { MAX_ROWS, type Sandbox } from "./sandbox/sandbox.ts";
import { eventParameters, eventQuery } from "./semantics/event_query.ts";
import type { View } from "./view.ts";

/** The rows that events led to, and which event each row is of. */
export interface EventEvaluation {
  readonly evaluation: Evaluation;
  readonly eventOf: readonly number[];
}

/** Events that a query sees together at most. */
const AT_ONCE = 1_024;

/**
 * Runs a detection for each event of its stream, each time with a stream of this one row and every other table as it is. An event on which the query fails is not evaluated, and does not keep the others from it.
 */
export async function evaluateEvents(
  compiled: CompiledDetection,
  exceptions: readonly Exception[],
  view: View,
  moment: Moment,
  sandbox: Sandbox,
): Promise<EventEvaluation> {
  const query = eventQuery(compiled);
  if (!query) return notEvaluated({ kind: "unsupported", reason: whyNot(compiled) });
  if (!view.events) {
    return notEvaluated({ kind: "unsupported", reason: "mode events needs the agent" });
  }
  const judgeable = judgeableRows(query.state, view, moment);
  if (judgeable && "kind" in judgeable) return notEvaluated(judgeable);
  const stream = compiled.tables.filter(({ table }) => table === query.stream);
  const collected = withStreams(view);
  const source = collected.get(query.stream)?.outcome;
  if (source?.status === "unavailable") {
    return notEvaluated({ kind: "unavailable", reason: `${query.stream}: ${source.reason}` });
  }
  const seen = partlyEvaluated(stream, { tables: view.events, collected });
  if (seen?.evaluated === 0) return notEvaluated({ kind: "unavailable", reason: seen.reason });

  const sql = withExceptions(query.sql, exceptions);
  const parameters = bind(compiled.parameters, view, moment.now);
  const run: Run = (first, last) =>
    sandbox.run({
      image: view.image,
      sql,
      parameters: { ...parameters, ...eventParameters(first, last) },
      timeout: compiled.detection.meta.schedule.timeout,
    });
  const count = view.events.get(query.stream)?.rows ?? 0;
  const found = await runAll(count, run);
  if (found.failure && found.evaluated === 0) return notEvaluated(found.failure);
  const failed: Partial | undefined = found.failure &&
    { evaluated: found.evaluated, of: count, reason: found.failure.reason };
  const partial = together([judgeable, seen, failed]);
  const { rows, truncated, duration_ms } = found;
  const result = { columns: compiled.columns, rows, truncated, duration_ms };
  return {
    evaluation: { status: "evaluated", result, ...(partial && { partial }) },
    eventOf: found.eventOf,
  };
}

/** How tables were collected, with what is known of their events in place of what is known of their rows. */
function withStreams({ collected, streamed, events }: View): View["collected"] {
  if (!streamed) return collected;
  const streams = [...streamed].map(([table, outcome]) => {
    const rows = events?.get(table)?.rows ?? 0;
    return [table, { table, rows, collection_time: 0, outcome }] as const;
  });
  return new Map([...collected, ...streams]);
}

interface Found {
  readonly rows: (readonly Cell[])[];
  readonly eventOf: number[];
  truncated: boolean;
  duration_ms: number;
  /** Events that were evaluated, and what happened to the first one that was not. */
  evaluated: number;
  failure?: NotEvaluated;
}

/** Runs a query on the events from one number to another, both included. */
type Run = (first: number, last: number) => Promise<SandboxOutcome>;

/**
 * Few events lead to anything. Where many of them together lead to no row, none of them alone does either: a query that
 * can run on events neither counts nor excludes events. So the others are found by halving.
 */
async function runAll(count: number, run: Run): Promise<Found> {
  const found: Found = { rows: [], eventOf: [], truncated: false, duration_ms: 0, evaluated: 0 };
  for (let first = 0; first < count; first += AT_ONCE) {
    await search(first, Math.min(first + AT_ONCE, count) - 1, run, found);
    // What exceeds its limits costs a process each time: the events that follow would be no better.
    if (found.failure?.kind === "resource") break;
  }
  return found;
}

async function search(first: number, last: number, run: Run, found: Found): Promise<void> {
  const outcome = await run(first, last);
  if (outcome.status === "done") found.duration_ms += outcome.duration_ms;
  if (first === last) return add(first, outcome, found);
  if (outcome.status === "done" && outcome.rows.length === 0) {
    found.evaluated += last - first + 1;
    return;
  }
  // What failed may have failed by the number of its events, which a half has almost as many of.
  const step = outcome.status === "done" ? Math.ceil((last - first + 1) / 2) : 1;
  for (let from = first; from <= last; from += step) {
    await search(from, Math.min(from + step - 1, last), run, found);
    if (found.failure?.kind === "resource") return;
  }
}

function add(event: number, outcome: SandboxOutcome, found: Found): void {
  if (outcome.status === "failed") {
    found.failure ??= { kind: outcome.kind, reason: outcome.reason };
    return;
  }
  found.evaluated++;
  found.truncated ||= outcome.truncated;
  for (const row of outcome.rows) {
    if (found.rows.length === MAX_ROWS) {
      found.truncated = true;
      break;
    }
    found.rows.push(row);
    found.eventOf.push(event);
  }
}

function together(parts: readonly (Partial | undefined)[]): Partial | undefined {
  const given = parts.filter((part) => part !== undefined);
  if (given.length === 0) return undefined;
  return {
    evaluated: given.reduce((sum, { evaluated }) => sum + evaluated, 0),
    of: given.reduce((sum, { of }) => sum + of, 0),
    reason: given.map(({ reason }) => reason).join("; "),
  };
}

function notEvaluated(why: NotEvaluated): EventEvaluation {
  return { evaluation: { status: "not_evaluated", why }, eventOf: [] };
}

function whyNot({ plan }: CompiledDetection): string {
  const reason = plan.events.possible ? "its SQL cannot be rewritten" : plan.events.reason;
  return `it cannot run on events: ${reason}`;
}
