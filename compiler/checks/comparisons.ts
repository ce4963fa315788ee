import type { Expression, Query } from "../ast.ts";
import { classPhrase } from "../binding/types.ts";
import { nodesOf } from "../walk.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { mismatch, phrase, valued } from "./values.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]);

/** Only values of the same class are compared. */
export const comparisons: Check = {
  code: "type-mismatch",
  docs: {
    what: "Comparing values of different classes: a number with text, a time with text.",
    why: "SQLite compares them without complaint, and the answer is always the same one.",
    bad: "SELECT pid FROM processes WHERE start_time > '2026-01-01'",
    good: "SELECT pid FROM processes WHERE start_time > unixepoch('2026-01-01') * 1000",
  },
  *check(context) {
    for (const [left, right] of comparedPairs(context.query)) {
      yield* comparePair(context, left, right);
    }
    yield* compareQueries(context);
  },
};

type Pair = readonly [left: Expression, right: Expression];

const pairsOf = new WeakMap<Query, readonly Pair[]>();

/** The expressions of a query that are compared with each other. */
export function comparedPairs(query: Query): readonly Pair[] {
  let pairs = pairsOf.get(query);
  if (!pairs) pairsOf.set(query, pairs = findPairs(query));
  return pairs;
}

function findPairs(query: Query): readonly Pair[] {
  const pairs: Pair[] = [];
  /** Row values are compared item by item. */
  const add = (left: Expression, right: Expression) => {
    if (left.type !== "row" || right.type !== "row") pairs.push([left, right]);
    else {
      for (const [index, item] of left.items.entries()) {
        const other = right.items[index];
        if (other) add(item, other);
      }
    }
  };
  for (const { operator, left, right } of nodesOf(query, "binary")) {
    if (COMPARISONS.has(operator)) add(left, right);
  }
  for (const { operand, low, high } of nodesOf(query, "between")) {
    add(operand, low);
    add(operand, high);
  }
  for (const { operand, items } of nodesOf(query, "in-list")) {
    for (const item of items) add(operand, item);
  }
  for (const { operand, branches } of nodesOf(query, "case")) {
    if (!operand) continue;
    for (const { when } of branches) add(operand, when);
  }
  return pairs;
}

function* comparePair(
  context: CheckContext,
  left: Expression,
  right: Expression,
): Iterable<Finding> {
  if (isNull(left) || isNull(right)) return;
  // What lists are full of.
  const of = right.type === "literal" ? context.binding.classes.get(left) : undefined;
  if (of && of === context.binding.classes.get(right) && (of === "text" || of === "integer")) {
    return;
  }
  const found = mismatch(context, valued(context, left), valued(context, right));
  if (!found) return;
  // The literal is what an author would change; of two columns the left one.
  const span = right.type === "literal" || left.type !== "literal" ? right.span : left.span;
  const json = valued(context, left).class === "json" ? left.span : span;
  yield { span: json, ...found };
}

function isNull(node: Expression): boolean {
  return node.type === "literal" && node.kind === "null";
}

/** `x IN (SELECT y …)` compares x with y. */
function* compareQueries(context: CheckContext): Iterable<Finding> {
  for (const { operand, query } of nodesOf(context.query, "in-query")) {
    const column = context.binding.queries.get(query)?.[0];
    if (!column || operand.type === "row") continue;
    const value = valued(context, operand);
    if (!mismatch(context, value, { node: operand, class: column.class })) continue;
    const message = `${phrase(context, value)}, \`${column.name}\` of the query is ${
      classPhrase(column.class)
    }`;
    yield { span: operand.span, message };
  }
}
