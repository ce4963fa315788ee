import type { TableRead } from "../../model/compiled.ts";
import type { Plan } from "../../model/plan.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { nodesOf } from "../walk.ts";
import { placedSources } from "./conditions.ts";
import { costOf } from "./cost.ts";
import { keyedSql } from "./guard.ts";
import { planEvents } from "./events.ts";
import { planTasks } from "./tasks.ts";
import { readsMap, type TableReads, tableReads } from "./reads.ts";
import { planTriggers, type ReadsOfSql } from "./triggers.ts";

export { predicateSql } from "./predicate_sql.ts";
export type { TableReads } from "./reads.ts";
export { PlanError } from "./triggers.ts";

/** What a plan depends on besides the query. */
export interface PlanOptions {
  /** The text that the query's spans point into. */
  readonly text: string;
  /** The columns that the query reads of each table. */
  readonly reads: readonly TableReads[];
  readonly readsOfSql: ReadsOfSql;
  /** How old collected rows may be, ms. */
  readonly ttl: number;
  /** Whether the query reads stored history. */
  readonly lookback: boolean;
}

/** A plan, and all that is read: what the query reads, and what identifies the processes of keys. */
export interface Planned {
  readonly plan: Plan;
  readonly tables: readonly TableRead[];
}

/**
 * Plans how a query's rows are collected.
 *
 * @throws {PlanError} where they cannot be
 */
export function planQuery(query: Query, binding: Binding, options: PlanOptions): Planned {
  const { text, reads, readsOfSql, ttl, lookback } = options;
  const triggers = planTriggers(query, binding, text, readsOfSql);
  const ofKeys = triggers.flatMap(({ keys }) =>
    keys.kind === "rows" ? [readsMap(keys.tables)] : []
  );
  const tables = tableReads([...reads, ...ofKeys]);
  const onlyForKeys = difference(tables, tableReads(reads));
  const project = (table: string) => tables.find((one) => one.table === table)?.columns ?? [];
  const additional = additionalTables(query, binding);
  const plan: Plan = {
    tasks: planTasks(query, binding, project, ttl),
    triggers: triggers.map((trigger) => ({ ...trigger, project: project(trigger.table) })),
    ...(triggers.length > 0 && { keyedSql: keyedSql(query, binding, text) }),
    ...(onlyForKeys.length > 0 && { onlyForKeys }),
    ...(additional.length > 0 && { additional }),
    cost: costOf(query, binding, lookback, triggers),
    events: planEvents(query, binding),
  };
  return { plan, tables };
}

/** The tables that stand nowhere but on the right side of LEFT JOINs. */
function additionalTables(query: Query, binding: Binding): readonly string[] {
  const nullable = new Set(
    nodesOf(query, "select").flatMap((select) => placedSources(select, binding))
      .flatMap(({ source, nullable }) => nullable ? [source] : []),
  );
  const sources = Map.groupBy(binding.tables, ({ shape }) => shape!.spec.name);
  return [...sources].flatMap(([name, all]) =>
    all.every((source) => nullable.has(source)) ? [name] : []
  ).sort();
}

/** The columns of some reads that others have not. */
function difference(reads: readonly TableRead[], others: readonly TableRead[]): TableRead[] {
  return reads.flatMap(({ table, columns }) => {
    const known = others.find((other) => other.table === table)?.columns ?? [];
    const left = columns.filter((column) => !known.includes(column));
    return left.length > 0 ? [{ table, columns: left }] : [];
  });
}

/** The plan of a query that only SQLite understands: every row of what it reads. */
export function wholePlan(
  reads: readonly TableReads[],
  catalogue: Catalogue,
  ttl: number,
): Planned {
  const tables = tableReads(reads);
  const plan: Plan = {
    tasks: tables.map(({ table, columns }) => ({
      table,
      collector: catalogue.get(table)!.collector,
      project: columns,
      ttl,
    })),
    triggers: [],
    cost: { class: "medium", because: ["it is not analysed, so that all rows are collected"] },
    events: { possible: false, reason: "it is not analysed" },
  };
  return { plan, tables };
}
