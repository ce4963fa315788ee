import type { Parameter, TableRead } from "../model/compiled.ts";
import { keyedTable, type Plan } from "../model/plan.ts";
import type { NotEvaluated, Partial } from "../model/verdict.ts";
import { partlyEvaluated } from "./partial.ts";
import type { View } from "./view.ts";

/** The moment of an evaluation. */
export interface Moment {
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /** ms; rows that were read longer ago say nothing of now. */
  readonly maxAge?: number;
}

/**
 * Whether the rows of tables can be judged: why not, on how many of them, or `undefined` for all. Of a table that was asked
 * for by keys it is the rows that the plan's triggers found.
 *
 * @param answered how many keys were answered, see {@linkcode partlyEvaluated}
 */
export function judgeableRows(
  tables: readonly TableRead[],
  view: View,
  moment: Moment,
  plan?: JudgedPlan,
  answered?: ReadonlyMap<string, number>,
): Partial | NotEvaluated | undefined {
  const missing = unavailableTable(tables, view, moment);
  if (missing) return missing;
  const partial = partlyEvaluated(judgedReads(tables, view, plan), view, answered);
  return partial?.evaluated === 0 ? { kind: "unavailable", reason: partial.reason } : partial;
}

/** What of a plan decides which values a verdict depends on. */
type JudgedPlan = Pick<Plan, "triggers" | "onlyForKeys">;

/**
 * The reads that a verdict depends on: without columns that only queries for keys read, and where rows were asked for by
 * keys of the tables of these rows, by their names in the image.
 */
export function judgedReads(
  tables: readonly TableRead[],
  { asked }: Pick<View, "asked">,
  { triggers, onlyForKeys = [] }: JudgedPlan = { triggers: [] },
): readonly TableRead[] {
  return tables.flatMap((read) => {
    const unread = onlyForKeys.find(({ table }) => table === read.table)?.columns ?? [];
    const columns = read.columns.filter((column) => !unread.includes(column));
    if (!asked?.has(read.table)) return [{ ...read, columns }];
    const keys = triggers.flatMap(({ table, key }) => table === read.table ? [key] : []);
    return [...new Set(keys)]
      .map((key) => ({ ...read, columns, table: keyedTable(read.table, key) }));
  });
}

function unavailableTable(
  tables: readonly TableRead[],
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
      // Without a number: the same is told once of many evaluations.
      const reason = `${table} was read more than two periods of the detection ago`;
      return { kind: "unavailable", reason };
    }
  }
  return undefined;
}

/** The values of the parameters that a query names. */
export function bind(
  parameters: readonly Parameter[],
  { scan_id, since }: View,
  now: number,
): Record<string, number | null> {
  return bindValues(parameters, { now, since, scan_id });
}

/** {@linkcode bind} without a view. */
export function bindValues(
  parameters: readonly Parameter[],
  { now, since = null, scan_id }: {
    readonly now: number;
    readonly since?: number | null | undefined;
    readonly scan_id: number;
  },
): Record<string, number | null> {
  const values: Readonly<Record<Parameter, number | null>> = { now, since, scan_id };
  return Object.fromEntries(parameters.map((name) => [name, values[name]]));
}
