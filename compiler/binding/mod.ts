import type { Catalogue } from "../../profiles/mod.ts";
import type { Platform } from "../../schema/types.ts";
import type { Query } from "../ast.ts";
import { shapesOf } from "./catalogue.ts";
import type { Binding, Context } from "./context.ts";
import { bindQuery } from "./query.ts";
import type { BoundColumn } from "./scope.ts";

export type { Binding, Fault } from "./context.ts";
export type { BoundColumn } from "./scope.ts";

/** Tables that a query may name besides those of the catalogue, with their columns. */
export type GivenTables = ReadonlyMap<string, readonly BoundColumn[]>;

/**
 * Finds out what every name of a query stands for and of what class every expression is, as SQLite resolves names.
 *
 * @param text the text that the query's spans point into
 * @param platforms where the query is to run: a column must exist on all of them
 */
export function bind(
  query: Query,
  text: string,
  catalogue: Catalogue,
  platforms: readonly Platform[],
  given: GivenTables = new Map(),
): Binding {
  const context: Context = {
    text,
    shapes: shapesOf(catalogue, platforms),
    given,
    classes: new Map(),
    resolutions: new Map(),
    scopes: new Map(),
    terms: new Map(),
    queries: new Map(),
    sources: new Map(),
    common: new Map(),
    tables: [],
    reads: new Map(),
    faults: [],
  };
  const result = bindQuery(context, query, undefined, undefined);
  return { ...context, result };
}
