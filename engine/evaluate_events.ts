import type { CompiledDetection } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Evaluation, NotEvaluated, Partial } from "../model/verdict.ts";
import type { Cell } from "../schema/batch.ts";
import { eventsThatCount } from "./event_filter.ts";
import { withExceptions } from "./exceptions.ts";
import { bind, judgedReads, type Moment } from "./judgeable.ts";
import { partlyEvaluated } from "./partial.ts";
import type { SandboxOutcome } from "./sandbox/query_process.ts";
import { MAX_ROWS, type Sandbox } from "./sandbox/sandbox.ts";
import { eventParameters, eventQuery } from "./semantics/event_query.ts";
import { judgeableWithKeys, keyAnswers } from "./triggers/answers.ts";
import { withOwnRows } from "./triggers/own_rows.ts";
import type { View } from "./view.ts";

/** The rows that events led to, and which event each row is of. */
export interface EventEvaluation {
  readonly evaluation: Evaluation;
  readonly eventOf: readonly number[];
}

/** Events that a query sees together at most. */
const AT_ONCE = 1_024;

/**
 * Runs a detection for each event of its stream, as if each time the stream were this one row and every other table as it
 * is. Many events are judged by one query, which tells of each row which event it is of; they are divided where that would
 * not be the same, or where it fails. An event on which the query fails is not evaluated, and does not keep the others from
 * it. All of it may take as long as one run of the detection.
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
  const { timeout } = compiled.detection.meta.schedule;
  const events = view.events.get(query.stream);
  const range = events && eventsThatCount(compiled, events.batch);
  // Events that lead to nothing have no keys that rows would be asked for by.
  const own = range ? await withOwnRows(compiled, view, moment.now, sandbox, timeout) : view;
  const asked = new Set(range ? [] : compiled.plan.triggers.map(({ table }) => table));
  const state = query.state.filter(({ table }) => !asked.has(table));
  const judgeable = await judgeableWithKeys(compiled, state, own, moment, sandbox, timeout);
  if (judgeable && "kind" in judgeable) return notEvaluated(judgeable);
  const stream = judgedReads(compiled.tables, view, compiled.plan)
    .filter(({ table }) => table === query.stream);
  const collected = withStreams(view);
  const source = collected.get(query.stream)?.outcome;
  if (source?.status === "unavailable") {
    return notEvaluated({ kind: "unavailable", reason: `${query.stream}: ${source.reason}` });
  }
  const seen = partlyEvaluated(stream, { tables: view.events, collected });

  const keys = range && await keyAnswers(compiled, view, moment.now, sandbox, timeout);
  if (keys && "kind" in keys) return notEvaluated(keys);

  const sql = withExceptions(query.numbered, exceptions);
  const parameters = bind(compiled.parameters, view, moment.now);
  const count = events?.rows ?? 0;
  const run: Run = (first, last, left) =>
    sandbox.run({
      image: view.image,
      sql,
      parameters: { ...parameters, ...eventParameters(first, last) },
      timeout: left,
      urgent: true,
    });
  const judged = { range, wholeBelow: query.wholeBelow, at: compiled.columns.length, timeout };
  const found = await judgeAll(judged, run);
  // Events outside of the range lead to nothing: it is not by them that the query has proved to work.
  if (found.failure && found.evaluated === 0) return notEvaluated(found.failure);
  const unjudged = lengthOf(range) - found.evaluated;
  // What is not known of an event may keep it from matching; an event that matches nevertheless alerts.
  if (seen?.evaluated === 0 && found.rows.length === 0) {
    return notEvaluated({ kind: "unavailable", reason: seen.reason });
  }
  const failed: Partial | undefined = found.failure &&
    { evaluated: count - unjudged, of: count, reason: found.failure.reason };
  const unanswered: Partial | undefined = keys &&
    { evaluated: 0, of: keys.lacking, reason: keys.reason };
  const partial = together([judgeable, seen, failed, unanswered]);
  const { rows, truncated, duration_ms } = found;
  const result = { columns: compiled.columns, rows, truncated, duration_ms };
  return {
    evaluation: {
      status: "evaluated",
      result,
      ...(partial && { partial }),
      ...(unjudged > 0 && { unjudged }),
    },
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
  /** The event of each row, counted from 0. */
  readonly eventOf: number[];
  truncated: boolean;
  duration_ms: number;
  /** Events of the range that were evaluated, and what happened to the first one that was not. */
  evaluated: number;
  failure?: NotEvaluated;
}

