import type { CompiledDetection, CompiledQuery } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Evaluation, QueryResult } from "../model/verdict.ts";
import { evaluateEvents } from "./evaluate_events.ts";
import { activeExceptions, separateExceptions, withExceptions } from "./exceptions.ts";
import { bind, judgedReads, type Moment } from "./judgeable.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { judgeableWithKeys, keyAnswers, withKeys } from "./triggers/answers.ts";
import { withOwnRows } from "./triggers/own_rows.ts";
import type { View } from "./view.ts";

/** Rows of a detection's result, with what its exceptions say of each. */
export interface DetectionEvaluation {
  /** The rows before exceptions. */
  readonly evaluation: Evaluation;
  /** The exception that excludes a row, by the number of the row; the first where several do. */
  readonly excepted: ReadonlyMap<number, string>;
  /** In events mode: the number of the event behind each row. */
  readonly eventOf?: readonly number[];
}

/** The SQL that is run over a view: another one where rows were not given but asked for by keys. */
function sqlOver({ sql, plan }: CompiledQuery, view: View): string {
  return view.asked ? plan.keyedSql ?? sql : sql;
}

/**
 * Evaluates a query over a view, with the exceptions that hold as {@linkcode withExceptions} adds them. A failure of the
 * query is a result of its own, never a throw.
 */
export async function evaluateQuery(
  query: CompiledQuery & Pick<CompiledDetection, "resources">,
  view: View,
  moment: Moment,
  sandbox: Sandbox,
  timeout: number,
  exceptions: readonly Exception[] = [],
): Promise<Evaluation> {
  const own = await withOwnRows(query, view, moment.now, sandbox, timeout);
  const found = await judgeableWithKeys(query, query.tables, own, moment, sandbox, timeout);
  if (found && "kind" in found) return { status: "not_evaluated", why: found };
  const keys = await keyAnswers(query, view, moment.now, sandbox, timeout);
  if (keys && "kind" in keys) return { status: "not_evaluated", why: keys };
  const judgeable = keys ? withKeys(found, keys, rowsRead(query, own)) : found;
  const outcome = await sandbox.run({
    image: view.image,
    sql: withExceptions(sqlOver(query, view), exceptions),
    parameters: bind(query.parameters, view, moment.now),
    timeout,
  });
  if (outcome.status === "failed") {
    return { status: "not_evaluated", why: { kind: outcome.kind, reason: outcome.reason } };
  }
  const { rows, truncated, duration_ms } = outcome;
  const result: QueryResult = { columns: query.columns, rows, truncated, duration_ms };
  return { status: "evaluated", result, ...(judgeable && { partial: judgeable }) };
}

/** Evaluates a detection over a view: its SQL, in events mode once for each event, then its exceptions. */
export async function evaluateDetection(
  compiled: CompiledDetection,
  view: View,
  now: number,
  sandbox: Sandbox,
): Promise<DetectionEvaluation> {
  const { exceptions, schedule, mode } = compiled.detection.meta;
  const active = activeExceptions(exceptions, now);
  const { every, timeout } = schedule;
  const moment = { now, ...(every !== undefined && { maxAge: 2 * every }) };
  if (mode === "events") {
    const query = { ...compiled, sql: sqlOver(compiled, view) };
    const { evaluation, eventOf } = await evaluateEvents(query, active, view, moment, sandbox);
    return { ...separated(evaluation, compiled, active, view), eventOf };
  }
  const evaluation = await evaluateQuery(compiled, view, moment, sandbox, timeout, active);
  return separated(evaluation, compiled, active, view);
}

function separated(
  evaluation: Evaluation,
  compiled: CompiledDetection,
  active: ReturnType<typeof activeExceptions>,
  view: View,
): DetectionEvaluation {
  if (evaluation.status !== "evaluated") return { evaluation, excepted: new Map() };
  return separateExceptions(withTruncation(evaluation, compiled, view), compiled, active);
}

/** Adds to an evaluation that it is less than it should be, and why. */
export function withNote(
  evaluation: Evaluation & { status: "evaluated" },
  note: string,
  of: number,
): Evaluation & { status: "evaluated" } {
  const { partial } = evaluation;
  return {
    ...evaluation,
    partial: partial
      ? { ...partial, reason: `${partial.reason}; ${note}` }
      : { evaluated: of, of, reason: note },
  };
}

/** How many rows a view has of the tables that a query reads. */
export function rowsRead({ tables: reads, plan }: CompiledQuery, view: View): number {
  const tables = judgedReads(reads, view, plan);
  const rowsOf = (table: string) =>
    (view.tables.get(table)?.rows ?? 0) + (view.events?.get(table)?.rows ?? 0);
  return tables.reduce((sum, { table }) => sum + rowsOf(table), 0);
}

/** Says of a result that was cut that it is a part only: what lies beyond raises no alert. */
function withTruncation(
  evaluation: Evaluation & { status: "evaluated" },
  query: CompiledQuery,
  view: View,
): Evaluation & { status: "evaluated" } {
  if (!evaluation.result.truncated) return evaluation;
  const note = `only the first ${evaluation.result.rows.length} rows of the result count`;
  return withNote(evaluation, note, rowsRead(query, view));
}
