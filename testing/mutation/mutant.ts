import type { Expression, Node } from "../../compiler/ast.ts";
import type { Token } from "../../compiler/lexer.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Condition } from "../coverage/conditions.ts";

/** What is done to a detection. */
export type MutationKind =
  | "negation"
  | "dropped predicate"
  | "dropped alternative"
  | "dropped join condition"
  | "dropped WHEN"
  | "dropped HAVING"
  | "dropped DISTINCT"
  | "dropped list item"
  | "dropped exception"
  | "operator"
  | "AND and OR"
  | "constant"
  | "pattern";

/** A piece of text to put in the place of another. */
export interface Edit extends Span {
  /** What stands there then. */
  readonly text: string;
}

/** A pattern before and after. */
export interface PatternChange {
  /** The operator that it is for. */
  readonly operator: PatternOperator;
  /** The pattern that the author wrote. */
  readonly before: string;
  /** The changed one. */
  readonly after: string;
}

/** Operators whose right side is a pattern. */
export type PatternOperator = "LIKE" | "GLOB" | "REGEXP";

/** A small change of a detection, as a mistake would make it. */
export interface Mutation {
  /** What is done. */
  readonly kind: MutationKind;
  /** Changes of the source's text, in order and apart from each other. */
  readonly edits: readonly Edit[];
  /** What is to be shown of the text; edits beyond it only keep the rest as it was. */
  readonly span: Span;
  /** The expression whose value changes. */
  readonly subject?: Expression;
  /** The patterns that change; absent where something else does. */
  readonly patterns?: readonly PatternChange[];
}

/** A tree that is mutated: the SQL of a detection, or the predicate of an exception. */
export interface MutationSource {
  /** The text that spans point into. */
  readonly text: string;
  /** The tree. */
  readonly root: Node;
  /** Its tokens. */
  readonly tokens: readonly Token[];
  /** Its conditions. */
  readonly conditions: readonly Condition[];
  /** The node directly above each node. */
  readonly parents: ReadonlyMap<Node, Node>;
}

/** Makes mutations of one kind, or of a few that belong together. */
export type MutationOperator = (source: MutationSource) => Mutation[];

/** A text after edits. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** What stands at a span after those of the edits that lie within it. */
export function editedText(text: string, { start, end }: Span, edits: readonly Edit[]): string {
  const within = edits.filter((edit) => edit.start >= start && edit.end <= end)
    .map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return applyEdits(text.slice(start, end), within);
}

/** Puts a text in the place of a node. */
export function replaced(
  kind: MutationKind,
  node: Expression,
  text: string,
  subject: Expression = node,
): Mutation {
  return { kind, edits: [{ ...node.span, text }], span: node.span, subject };
}

/** The tokens that lie between two offsets. */
export function tokensBetween(
  { tokens }: MutationSource,
  start: number,
  end: number,
): readonly Token[] {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.start >= start) high = middle;
    else low = middle + 1;
  }
  const found: Token[] = [];
  for (let at = low; at < tokens.length && tokens[at]!.end <= end; at++) found.push(tokens[at]!);
  return found;
}
