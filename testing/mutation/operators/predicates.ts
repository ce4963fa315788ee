import { nodesOf } from "../../../compiler/walk.ts";
import { clausesOf, type ConditionKind, connectiveOf } from "../../coverage/conditions.ts";
import {
  type Mutation,
  type MutationKind,
  type MutationSource,
  replaced,
  tokensBetween,
} from "../mutant.ts";
import { hasOpposite } from "./comparisons.ts";

/** Negates each clause that has no operator of which there is an opposite, and takes each NOT away. */
export function negations({ text, root, conditions }: MutationSource): Mutation[] {
  const clauses = conditions.flatMap((one) => one.operand ? [] : clausesOf(one));
  const written = ({ span }: { span: { start: number; end: number } }) =>
    text.slice(span.start, span.end);
  return [
    ...clauses.filter((clause) => !hasOpposite(clause))
      .map((clause) => replaced("negation", clause, `NOT (${written(clause)})`)),
    ...nodesOf(root, "unary").filter(({ operator }) => operator === "NOT")
      .map((node) => replaced("negation", node, `(${written(node.operand)})`)),
  ];
}

/** Takes each operand of AND and OR away, by the constant that changes nothing. */
export function droppedOperands({ root, parents }: MutationSource): Mutation[] {
  return nodesOf(root, "binary").flatMap((node) => {
    const connective = connectiveOf(node);
    if (connective?.type !== "and" && connective?.type !== "or") return [];
    const above = parents.get(node);
    if (above?.type === "binary" && above.operator === node.operator) return [];
    const [kind, neutral] = connective.type === "and"
      ? ["dropped predicate", "TRUE"] as const
      : ["dropped alternative", "FALSE"] as const;
    return connective.operands.filter(({ type }) => type !== "literal")
      .map((operand) => replaced(kind, operand, neutral));
  });
}

/** What it means that a whole condition always holds. A branch of CASE is taken away instead. */
const WHOLE: Partial<Readonly<Record<ConditionKind, MutationKind>>> = {
  where: "dropped predicate",
  filter: "dropped predicate",
  case: "dropped alternative",
  on: "dropped join condition",
  when: "dropped WHEN",
  having: "dropped HAVING",
};

/** Takes whole conditions away. Those of WHERE, FILTER and CASE only where they are not made of several. */
export function droppedConditions({ conditions }: MutationSource): Mutation[] {
  return conditions.flatMap(({ kind, root, operand }) => {
    const dropped = WHOLE[kind];
    if (!dropped || operand) return [];
    const combined = connectiveOf(root)?.type;
    const alone = combined !== "and" && combined !== "or";
    return alone || kind === "on" || kind === "when" || kind === "having"
      ? [replaced(dropped, root, kind === "case" ? "FALSE" : "TRUE")]
      : [];
  });
}

/** Takes the one for the other, at each AND and each OR. */
export function swappedConnectives(source: MutationSource): Mutation[] {
  return nodesOf(source.root, "binary").flatMap((node) => {
    if (node.operator !== "AND" && node.operator !== "OR") return [];
    const { left, right } = node;
    const word = tokensBetween(source, left.span.end, right.span.start)[0]!;
    const at = (offset: number, text: string) => ({ start: offset, end: offset, text });
    const span = { start: word.start, end: word.end };
    const edits = [
      at(left.span.start, "(("),
      at(left.span.end, ")"),
      { ...span, text: node.operator === "AND" ? "OR" : "AND" },
      at(right.span.start, "("),
      at(right.span.end, "))"),
    ];
    return [{ kind: "AND and OR" as const, edits, span, subject: node }];
  });
}
