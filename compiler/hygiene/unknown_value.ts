import { compileGlob, compileLike, compilePattern } from "../../dialect/mod.ts";
import type { Expression, Matching } from "../ast.ts";
import { constantText } from "../checks/constant.ts";
import { isString } from "../checks/values.ts";
import { nearest } from "../nearest.ts";
import { walk } from "../walk.ts";
import type { HygieneCheck, HygieneFinding } from "./check.ts";
import { columnOf } from "./conditions.ts";
import type { Tree } from "./tree.ts";

const EQUALITIES: ReadonlySet<string> = new Set(["=", "<>", "IS", "IS NOT"]);

/** Columns with a closed set of values are compared with one of these. */
export const unknownValue: HygieneCheck = {
  code: "unknown-value",
  docs: {
    what: "A column with a closed set of values is compared with something else.",
    why: "The comparison always has the same answer; the case of the letters counts as well.",
    bad: "SELECT pid FROM processes WHERE state = 'runing'",
    good: "SELECT pid FROM processes WHERE state = 'running'",
  },
  *sql({ tree }) {
    const found: HygieneFinding[] = [];
    walk(tree.query, (node) => {
      switch (node.type) {
        case "binary":
          if (!EQUALITIES.has(node.operator)) break;
          found.push(...compared(node.left, [node.right], tree));
          found.push(...compared(node.right, [node.left], tree));
          break;
        case "in-list":
          found.push(...compared(node.operand, node.items, tree));
          break;
        case "case":
          if (!node.operand) break;
          found.push(...compared(node.operand, node.branches.map(({ when }) => when), tree));
          break;
        case "matching":
          found.push(...matched(node, tree));
          break;
        default:
          break;
      }
    });
    yield* found;
  },
};

function* compared(
  side: Expression,
  others: readonly Expression[],
  tree: Tree,
): Iterable<HygieneFinding> {
  const spec = tree.specOf(columnOf(side, tree.binding));
  if (!spec?.values) return;
  for (const other of others) {
    if (!isString(other) || spec.values.includes(other.value)) continue;
    yield {
      span: other.span,
      message: `\`${spec.name}\` is never '${other.value}'`,
      hint: nearest(other.value, spec.values) ?? listed(spec.values),
    };
  }
}

function* matched(node: Matching, tree: Tree): Iterable<HygieneFinding> {
  const spec = tree.specOf(columnOf(node.operand, tree.binding));
  const pattern = constantText(node.pattern);
  if (!spec?.values || pattern === undefined || node.escape) return;
  const matches = matcher(node.operator, pattern);
  if (!matches || spec.values.some(matches)) return;
  yield {
    span: node.pattern.span,
    message: `no value of \`${spec.name}\` matches this`,
    hint: listed(spec.values),
  };
}

function matcher(
  operator: Matching["operator"],
  pattern: string,
): ((text: string) => boolean) | undefined {
  try {
    if (operator === "LIKE") return compileLike(pattern);
    if (operator === "GLOB") return compileGlob(pattern);
  } catch {
    return undefined;
  }
  const compiled = operator === "REGEXP" ? compilePattern(pattern) : undefined;
  return compiled && !("error" in compiled) ? (text) => compiled.test(text) : undefined;
}

function listed(values: readonly string[]): string {
  return `it is one of ${values.slice(0, 12).join(", ")}${values.length > 12 ? ", …" : ""}`;
}
