import { compilePredicate } from "../../dialect/predicate.ts";
import type { CostClass, Plan, Trigger } from "../../model/plan.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { nodesOf } from "../walk.ts";
import { conjuncts, placedSources, readsOf } from "./conditions.ts";
import { leftConditions } from "./key_rows.ts";
import { keyedSources, needsKeys } from "./keys.ts";

/**
 * Says how much a query asks of a host, and why.
 *
 * @param triggers what is asked of the tables that need keys
 */
export function costOf(
  query: Query,
  binding: Binding,
  lookback: boolean,
  triggers: readonly Trigger[],
): Plan["cost"] {
  const high: string[] = [];
  const medium: string[] = [];
  for (const { placed, request } of keyedSources(query, binding)) {
    const table = placed.source.shape!.spec.name;
    if (request?.kind === "constants" && request.globs.length > 0) {
      medium.push(`every row of \`${table}\` behind ${request.globs.join(", ")}`);
    }
    if (!request || request.kind === "constants") continue;
    const words = `\`${table}\` is collected for each key of other rows`;
    const all = request.kind === "rows" && leftConditions(placed, binding).length === 0 &&
      placed.left.every((left) => left.shape && !needsKeys(left));
    if (all) high.push(`${words}, and nothing bounds them`);
    else medium.push(words);
  }
  if (nodesOf(query, "query").some(({ recursive }) => recursive)) medium.push("it recurses");
  for (const select of nodesOf(query, "select")) {
    for (const { source } of unconnected(select, binding)) {
      high.push(`nothing connects \`${source.name}\` to the other tables`);
    }
  }
  if (lookback) medium.push("it reads stored history");
  for (const [table, columns] of binding.reads) {
    const shape = binding.tables.find(({ shape }) => shape?.spec.name === table)?.shape;
    const slow = shape?.spec.slow;
    if (slow === true) high.push(`\`${table}\` takes seconds to collect`);
    else if (
      slow && triggers.some((trigger) => trigger.table === table && names(trigger.where, slow))
    ) {
      high.push(`\`${table}\` takes seconds to collect where ${slow.column} is ${slow.value}`);
    }
    const costly = [...columns].filter((column) => shape?.specs.get(column)?.costly);
    if (costly.length > 0) medium.push(`${table}.${costly.join(", ")} is costly to read`);
  }
  const level: CostClass = high.length > 0 ? "high" : medium.length > 0 ? "medium" : "low";
  return { class: level, because: [...new Set([...high, ...medium])] };
}

/** Whether a condition asks by name for a value of a column. */
function names(
  where: Predicate | undefined,
  { column, value }: { readonly column: string; readonly value: string },
): boolean {
  if (!where) return false;
  if (where.op === "and" || where.op === "or") {
    return where.of.some((part) => names(part, { column, value }));
  }
  return "column" in where && where.column === column && compilePredicate(where)(() => value);
}

/** Virtual tables that no condition ties to a source on their left. */
function unconnected(select: Parameters<typeof placedSources>[0], binding: Binding) {
  const placed = placedSources(select, binding);
  return placed.filter(({ source, join, left, scope }) => {
    if (!join || left.length === 0 || !source.shape || join.using || join.natural) return false;
    const conditions = [...conjuncts(join.on), ...conjuncts(select.where)];
    return !conditions.some((condition) => {
      const { sources, others } = readsOf(condition, scope, binding);
      return sources.has(source) && (sources.size > 1 || others);
    });
  });
}
