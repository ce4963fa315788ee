import type { CompiledDetection, CompiledQuery, Parameter } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Evaluation, NotEvaluated, QueryResult } from "../model/verdict.ts";
import { quoteIdentifier } from "../schema/ddl.ts";
import { partlyEvaluated } from "./partial.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { View } from "./view.ts";

/** The moment of an evaluation. */
export interface Moment {
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /** ms; rows that were read longer ago say nothing of now. */
  readonly maxAge?: number;
}

/** Rows of a detection's result, with what its exceptions say of each. */
export interface DetectionEvaluation {
  /** The rows before exceptions. */
  readonly evaluation: Evaluation;
  /** Numbers of the rows that an exception excludes. */
  readonly excepted: ReadonlySet<number>;
}

/** Evaluates a query over a view. A failure of the query is a result of its own, never a throw. */
export async function evaluateQuery(
  query: CompiledQuery,
  view: View,
  moment: Moment,
  sandbox: Sandbox,
  timeout: number,
): Promise<Evaluation> {
  const missing = unavailableTable(query, view, moment);
  if (missing) return { status: "not_evaluated", why: missing };
  const partial = partlyEvaluated(query.tables, view);
  if (partial?.evaluated === 0) {
    return { status: "not_evaluated", why: { kind: "unavailable", reason: partial.reason } };
  }
  const outcome = await sandbox.run({
    image: view.image,
    sql: query.sql,
    parameters: bind(query.parameters, view, moment.now),
    timeout,
  });
  if (outcome.status === "failed") {
    return { status: "not_evaluated", why: { kind: outcome.kind, reason: outcome.reason } };
  }
  const { rows, truncated, duration_ms } = outcome;
  const result: QueryResult = { columns: query.columns, rows, truncated, duration_ms };
  return { status: "evaluated", result, ...(partial && { partial }) };
}

/** Evaluates a detection over a view: its SQL, then its exceptions. */
export async function evaluateDetection(
  compiled: CompiledDetection,
  view: View,
  now: number,
  sandbox: Sandbox,
): Promise<DetectionEvaluation> {
  const { meta } = compiled.detection;
  const unsupported = unsupportedFeature(compiled);
  if (unsupported) {
    return { evaluation: { status: "not_evaluated", why: unsupported }, excepted: new Set() };
  }
  const exceptions = activeExceptions(meta.exceptions, now);
  const { every, timeout } = meta.schedule;
  const moment = { now, ...(every !== undefined && { maxAge: 2 * every }) };
  const query = exceptions.length
    ? { ...compiled, sql: withExceptions(compiled.sql, exceptions) }
    : compiled;
  const found = await evaluateQuery(query, view, moment, sandbox, timeout);
  const evaluation = withTruncation(found, compiled, view);
  if (evaluation.status !== "evaluated" || exceptions.length === 0) {
    return { evaluation, excepted: new Set() };
  }
  return separateExceptions(evaluation, compiled);
}

/** Says of a result that was cut that it is a part only: what lies beyond raises no alert. */
function withTruncation(
  evaluation: Evaluation,
  { tables }: CompiledQuery,
  view: View,
): Evaluation {
  if (evaluation.status !== "evaluated" || !evaluation.result.truncated) return evaluation;
  const { partial, result } = evaluation;
  const reason = `only the first ${result.rows.length} rows of the result count`;
  const of = tables.reduce((sum, { table }) => sum + (view.tables.get(table)?.rows ?? 0), 0);
  return {
    ...evaluation,
    partial: partial
      ? { ...partial, reason: `${partial.reason}; ${reason}` }
      : { evaluated: of, of, reason },
  };
}

/**
 * An exception holds through the day on which it expires. After that it excludes nothing any more: better an alert too
 * many than one that nobody sees.
 */
function activeExceptions(exceptions: readonly Exception[], now: number): readonly Exception[] {
  const today = new Date(now).toISOString().slice(0, 10);
  return exceptions.filter(({ expires }) => expires === undefined || expires >= today);
}

const EXCEPTED = "daemoneye excepted";

/** Adds a last column that says whether any exception is true of the row; NULL is not true. */
function withExceptions(sql: string, exceptions: readonly Exception[]): string {
  const any = exceptions.map(({ when }) => `(((\n${when}\n)) IS TRUE)`).join(" OR ");
  return `SELECT *, (${any}) AS ${quoteIdentifier(EXCEPTED)} FROM (\n${sql}\n)`;
}

function separateExceptions(
  evaluation: Extract<Evaluation, { status: "evaluated" }>,
  { columns }: CompiledDetection,
): DetectionEvaluation {
  const { rows } = evaluation.result;
  const excepted = new Set(rows.flatMap((row, index) => row[columns.length] === 1 ? [index] : []));
  const bare = rows.map((row) => row.slice(0, columns.length));
  return {
    evaluation: { ...evaluation, result: { ...evaluation.result, columns, rows: bare } },
    excepted,
  };
}

function unsupportedFeature({ detection: { meta } }: CompiledDetection): NotEvaluated | undefined {
  const feature = meta.mode !== "snapshot"
    ? `mode ${meta.mode}`
    : meta.threshold
    ? "threshold"
    : meta.lookback !== undefined
    ? "lookback"
    : undefined;
  return feature === undefined
    ? undefined
    : { kind: "unsupported", reason: `${feature} is not supported by this version` };
}

function unavailableTable(
  { tables }: CompiledQuery,
  { collected }: View,
  { now, maxAge = Infinity }: Moment,
): NotEvaluated | undefined {
  for (const { table } of tables) {
    const found = collected.get(table);
    if (!found) return { kind: "unavailable", reason: `${table} was not collected` };
    const { outcome, collection_time } = found;
    if (outcome.status === "unavailable") {
      return { kind: "unavailable", reason: `${table}: ${outcome.reason}` };
    }
    if (now - collection_time > maxAge) {
      const age = Math.round((now - collection_time) / 1000);
      return {
        kind: "unavailable",
        reason: `${table} was read ${age} s ago, more than two periods of the detection`,
      };
    }
  }
  return undefined;
}

function bind(
  parameters: readonly Parameter[],
  { scan_id }: View,
  now: number,
): Record<string, number | null> {
  const values: Readonly<Record<Parameter, number | null>> = { now, since: null, scan_id };
  return Object.fromEntries(parameters.map((name) => [name, values[name]]));
}
