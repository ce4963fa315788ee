import type { Literal, Node } from "../../../compiler/ast.ts";
import { nodesOf } from "../../../compiler/walk.ts";
import { type Mutation, type MutationSource, replaced } from "../mutant.ts";
import { patternTexts } from "../pattern_text.ts";

/**
 * Changes numbers by one, strings by a character, TRUE and FALSE to the other. Patterns and the items of lists have
 * mutations of their own, and the constants of ORDER BY and EXISTS decide nothing.
 */
export function constants(source: MutationSource): Mutation[] {
  const { root, parents } = source;
  const inPatterns = new Set<Node>(patternTexts(source).flatMap(({ literals }) => literals));
  return nodesOf(root, "literal").flatMap((node) => {
    if (inPatterns.has(node) || !counts(node, parents)) return [];
    const above = parents.get(node);
    const subject = above && isComparison(above) ? above : node;
    return others(node).map((text) => replaced("constant", node, text, subject));
  });
}

function isComparison(node: Node): node is Extract<Node, { type: "binary" | "between" }> {
  return node.type === "binary" || node.type === "between";
}

function counts(node: Literal, parents: ReadonlyMap<Node, Node>): boolean {
  const above = parents.get(node);
  switch (above?.type) {
    case "order-term":
    case "window":
      return false;
    case "in-list":
      return above.operand === node;
    case "matching":
      return above.escape !== node;
    case "select":
      return !above.groupBy.includes(node);
    case "binary":
      // x IS TRUE is an operator.
      return !(node.kind === "boolean" && (above.operator === "IS" || above.operator === "IS NOT"));
    case "result":
      return !isExists(above, parents);
    default:
      return true;
  }
}

function isExists(column: Node, parents: ReadonlyMap<Node, Node>): boolean {
  const query = parents.get(parents.get(column)!);
  return query !== undefined && parents.get(query)?.type === "exists";
}

function others({ kind, value }: Literal): readonly string[] {
  switch (kind) {
    case "integer":
      return [BigInt(value as number) + 1n, BigInt(value as number) - 1n].map(number);
    case "float":
      return [Number(value) + 1, Number(value) - 1].map(number);
    case "boolean":
      return [value ? "FALSE" : "TRUE"];
    case "string":
      return [...new Set(changed(String(value)))].map((text) => `'${text.replaceAll("'", "''")}'`);
    default:
      return [];
  }
}

// In parentheses, since `- -1` would begin a comment.
const number = (value: bigint | number): string => value < 0 ? `(${value})` : `${value}`;

/** Without its first character, without its last, with another one at its end. */
function changed(text: string): string[] {
  const characters = [...text];
  const last = characters.at(-1);
  if (last === undefined) return ["x"];
  const start = characters.slice(0, -1).join("");
  return [characters.slice(1).join(""), start, start + successor(last)];
}

/** Another character, and not the same letter in the other case, which LIKE would not tell from it. */
function successor(character: string): string {
  if (/[a-y0-8A-Y]/.test(character)) {
    return String.fromCharCode(character.charCodeAt(0) + 1);
  }
  return { z: "a", Z: "A", 9: "0" }[character] ?? "x";
}
