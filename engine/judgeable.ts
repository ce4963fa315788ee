import type { Parameter, TableRead } from "../model/compiled.ts";
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

/** Whether the rows of tables can be judged: why not, on how many of them, or `undefined` for all. */
export function judgeableRows(
  tables: readonly TableRead[],
  view: View,
  moment: Moment,
): Partial | NotEvaluated | undefined {
  const missing = unavailableTable(tables, view, moment);
  if (missing) return missing;
  const partial = partlyEvaluated(tables, view);
  return partial?.evaluated === 0 ? { kind: "unavailable", reason: partial.reason } : partial;
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
      const age = Math.round((now - collection_time) / 1000);
      return {
        kind: "unavailable",
        reason: `${table} was read ${age} s ago, more than two periods of the detection`,
      };
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
  const values: Readonly<Record<Parameter, number | null>> = {
    now,
    since: since ?? null,
    scan_id,
  };
  return Object.fromEntries(parameters.map((name) => [name, values[name]]));
}
