import type { CompiledQuery, ResultColumn, TableRead } from "../model/compiled.ts";
import type { DetectionTask, Plan, Trigger } from "../model/plan.ts";

/** What compiling a query yields: the shape of `explain --format json`. */
export interface Explanation {
  /** The virtual tables, with the columns read of each. */
  readonly tables: readonly TableRead[];
  /** The columns of the result. */
  readonly columns: readonly ResultColumn[];
  /** What is asked of collectors that see the whole host. */
  readonly tasks: readonly DetectionTask[];
  /** What is asked of collectors that need keys. */
  readonly triggers: readonly Trigger[];
  /** What SQLite evaluates over the collected rows: all of it, so that collectors may apply less than they are asked to. */
  readonly residual_sql: string;
  /** What each collector may do on the host, in words. */
  readonly permissions: readonly {
    readonly collector: string;
    readonly permissions: readonly string[];
  }[];
  /** How much it asks of a host, and why. */
  readonly cost: Plan["cost"];
  /** Whether it can run on events. */
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
    triggers: plan.triggers.map(forPeople),
    residual_sql: sql,
    permissions: [...collectors].sort()
      .map((collector) => ({ collector, permissions: permissionsOf(collector) })),
    cost: plan.cost,
    events: plan.events,
  };
}

/** A trigger with the SQL that its author would write, and not the one that names the tables of an image. */
function forPeople(trigger: Trigger): Trigger {
  if (trigger.keys.kind !== "rows") return trigger;
  const { keyedSql: _, ...keys } = trigger.keys;
  return { ...trigger, keys };
}
