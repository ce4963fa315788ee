import type { From, Join } from "./ast.ts";

/** Every join of a FROM clause, those in parentheses too, but not those of subqueries. */
export function joinsOf(from: From): Join[] {
  const inner = [from.first, ...from.joins.map(({ source }) => source)]
    .flatMap((source) => source.type === "join-group" ? joinsOf(source.from) : []);
  return [...from.joins, ...inner];
}

/** Whether a FROM clause has a RIGHT or FULL JOIN, after which any row on the left may be missing. */
export function hasRightJoin(from: From): boolean {
  return joinsOf(from).some(({ kind }) => kind === "right" || kind === "full");
}
