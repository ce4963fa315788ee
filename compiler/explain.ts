import type { CompiledQuery, ResultColumn, TableRead } from "../model/compiled.ts";
import type { DetectionTask, Plan, Trigger } from "../model/plan.ts";

/** What compiling a query yields: the shape of `explain --format json`. */
export interface Explanation {
  readonly tables: readonly TableRead[];
  readonly columns: readonly ResultColumn[];
  readonly tasks: readonly DetectionTask[];
  readonly triggers: readonly Trigger[];
  /** What SQLite evaluates over the collected rows: all of it, so that collectors may apply less than they are asked to. */
  readonly residual_sql: string;
  /** What each collector may do on the host, in words. */
  readonly permissions: readonly {
    readonly collector: string;
    readonly permissions: readonly string[];
  }[];
  readonly cost: Plan["cost"];
  readonly events: Plan["events"];
}

/**
 * Explains a compiled query.
 *
 * @param permissionsOf what a collector may do on the host, in words; collectors declare it
 */
export function explain(
  { tables, columns, sql, plan }: CompiledQuery,
  permissionsOf: (collector: string) => readonly string[],
): Explanation {
  const collectors = new Set([...plan.tasks, ...plan.triggers].map(({ collector }) => collector));
  return {
    tables,
    columns,
    tasks: plan.tasks,
    triggers: plan.triggers,
    residual_sql: sql,
    permissions: [...collectors].sort()
      .map((collector) => ({ collector, permissions: permissionsOf(collector) })),
    cost: plan.cost,
    events: plan.events,
  };
}
