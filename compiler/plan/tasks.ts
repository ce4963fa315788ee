import type { DetectionTask } from "../../model/plan.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { TableSpec } from "../../schema/types.ts";
import { isView } from "../../schema/view.ts";
import type { Expression, Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import type { BoundSource } from "../binding/scope.ts";
import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import { nodesOf } from "../walk.ts";
import { filters, placedSources } from "./conditions.ts";
import { needsKeys } from "./keys.ts";
import { combine, extract } from "./predicate.ts";

/** Plans what is asked of the collectors that see the whole host. */
export function planTasks(
  query: Query,
  binding: Binding,
  project: (table: string) => readonly string[],
  ttl: number,
): readonly DetectionTask[] {
  const wanted = predicates(query, binding);
  const tables = Map.groupBy(
    binding.tables.filter((source) => !needsKeys(source)),
    ({ shape }) => collectedTable(shape!.spec),
  );
  return [...tables].map(([name, sources]): DetectionTask => {
    const { collector } = sources[0]!.shape!.spec;
    const where = union(sources.map((source) => wanted.get(source)));
    const limit = limitOf(query, binding);
    return {
      table: name,
      collector,
      project: project(name),
      ...(where && { where }),
      ...(limit !== undefined && { limit }),
      ttl,
    };
  }).sort((left, right) => left.table < right.table ? -1 : 1);
}

/** The table whose rows are collected so that a table can be read. */
function collectedTable(spec: TableSpec): string {
  return isView(spec) ? spec.base : spec.name;
}

/** What every row that counts must meet, for each source that something is known of. */
function predicates(query: Query, binding: Binding): ReadonlyMap<BoundSource, Predicate> {
  const found = new Map<BoundSource, Predicate>();
  for (const select of nodesOf(query, "select")) {
    const conditions = filters(select);
    for (const { source, nullable } of placedSources(select, binding)) {
      // A view needs the rows between those that it shows.
      if (!source.shape || nullable || isView(source.shape.spec)) continue;
      const parts = conditions.flatMap((condition) =>
        extract(condition, source, binding)?.predicate ?? []
      );
      if (parts.length > 0) found.set(source, combine("and", parts));
    }
  }
  return found;
}

/** A table that stands in a query several times is collected once: for each of them. */
function union(wanted: readonly (Predicate | undefined)[]): Predicate | undefined {
  const known = wanted.flatMap((predicate) => predicate ?? []);
  if (known.length < wanted.length) return undefined;
  if (known.length === 1) return known[0];
  const distinct = new Map(known.map((predicate) => [JSON.stringify(predicate), predicate]));
  return combine("or", [...distinct.values()]);
}

/** How many rows are enough: only where the query is a filter of one table that the collector applies whole. */
function limitOf(query: Query, binding: Binding): number | undefined {
  const { body, limit, offset } = query;
  if (!limit || query.orderBy.length > 0 || body.type !== "select" || binding.tables.length !== 1) {
    return undefined;
  }
  const { from, where, groupBy, having, distinct } = body;
  if (from?.first.type !== "table" || from.joins.length > 0) return undefined;
  const source = binding.sources.get(from.first);
  if (!source?.shape || isView(source.shape.spec)) return undefined;
  if (groupBy.length > 0 || having || distinct || nodesOf(body, "call").some(isNotScalar)) {
    return undefined;
  }
  if (where && !extract(where, source, binding)?.exact) return undefined;
  const rows = wholeNumber(limit);
  const skipped = offset ? wholeNumber(offset) : 0;
  return rows === undefined || skipped === undefined ? undefined : rows + skipped;
}

function isNotScalar(call: Extract<Expression, { type: "call" }>): boolean {
  const spec = ALLOWED_FUNCTIONS.get(call.name.text.toLowerCase());
  return call.over !== undefined || spec?.kind !== "scalar";
}

function wholeNumber(node: Expression): number | undefined {
  const whole = node.type === "literal" && node.kind === "integer" &&
    typeof node.value === "number";
  return whole ? node.value as number : undefined;
}
