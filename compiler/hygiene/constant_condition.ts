import type { BinaryOperator, Call, Expression, Literal } from "../ast.ts";
import { isString } from "../checks/values.ts";
import { nodesOf, walk } from "../walk.ts";
import type { HygieneCheck, HygieneFinding } from "./check.ts";
import { chain, columnOf, sourceOf } from "./conditions.ts";
import type { Tree } from "./tree.ts";

/** A condition depends on the data. */
export const constantCondition: HygieneCheck = {
  code: "constant-condition",
  docs: {
    what:
      "A condition with the same answer for every row: `x = 'a' AND x = 'b'`, `x <> 'a' OR x <> 'b'`, `lower(x) = 'A'`.",
    why: "It looks like a filter and is none: the detection matches nothing, or everything.",
    bad: "SELECT pid FROM processes WHERE name <> 'cron' OR name <> 'sshd'",
    good: "SELECT pid FROM processes WHERE name NOT IN ('cron', 'sshd')",
  },
  *sql({ tree }) {
    const found: HygieneFinding[] = [];
    // The operands of a chain are looked at together, where it begins.
    const inner = new Set<Expression>(
      nodesOf(tree.query, "binary").flatMap(({ operator, left, right }) =>
        [left, right].filter((side) => side.type === "binary" && side.operator === operator)
      ),
    );
    walk(tree.query, (node) => {
      if (node.type === "binary" && !inner.has(node)) {
        if (node.operator === "AND" || node.operator === "OR") {
          found.push(...clashes(chain(node, node.operator), node.operator, tree));
        } else found.push(...foldedCase(node.operator, node.left, [node.right]));
      }
      if (node.type === "in-list") found.push(...foldedCase("=", node.operand, node.items));
    });
    yield* found;
  },
};

/** `x = 'a' AND x = 'b'` is never true, `x <> 'a' OR x <> 'b'` always. */
function* clashes(
  operands: readonly Expression[],
  operator: "AND" | "OR",
  tree: Tree,
): Iterable<HygieneFinding> {
  const comparison = operator === "AND" ? "=" : "<>";
  const seen: { readonly side: Expression; readonly literal: Literal }[] = [];
  for (const operand of operands) {
    if (operand.type !== "binary" || operand.operator !== comparison) continue;
    const { left: side, right: literal } = operand;
    const column = columnOf(side, tree.binding);
    if (!column || literal.type !== "literal" || literal.kind === "null") continue;
    const other = seen.find((one) =>
      sourceOf(one.side, tree.binding) === sourceOf(side, tree.binding) &&
      columnOf(one.side, tree.binding)?.name === column.name &&
      one.literal.value !== literal.value
    );
    if (other) {
      yield {
        span: operand.span,
        message: operator === "AND"
          ? `\`${column.name}\` cannot equal both: this is never true`
          : `\`${column.name}\` always differs from one of the two: this is always true`,
        hint: operator === "AND"
          ? `did you mean OR? ${column.name} IN (…) is shorter`
          : `did you mean AND? ${column.name} NOT IN (…) is shorter`,
      };
    }
    seen.push({ side, literal });
  }
}

/** What lower() gives holds no capital. */
function* foldedCase(
  operator: BinaryOperator,
  side: Expression,
  others: readonly Expression[],
): Iterable<HygieneFinding> {
  if (operator !== "=" && operator !== "<>") return;
  if (side.type !== "call" || side.arguments.length !== 1) return;
  const fold = FOLDS[side.name.text.toLowerCase()];
  if (!fold) return;
  for (const other of others) {
    if (!isString(other) || fold(other.value) === other.value) continue;
    yield {
      span: other.span,
      message: `${nameOf(side)} never gives '${other.value}'`,
      hint: `write '${fold(other.value)}'`,
    };
  }
}

/** As SQLite does it: ASCII letters alone. */
const FOLDS: Readonly<Record<string, (text: string) => string>> = {
  lower: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  upper: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
};

function nameOf({ name }: Call): string {
  return `${name.text}()`;
}
