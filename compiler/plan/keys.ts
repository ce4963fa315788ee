import type { PredicateValue } from "../../model/predicate.ts";
import type { Expression, Query, Select } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { type BoundSource, columnOf } from "../binding/scope.ts";
import { hasRightJoin } from "../joins.ts";
import { nodesOf } from "../walk.ts";
import { chain, conjuncts, type Placed, placedSources, readsOf } from "./conditions.ts";
import { valueOf } from "./predicate.ts";

/** How the rows of a table that needs keys are asked for. */
export type Request =
  /** By values or patterns that the query names. */
  | {
    readonly kind: "constants";
    readonly key: string;
    readonly values: readonly PredicateValue[];
    readonly globs: readonly string[];
  }
  /** By a value of the rows to its left. */
  | { readonly kind: "rows"; readonly key: string; readonly value: Expression | MergedColumn }
  /** By the rows of a subquery. */
  | { readonly kind: "query"; readonly key: string; readonly query: Query };

/** The column to the left that USING or NATURAL makes equal to the key. */
export interface MergedColumn {
  readonly type: "merged";
  /** What has it: several after RIGHT and FULL, of which the first value counts that is not NULL. */
  readonly sources: readonly BoundSource[];
  readonly column: string;
}

/** A source that needs keys, and how it is asked for. */
export interface KeyedSource {
  readonly placed: Placed;
  /** Absent where nothing gives the table a key. */
  readonly request?: Request;
}

/** Whether a source is a table whose rows must be asked for. */
export function needsKeys(source: BoundSource): boolean {
  return source.shape?.spec.requires !== undefined;
}

/** The columns that a table can be asked by. */
export function keysOf(source: BoundSource): readonly string[] {
  const { shape } = source;
  if (!shape) return [];
  if (shape.spec.requires) return shape.spec.requires;
  return [...shape.specs.values()].filter(({ lookup }) => lookup).map(({ name }) => name);
}

const cache = new WeakMap<Binding, readonly KeyedSource[]>();

/** Every source that needs keys, in the order of the text. */
export function keyedSources(query: Query, binding: Binding): readonly KeyedSource[] {
  let found = cache.get(binding);
  if (!found) {
    const read = new Set(binding.tables);
    found = nodesOf(query, "select").flatMap((select) =>
      placedSources(select, binding)
        .filter(({ source }) => needsKeys(source) && read.has(source))
        .map((placed): KeyedSource => {
          const request = requestOf(placed, select, binding);
          return { placed, ...(request && { request }) };
        })
    );
    cache.set(binding, found);
  }
  return found;
}

function requestOf(placed: Placed, select: Select, binding: Binding): Request | undefined {
  const { join } = placed;
  // After RIGHT and FULL every row of the table is part of the result.
  if (join?.kind === "right" || join?.kind === "full") return undefined;
  const conditions = [...conjuncts(join?.on), ...conjuncts(select.where)];
  const keys = keysOf(placed.source);
  const rows = keys.flatMap((key) =>
    mergedKey(placed, key) ??
      conditions.flatMap((condition) => keyEquality(condition, placed, key, binding) ?? [])
  );
  // A process is known more exactly by its pid than a file by its path.
  const byRows = rows.find(({ key }) => key === "pid") ?? rows[0];
  if (byRows) return byRows;
  for (const key of keys) {
    for (const condition of conditions) {
      const constants = constantKeys(condition, placed, key, binding) ??
        queryKeys(condition, placed, key, binding);
      if (constants) return constants;
    }
  }
  return undefined;
}

function mergedKey({ source, from, left }: Placed, key: string): Request | undefined {
  if (!source.merged.has(key)) return undefined;
  const partners = left.filter((one) => columnOf(one, key));
  if (partners.length === 0) return undefined;
  const sources = hasRightJoin(from) ? partners : partners.slice(0, 1);
  return { kind: "rows", key, value: { type: "merged", sources, column: key } };
}

/** `r.key = value` or the other way round, if the value reads rows to the left and nothing else. */
export function keyEquality(
  condition: Expression,
  placed: Placed,
  key: string,
  binding: Binding,
): Request | undefined {
  if (condition.type !== "binary" || condition.operator !== "=") return undefined;
  for (
    const [own, value] of [[condition.left, condition.right], [condition.right, condition.left]]
  ) {
    if (!isKey(own!, placed, key, binding)) continue;
    const { sources, others } = readsOf(value!, placed.scope, binding);
    const fromLeft = [...sources].every((source) => placed.left.includes(source));
    if (sources.size > 0 && fromLeft && !others) return { kind: "rows", key, value: value! };
  }
  return undefined;
}

/** Whether an expression is a column of a source. */
export function isKey(
  node: Expression,
  { source, scope }: Placed,
  key: string,
  binding: Binding,
): boolean {
  if (node.type !== "column") return false;
  const resolution = binding.resolutions.get(node);
  return resolution?.kind === "column" && resolution.source === source &&
    resolution.scope === scope && resolution.column.name === key;
}

/** The constants that a condition holds a key to: `=`, `IN`, `GLOB 'prefix*'`, and OR of these. */
function constantKeys(
  node: Expression,
  placed: Placed,
  key: string,
  binding: Binding,
): Extract<Request, { kind: "constants" }> | undefined {
  const constants = (values: readonly PredicateValue[], globs: readonly string[] = []) => ({
    kind: "constants" as const,
    key,
    values,
    globs,
  });
  const keyClass = columnOf(placed.source, key)?.class ?? "any";
  switch (node.type) {
    case "binary": {
      if (node.operator === "OR" || node.operator === "AND") {
        const parts = chain(node, node.operator)
          .map((operand) => constantKeys(operand, placed, key, binding));
        const known = parts.flatMap((part) => part ?? []);
        if (node.operator === "AND") return known[0];
        if (known.length < parts.length) return undefined;
        return constants(known.flatMap((one) => one.values), known.flatMap((one) => one.globs));
      }
      if (node.operator !== "=") return undefined;
      const own = [node.left, node.right].find((side) => isKey(side, placed, key, binding));
      const value = own && valueOf(keyClass, own === node.left ? node.right : node.left);
      return value === undefined ? undefined : constants([value]);
    }
    case "in-list": {
      if (node.negated || !isKey(node.operand, placed, key, binding)) return undefined;
      const values = node.items.flatMap((item) => valueOf(keyClass, item) ?? []);
      return values.length === node.items.length ? constants(values) : undefined;
    }
    case "matching": {
      if (node.operator !== "GLOB" || node.negated) return undefined;
      if (!isKey(node.operand, placed, key, binding) || keyClass !== "text") return undefined;
      const pattern = valueOf("text", node.pattern);
      const prefixed = typeof pattern === "string" && !/^(?:$|[*?[])/.test(pattern);
      return prefixed ? constants([], [pattern]) : undefined;
    }
    default:
      return undefined;
  }
}

/** `r.key IN (SELECT …)`, if the subquery stands by itself. */
function queryKeys(
  node: Expression,
  placed: Placed,
  key: string,
  binding: Binding,
): Request | undefined {
  if (node.type !== "in-query" || node.negated || !isKey(node.operand, placed, key, binding)) {
    return undefined;
  }
  const inside = new Set(nodesOf(node.query, "select").map((select) => binding.scopes.get(select)));
  const alone = nodesOf(node.query, "column").every((column) => {
    const scope = binding.resolutions.get(column)?.scope;
    return scope !== undefined && (scope.select === undefined || inside.has(scope));
  });
  return alone ? { kind: "query", key, query: node.query } : undefined;
}