/** Runs a query on the events from one number to another, both included. */
type Run = (first: number, last: number, timeout: number) => Promise<SandboxOutcome>;

/** The first and the last of a run of events, counted from 0. */
type Events = readonly [first: number, last: number];

function lengthOf(range: Events | undefined): number {
  return range ? range[1] - range[0] + 1 : 0;
}

type Done = SandboxOutcome & { readonly status: "done" };

/**
 * Where many events together lead to no row, none of them alone does either: a query that can run on events neither counts
 * nor excludes events.
 */
async function judgeAll(
  { range, wholeBelow, at, timeout }: {
    /** The events that are judged. */
    readonly range: Events | undefined;
    readonly wholeBelow: number;
    /** Where the number of the event stands in a row. */
    readonly at: number;
    readonly timeout: number;
  },
  run: Run,
): Promise<Found> {
  const found: Found = { rows: [], eventOf: [], truncated: false, duration_ms: 0, evaluated: 0 };
  // What comes first lies on top.
  const waiting = runsOf(range).reverse();
  let left = timeout;
  while (waiting.length > 0 && found.rows.length < MAX_ROWS) {
    if (left <= 0) {
      const reason = `timeout of ${timeout / 1000} s exceeded`;
      found.failure ??= { kind: "resource", reason };
      break;
    }
    const [first, last] = waiting.pop()!;
    const started = performance.now();
    const outcome = await run(first, last, Math.ceil(left));
    // Of one that has failed nobody knows how long it had waited for a process.
    const took = outcome.status === "done"
      ? outcome.duration_ms
      : Math.min(performance.now() - started, left);
    left -= took;
    found.duration_ms += took;
    if (outcome.status === "done") {
      const { rows, truncated } = outcome;
      const whole = rows.length === 0 || (!truncated && rows.length < wholeBelow);
      if (whole || first === last) add(outcome, at, last - first + 1, found);
      else waiting.push(...halves(first, last));
    } else if (outcome.kind === "unavailable" || first === last) {
      found.failure ??= { kind: outcome.kind, reason: outcome.reason };
      // What exceeds its limits costs a process each time: the events that follow would be no better.
      if (outcome.kind !== "error") break;
    } else waiting.push(...halves(first, last));
  }
  found.truncated ||= found.rows.length === MAX_ROWS && waiting.length > 0;
  return found;
}

function runsOf(range: Events | undefined): Events[] {
  if (!range) return [];
  const [start, end] = range;
  return Array.from({ length: Math.ceil(lengthOf(range) / AT_ONCE) }, (_, run) => {
    const first = start + run * AT_ONCE;
    return [first, Math.min(first + AT_ONCE - 1, end)];
  });
}

/** The later half stands first. */
function halves(first: number, last: number): readonly [Events, Events] {
  const middle = Math.floor((first + last) / 2);
  return [[middle + 1, last], [first, middle]];
}

/** Adds rows that lead back to so many events, event by event. */
function add({ rows, truncated }: Done, at: number, events: number, found: Found): void {
  found.evaluated += events;
  const numbered = rows.map((row) => [Number(row[at]) - 1, row.toSpliced(at, 1)] as const)
    .sort(([a], [b]) => a - b);
  const room = MAX_ROWS - found.rows.length;
  for (const [event, row] of numbered.slice(0, room)) {
    found.rows.push(row);
    found.eventOf.push(event);
  }
  found.truncated ||= truncated || numbered.length > room;
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
