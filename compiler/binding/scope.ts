import type { Expression, Name, ResultExpression, Select, Source } from "../ast.ts";
import type { TableShape } from "./catalogue.ts";
import type { ValueClass } from "./types.ts";
import { folded } from "../fold.ts";

/** A column of a source or of a result. */
export interface BoundColumn {
  readonly name: string;
  readonly class: ValueClass;
  /** The table column that it passes on unchanged. */
  readonly origin?: { readonly table: string; readonly column: string };
  /** The expression that computes it, where it comes from a subquery. */
  readonly definition?: Expression;
}

/** Something in FROM with its columns. */
export interface BoundSource {
  /** What its columns are qualified with. */
  readonly name: string;
  readonly node: Source;
  /** Its columns; `undefined` where they could not be found out. */
  readonly columns: readonly BoundColumn[] | undefined;
  /** The virtual table that it is. */
  readonly shape?: TableShape;
  /** Names in lower case of columns that USING or NATURAL merges into those of sources further left. */
  readonly merged: Set<string>;
  /**
   * Names in lower case that mean columns further left unless they are qualified: the merged ones, and their namesakes
   * in the same parentheses.
   */
  readonly hidden: Set<string>;
}

/** A source in which nothing is merged yet. */
export function sourceOf(source: Omit<BoundSource, "merged" | "hidden">): BoundSource {
  return { ...source, merged: new Set(), hidden: new Set() };
}

/** The names that a SELECT's expressions may use. */
export interface Scope {
  readonly sources: BoundSource[];
  /** Aliases of the result list, by their name in lower case; filled once the list is bound. */
  readonly aliases: Map<string, { readonly term: ResultExpression; readonly column: BoundColumn }>;
  readonly outer: Scope | undefined;
  readonly select: Select | undefined;
}

/** What a column reference stands for. */
export type Resolution =
  | {
    readonly kind: "column";
    readonly source: BoundSource;
    readonly column: BoundColumn;
    readonly scope: Scope;
  }
  | {
    readonly kind: "alias";
    readonly term: ResultExpression;
    readonly column: BoundColumn;
    readonly scope: Scope;
  };

/** What a lookup may end in besides a {@linkcode Resolution}. */
export type Lookup =
  | Resolution
  | { readonly kind: "ambiguous"; readonly sources: readonly BoundSource[] }
  | { readonly kind: "unknown"; readonly tableKnown: boolean }
  /** A source whose columns could not be found out may have it. */
  | { readonly kind: "unsure" };

/** A scope without sources. */
export function emptyScope(outer: Scope | undefined, select?: Select): Scope {
  return { sources: [], aliases: new Map(), outer, select };
}

/** The column of a source by name, whatever its case. */
export function columnOf(source: BoundSource, lower: string): BoundColumn | undefined {
  if (source.shape) return source.shape.byName.get(lower);
  return source.columns?.find((column) => folded(column.name) === lower);
}

/** Looks a column up as SQLite does: sources, then aliases of the result, then the same further out. */
export function lookup(
  scope: Scope,
  table: Name | undefined,
  name: Name,
  aliasesFirst = false,
): Lookup {
  const wanted = folded(name.text);
  const qualifier = table && folded(table.text);
  let tableKnown = false;
  let unsure = false;
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const alias = qualifier === undefined ? at.aliases.get(wanted) : undefined;
    if (alias && aliasesFirst && at === scope) return { kind: "alias", ...alias, scope: at };
    const hits: { source: BoundSource; column: BoundColumn }[] = [];
    for (const source of at.sources) {
      if (qualifier !== undefined && folded(source.name) !== qualifier) continue;
      if (qualifier !== undefined) tableKnown = true;
      if (!source.columns) {
        unsure = true;
        continue;
      }
      const column = columnOf(source, wanted);
      if (!column || (hits.length > 0 && qualifier === undefined && source.hidden.has(wanted))) {
        continue;
      }
      hits.push({ source, column });
    }
    if (hits.length === 1) return { kind: "column", ...hits[0]!, scope: at };
    if (hits.length > 1) return { kind: "ambiguous", sources: hits.map(({ source }) => source) };
    if (unsure) return { kind: "unsure" };
    if (alias) return { kind: "alias", ...alias, scope: at };
  }
  return { kind: "unknown", tableKnown };
}
