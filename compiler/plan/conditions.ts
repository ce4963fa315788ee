import type { Expression, From, Join, Select, Source } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import type { BoundSource, Scope } from "../binding/scope.ts";
import { hasRightJoin, joinsOf } from "../joins.ts";
import { nodesOf } from "../walk.ts";

/** The operands of a chain of one operator, from left to right: of `a AND b AND c` the three. */
export function chain(expression: Expression, operator: "AND" | "OR"): readonly Expression[] {
  const found: Expression[] = [];
  const waiting = [expression];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === "binary" && node.operator === operator) waiting.push(node.right, node.left);
    else found.push(node);
  }
  return found;
}

/** The conditions that AND joins. */
export function conjuncts(expression: Expression | undefined): readonly Expression[] {
  return expression ? chain(expression, "AND") : [];
}

/** What an expression reads, seen from a scope. */
export interface Reads {
  /** Sources of that scope. */
  readonly sources: ReadonlySet<BoundSource>;
  /** Whether it reads anything else: outer queries, tables of a subquery, aliases, names without a meaning. */
  readonly others: boolean;
}

/** Finds out what an expression reads. */
export function readsOf(expression: Expression, scope: Scope, binding: Binding): Reads {
  const sources = new Set<BoundSource>();
  let others = false;
  for (const node of nodesOf(expression)) {
    if (node.type === "query" || node.type === "in-table") others = true;
    if (node.type !== "column") continue;
    const resolution = binding.resolutions.get(node);
    if (resolution?.kind === "column" && resolution.scope === scope) sources.add(resolution.source);
    else others = true;
  }
  return { sources, others };
}

/** A source with its place in FROM. */
export interface Placed {
  readonly select: Select;
  readonly scope: Scope;
  readonly source: BoundSource;
  /** The FROM clause, or the part of one in parentheses, in which it stands. */
  readonly from: From;
  /** The join that brings it in; absent for the first one. */
  readonly join?: Join;
  /** Where what stands to its left ends. */
  readonly leftEnd: number;
  /** The sources to its left within `from`. */
  readonly left: readonly BoundSource[];
  /** Whether its row may be missing from a result row: it stands on the right of a LEFT JOIN. */
  readonly nullable: boolean;
}

/** Every source of a SELECT, from left to right. */
export function placedSources(select: Select, binding: Binding): readonly Placed[] {
  const scope = binding.scopes.get(select);
  if (!select.from || !scope) return [];
  const placed: Placed[] = [];
  place(select.from, false);
  return placed;

  function place(from: From, nullable: boolean): void {
    const begin = placed.length;
    let leftEnd = from.span.start;
    const add = (node: Source, join: Join | undefined) => {
      const missing = nullable || join?.kind === "left" || join?.kind === "full";
      const left = placed.slice(begin).map(({ source }) => source);
      if (node.type === "join-group") place(node.from, missing);
      else {
        const source = binding.sources.get(node)!;
        placed.push({
          select,
          scope: scope!,
          source,
          from,
          ...(join && { join }),
          leftEnd,
          left,
          nullable: missing,
        });
      }
      leftEnd = (join ?? node).span.end;
    };
    add(from.first, undefined);
    for (const join of from.joins) add(join.source, join);
  }
}

/**
 * The conditions that every row of a SELECT's FROM must meet, besides what an outer join may make up: those of WHERE,
 * and those of ON where all joins are inner ones.
 */
export function filters(select: Select): readonly Expression[] {
  const { from, where } = select;
  if (!from || hasRightJoin(from)) return [];
  const joins = joinsOf(from);
  const inner = joins.every(({ kind }) => kind !== "left");
  const on = inner ? joins.flatMap((join) => [join.on, join.auto?.when]) : [];
  return [...conjuncts(where), ...on.flatMap(conjuncts)];
}
