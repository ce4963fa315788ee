import type { Query } from "./ast.ts";
import { nodesOf } from "./walk.ts";

/** A piece of text to put in the place of another. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The SQL that SQLite runs: `AUTO JOIN r ON c WHEN w` becomes `JOIN r ON (c) AND (w)`. Everything else stays as the
 * author wrote it.
 *
 * @param text the text that the query's spans point into
 */
export function plainSql(query: Query, text: string): string {
  const edits: Edit[] = [];
  for (const { auto, on } of nodesOf(query, "join")) {
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
  // A subquery in ON may hold an AUTO JOIN of its own, therefore edits are put in the order of the text.
  edits.sort((left, right) => left.start - right.start || left.end - right.end);
  let sql = "";
  let at = query.span.start;
  for (const edit of edits) {
    sql += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return sql + text.slice(at, query.span.end);
}
