import type { Expression, Join, Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { type BoundSource, columnOf } from "../binding/scope.ts";
import { conjuncts, type Placed, placedSources, readsOf } from "../plan/conditions.ts";
import { isKey, keyEquality, keysOf } from "../plan/keys.ts";
import { nodesOf } from "../walk.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { written } from "./values.ts";

/** AUTO JOIN names what is collected, by which key of which rows. */
export const autoJoin: Check = {
  code: "auto-join",
  docs: {
    what: "An AUTO JOIN whose keys do not come from the rows to its left.",
    why: "The agent asks the collector for the keys of those rows, and for nothing else.",
    bad: "SELECT b.entropy FROM processes p AUTO JOIN binary_analysis b ON b.entropy > 7",
    good:
      "SELECT b.entropy FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid AND b.entropy > 7",
  },
  *check(context) {
    const { query, binding } = context;
    // A name without a meaning would bring on a second fault here.
    if (binding.faults.length > 0) return;
    for (const select of nodesOf(query, "select")) {
      for (const placed of placedSources(select, binding)) {
        if (placed.join?.auto) yield* checkJoin(context, placed, placed.join);
      }
    }
    for (const { auto, source } of nodesOf(query, "join")) {
      if (!auto || source.type !== "join-group") continue;
      yield { span: source.span, message: "AUTO JOIN joins one virtual table, not several" };
    }
  },
};

function* checkJoin(context: CheckContext, placed: Placed, join: Join): Iterable<Finding> {
  const { source } = placed;
  const { spec } = source.shape ?? {};
  if (!spec) {
    const message = `AUTO JOIN collects a virtual table, and \`${source.name}\` is none`;
    yield { span: join.source.span, message, hint: "JOIN joins it" };
    return;
  }
  const keys = keysOf(source);
  if (keys.length === 0) {
    const message = `\`${spec.name}\` cannot be asked for by a key`;
    yield { span: join.source.span, message, hint: "JOIN joins it within the scan" };
    return;
  }
  const conditions = conjuncts(join.on);
  const { binding } = context;
  const holds = keys.some((key) =>
    conditions.some((condition) => keyEquality(condition, placed, key, binding))
  );
  if (!holds) yield withoutKey(context, placed, keys, conditions);
  if (join.auto?.when) yield* checkWhen(context, placed, join.auto.when);
  const recursive = recursiveLeft(context.query, placed, binding);
  if (recursive) {
    yield {
      span: join.operator,
      message: `the keys would come from \`${recursive}\`, which is still being computed`,
      hint: "AUTO JOIN it where the recursion is finished",
    };
  }
}

function withoutKey(
  context: CheckContext,
  placed: Placed,
  keys: readonly string[],
  conditions: readonly Expression[],
): Finding {
  const { source, scope, left } = placed;
  const { binding } = context;
  const wanted = keys.map((key) => `${source.name}.${key} = …`).join(" or ");
  const hint = exampleKey(source, keys, left);
  for (const condition of conditions) {
    if (condition.type !== "binary" || condition.operator !== "=") continue;
    for (
      const [own, value] of [[condition.left, condition.right], [condition.right, condition.left]]
    ) {
      if (!keys.some((key) => isKey(own!, placed, key, binding))) continue;
      const { sources, others } = readsOf(value!, scope, binding);
      const stranger = [...sources].find((one) => !left.includes(one));
      const text = written(context, value!);
      const message = others
        ? `\`${text}\` reads more than the tables to the left`
        : stranger === source
        ? `\`${text}\` reads \`${source.name}\` itself`
        : stranger
        ? `\`${text}\` reads \`${stranger.name}\`, which stands to the right`
        : `\`${text}\` is a constant, no value of a row to the left`;
      return {
        span: value!.span,
        message,
        hint: sources.size === 0 && !others ? "JOIN asks for constants" : hint,
      };
    }
  }
  const span = placed.join!.on!.span;
  return { span, message: `AUTO JOIN needs a key: ${wanted}, joined by AND`, hint };
}

/** A key that a table to the left has under the same name, else any. */
function exampleKey(
  source: BoundSource,
  keys: readonly string[],
  left: readonly BoundSource[],
): string {
  for (const one of left) {
    const key = keys.find((name) => columnOf(one, name));
    if (key) return `ON ${source.name}.${key} = ${one.name}.${key} AND …`;
  }
  return `ON ${source.name}.${keys[0]} = ${left[0]?.name || "…"}.… AND …`;
}

function* checkWhen(context: CheckContext, placed: Placed, when: Expression): Iterable<Finding> {
  const { binding } = context;
  const hint =
    "WHEN says which rows to the left are asked for; conditions on others stand in ON or WHERE";
  for (const node of nodesOf(when)) {
    if (node.type === "query" || node.type === "in-table") {
      yield { span: node.span, message: "WHEN reads the tables to the left, no others", hint };
      return;
    }
    if (node.type !== "column") continue;
    const resolution = binding.resolutions.get(node);
    if (resolution?.kind === "column" && placed.left.includes(resolution.source)) continue;
    const what = resolution?.kind !== "column"
      ? "no column of a table to the left"
      : resolution.source === placed.source
      ? "a column of the table that is collected"
      : "a column of a table that does not stand to the left";
    yield { span: node.span, message: `\`${written(context, node)}\` is ${what}`, hint };
  }
}

/** The recursive table whose own rows would give the keys, if it is so. */
export function recursiveLeft(query: Query, placed: Placed, binding: Binding): string | undefined {
  for (const { name, query: inner, span } of nodesOf(query, "common-table")) {
    const { start, end } = placed.source.node.span;
    if (start < span.start || end > span.end) continue;
    const itself = nodesOf(inner, "table").some((table) =>
      binding.common.get(table)?.span === span &&
      placed.left.some(({ node }) => node === table)
    );
    if (itself) return name.text;
  }
  return undefined;
}
