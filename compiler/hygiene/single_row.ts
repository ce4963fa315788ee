import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import type { Call, Query, Select } from "../ast.ts";
import type { BoundSource } from "../binding/scope.ts";
import { walk } from "../walk.ts";
import type { Tree } from "./tree.ts";

/** Whether a source has one row at most, whatever the host has: constants, totals, LIMIT 1. */
export function isSingleRow(
  source: BoundSource,
  tree: Tree,
  above: ReadonlySet<Query> = new Set(),
): boolean {
  const query = tree.queryOf(source);
  if (!query || above.has(query)) return false;
  const { body, limit } = query;
  if (limit?.type === "literal" && limit.value === 1) return true;
  if (body.type === "values") return body.rows.length === 1;
  if (body.type !== "select" || body.groupBy.length > 0) return false;
  if (!body.from || isTotal(body)) return true;
  const sources = tree.binding.scopes.get(body)?.sources ?? [];
  return sources.every((one) => isSingleRow(one, tree, new Set([...above, query])));
}

/** Whether a SELECT without GROUP BY computes an aggregate over all of its rows. */
function isTotal({ columns }: Select): boolean {
  let found = false;
  for (const column of columns) {
    walk(column, (node) => {
      if (node.type === "call" && isAggregate(node)) found = true;
      return node.type !== "query";
    });
  }
  return found;
}

function isAggregate({ name, over, arguments: args }: Call): boolean {
  const spec = ALLOWED_FUNCTIONS.get(name.text.toLowerCase());
  return spec?.kind === "aggregate" && !over && args.length < (spec.scalarFrom ?? Infinity);
}
