import { nodesOf } from "../../../compiler/walk.ts";
import { type Mutation, type MutationSource, tokensBetween } from "../mutant.ts";

/** Takes single items out of the lists of IN. */
export function droppedItems({ root }: MutationSource): Mutation[] {
  return nodesOf(root, "in-list").flatMap((node) => {
    const { items } = node;
    if (items.length < 2) return [];
    return items.map(({ span }, index): Mutation => {
      const before = items[index - 1];
      const place = before
        ? { start: before.span.end, end: span.end }
        : { start: span.start, end: items[1]!.span.start };
      return {
        kind: "dropped list item",
        edits: [{ ...place, text: "" }],
        span: place,
        subject: node,
      };
    });
  });
}

/** Takes DISTINCT away from results and from aggregates. */
export function droppedDistinct(source: MutationSource): Mutation[] {
  return nodesOf(source.root).flatMap((node) => {
    if (node.type !== "select" && node.type !== "call" || !node.distinct) return [];
    const word = tokensBetween(source, node.span.start, node.span.end)
      .find(({ keyword }) => keyword === "DISTINCT");
    if (!word) return [];
    const span = { start: word.start, end: word.end };
    return [{ kind: "dropped DISTINCT" as const, edits: [{ ...span, text: "" }], span }];
  });
}
