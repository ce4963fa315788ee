import { PARAMETERS } from "../../model/compiled.ts";
import type { KeySource, Trigger } from "../../model/plan.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { CommonTable, Expression, Node, Query, Source } from "../ast.ts";
import type { Predicate } from "../../model/predicate.ts";
import { hasRightJoin } from "../joins.ts";
import type { Binding } from "../binding/mod.ts";
import { nodesOf } from "../walk.ts";
import { conjuncts, filters } from "./conditions.ts";
import { keyedEdits } from "./guard.ts";
import { keyRows, keyRowsContext, leftNodes } from "./key_rows.ts";
import { type KeyedSource, keyedSources, type Request } from "./keys.ts";
import { combine, extract } from "./predicate.ts";
import { type TableReads, tableReads } from "./reads.ts";

/** A query that is right and that cannot be collected all the same. */
export class PlanError extends Error {
  /** @param span the table that cannot be collected */
  constructor(message: string, readonly span: Span) {
    super(message);
  }
}

/** The columns that SQL reads of each table, according to SQLite; `undefined` where it refuses the SQL. */
export type ReadsOfSql = (sql: string) => TableReads | undefined;

/**
 * Plans what is asked of the collectors that need keys; which columns of them is not known yet.
 *
 * @throws {PlanError} where SQLite does not take the query for keys, so that the rows could never be asked for
 */
export function planTriggers(
  query: Query,
  binding: Binding,
  text: string,
  readsOfSql: ReadsOfSql,
): readonly Trigger[] {
  const keyed = keyedSources(query, binding);
  if (keyed.length === 0) return [];
  const context = keyRowsContext(query, binding, text);
  const keyedContext = { ...context, edits: keyedEdits(query, binding) };
  const stages = new Map<Source, number>();
  return keyed.flatMap((one): Trigger[] => {
    const { placed, request } = one;
    const spec = placed.source.shape?.spec;
    if (!request || !spec) return [];
    const where = predicateOf(one, binding);
    const base = {
      table: spec.name,
      collector: spec.collector,
      key: request.key,
      project: [],
      ...(where && { where }),
      stage: stageOf(one, keyed, binding, stages),
    };
    return keySources(request).map((keys) => ({ ...base, keys }));
  }).sort((left, right) => left.stage - right.stage || (left.table < right.table ? -1 : 1));

  function keySources(request: Request): KeySource[] {
    if (request.kind === "constants") {
      return [
        ...(request.values.length > 0
          ? [{ kind: "values" as const, values: [...new Set(request.values)] }]
          : []),
        ...(request.globs.length > 0
          ? [{ kind: "glob" as const, patterns: [...new Set(request.globs)] }]
          : []),
      ];
    }
    const placed = keyed.find((one) => one.request === request)!.placed;
    const { sql, process } = keyRows(context, placed, request);
    const reads = readsOfSql(sql);
    if (!reads) throw new PlanError("the keys cannot be found out", placed.source.node.span);
    const parameters = PARAMETERS.filter((name) => new RegExp(`:${name}\\b`).test(sql));
    const keyedSql = keyRows(keyedContext, placed, request).sql;
    return [{
      kind: "rows",
      sql,
      ...(keyedSql !== sql && { keyedSql }),
      parameters,
      tables: tableReads([reads]),
      process,
    }];
  }
}

/**
 * What every row that counts must meet. On the right side of a LEFT JOIN that is the join's own condition, and what of WHERE
 * no row meets that was made up for want of another.
 */
function predicateOf({ placed }: KeyedSource, binding: Binding): Predicate | undefined {
  const { select, source, join, nullable } = placed;
  const all = filters(select);
  const own = nullable && (join?.kind === "left" || join?.kind === "inner") &&
      select.from && !hasRightJoin(select.from)
    ? conjuncts(join.on)
    : [];
  const found = (conditions: readonly Expression[]) =>
    conditions.flatMap((condition) => extract(condition, source, binding)?.predicate ?? []);
  const parts = nullable
    ? [...found(own), ...found(all).filter(({ op }) => op === "=" || op === "in")]
    : found(all);
  return parts.length > 0 ? combine("and", parts) : undefined;
}

/** One more than the latest trigger whose rows the keys come from. */
function stageOf(
  one: KeyedSource,
  keyed: readonly KeyedSource[],
  binding: Binding,
  known: Map<Source, number>,
): number {
  const { node } = one.placed.source;
  const stage = known.get(node);
  if (stage !== undefined) return stage;
  // Tables that refer to each other in a circle are refused elsewhere; here they only must not loop.
  known.set(node, 1);
  const origins = originsOf(one, binding);
  const before = keyed.filter((other) => other !== one && origins.has(other.placed.source.node))
    .map((other) => stageOf(other, keyed, binding, known));
  const result = 1 + Math.max(0, ...before);
  known.set(node, result);
  return result;
}

/** Every source whose rows the keys of a trigger are made from. */
function originsOf({ placed, request }: KeyedSource, binding: Binding): ReadonlySet<Node> {
  if (!request || request.kind === "constants") return new Set();
  const origins = new Set<Node>();
  const common = new Set<CommonTable>();
  const visit = (root: Node) => {
    for (const node of nodesOf(root)) {
      origins.add(node);
      const table = node.type === "table" ? binding.common.get(node) : undefined;
      if (!table || common.has(table)) continue;
      common.add(table);
      visit(table);
    }
  };
  if (request.kind === "query") visit(request.query);
  // The joins to the left belong to the keys with all that their conditions read.
  else for (const node of leftNodes(placed)) visit(node);
  return origins;
}
