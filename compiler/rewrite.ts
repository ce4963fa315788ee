import type { Span } from "../diagnostics/source.ts";
import type { Node } from "./ast.ts";
import { nodesOf } from "./walk.ts";

/** A piece of text to put in the place of another. */
export interface Edit extends Span {
  /** What stands there afterwards. */
  readonly text: string;
}

/** What turns the AUTO JOINs at and below some nodes into plain joins, in the order of the text. */
function autoJoinEdits(nodes: readonly Node[], text: string): Edit[] {
  const edits: Edit[] = [];
  for (const { auto, on } of nodes.flatMap((node) => nodesOf(node, "join"))) {
    if (!auto || !on) continue;
    const space = /\s*/y;
    space.lastIndex = auto.auto.end;
    space.test(text);
    edits.push({ start: auto.auto.start, end: space.lastIndex, text: "" });
    if (!auto.whenWord || !auto.when) continue;
    edits.push(
      { start: on.span.start, end: on.span.start, text: "(" },
      { start: on.span.end, end: on.span.end, text: ")" },
      { ...auto.whenWord, text: "AND" },
      { start: auto.when.span.start, end: auto.when.span.start, text: "(" },
      { start: auto.when.span.end, end: auto.when.span.end, text: ")" },
    );
  }
  return edits;
}

/**
 * The SQL that SQLite runs: `AUTO JOIN r ON c WHEN w` becomes `JOIN r ON (c) AND (w)`. Everything else stays as the
 * author wrote it.
 *
 * @param nodes neighbours, from left to right
 * @param text the text that the nodes' spans point into
 * @param more what else is to be changed, as far as it lies within; at the same place it comes later
 */
export function plainSql(
  nodes: readonly Node[],
  text: string,
  more: readonly Edit[] = [],
): string {
  let result = "";
  let at = nodes[0]!.span.start;
  // A subquery in ON may hold an AUTO JOIN of its own, therefore the order.
  const { end } = nodes.at(-1)!.span;
  const edits = [
    ...autoJoinEdits(nodes, text),
    ...more.filter((edit) => edit.start >= at && edit.end <= end),
  ].sort((left, right) => left.start - right.start || left.end - right.end);
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, end);
}
