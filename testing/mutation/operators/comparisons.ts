import type { BinaryOperator, Expression } from "../../../compiler/ast.ts";
import { nodesOf } from "../../../compiler/walk.ts";
import { type Edit, type Mutation, type MutationSource, tokensBetween } from "../mutant.ts";

/** For each operator its opposite, and where there is one, its neighbour at the boundary. */
const OTHERS: Partial<Readonly<Record<BinaryOperator, readonly string[]>>> = {
  "=": ["<>"],
  "<>": ["="],
  IS: ["IS NOT"],
  "IS NOT": ["IS"],
  "<": [">=", "<="],
  "<=": [">", "<"],
  ">": ["<=", ">="],
  ">=": ["<", ">"],
};

const NEGATABLE: ReadonlySet<string> = new Set<Expression["type"]>([
  "matching",
  "between",
  "in-list",
  "in-query",
  "in-table",
]);

/** Whether {@linkcode comparisons} makes the negation of an expression. */
export function hasOpposite(node: Expression): boolean {
  return NEGATABLE.has(node.type) || node.type === "binary" && node.operator in OTHERS;
}

/** Puts other operators in the place of each that compares: the opposite, and the neighbour at the boundary. */
export function comparisons(source: MutationSource): Mutation[] {
  const mutation = (subject: Expression, edit: Edit): Mutation => ({
    kind: "operator",
    edits: [edit],
    span: subject.span,
    subject,
  });
  return nodesOf(source.root).flatMap((node) => {
    if (node.type === "binary") {
      const words = tokensBetween(source, node.left.span.end, node.right.span.start);
      const place = { start: words[0]!.start, end: words.at(-1)!.end };
      return (OTHERS[node.operator] ?? []).map((text) => mutation(node, { ...place, text }));
    }
    if (!("negated" in node) || !NEGATABLE.has(node.type)) return [];
    const [word, next] = tokensBetween(source, node.operand.span.end, node.span.end);
    const start = word!.start;
    return [
      node.negated
        ? mutation(node, { start, end: next!.start, text: "" })
        : mutation(node, { start, end: start, text: "NOT " }),
    ];
  });
}
