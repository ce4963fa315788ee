import type { Expression, Literal, Node, Query, Select } from "../../compiler/ast.ts";
import type { Span } from "../../diagnostics/source.ts";
import { nodesOf } from "../../compiler/walk.ts";
import type { Edit, MutationSource, PatternOperator } from "./mutant.ts";

/** A pattern as it is put together from string literals. */
export interface PatternText {
  /** The operator whose pattern it is. */
  readonly operator: PatternOperator;
  /** The expression that is matched against it. */
  readonly subject: Expression;
  /** The whole pattern. */
  readonly value: string;
  /** The literals that it consists of. */
  readonly literals: readonly Literal[];
  /** Turns the removal of a part of the pattern into edits of the text. */
  without(part: Span): readonly Edit[];
}

/** The patterns of a tree. One that depends on data is none. */
export function patternTexts({ root, text, parents }: MutationSource): readonly PatternText[] {
  return nodesOf(root, "matching").flatMap((node) => {
    const { operator, pattern, escape } = node;
    if (operator === "MATCH" || escape) return [];
    const literals = literalsOf(pattern, commonTables(root), parents, 0);
    if (!literals) return [];
    const places = literals.flatMap((literal) => placesOf(literal, text));
    const value = places.map(({ character }) => character).join("");
    const without = (part: Span): readonly Edit[] => {
      const edits: { start: number; end: number; text: string }[] = [];
      for (const { start, end } of places.slice(part.start, part.end)) {
        const last = edits.at(-1);
        if (last?.end === start) last.end = end;
        else edits.push({ start, end, text: "" });
      }
      return edits.sort((left, right) => left.start - right.start);
    };
    return [{ operator, subject: node, value, literals, without }];
  });
}

/** Where each UTF-16 code unit of a string literal stands. A quote inside is written twice. */
function placesOf(
  { span }: Literal,
  text: string,
): { readonly character: string; readonly start: number; readonly end: number }[] {
  const open = text.indexOf("'", span.start) + 1;
  const close = text.lastIndexOf("'", span.end - 1);
  const places = [];
  for (let at = open; at < close;) {
    const width = text[at] === "'" ? 2 : 1;
    places.push({ character: text[at]!, start: at, end: at + width });
    at += width;
  }
  return places;
}

type CommonTables = ReadonlyMap<
  string,
  { readonly query: Query; readonly names?: string[] } | null
>;

/** Common table expressions by name; null where a name is given twice. */
function commonTables(root: Node): CommonTables {
  const tables = new Map<string, { query: Query; names?: string[] } | null>();
  for (const { name, query, columns } of nodesOf(root, "common-table")) {
    const names = columns?.map(({ text }) => text.toLowerCase());
    const key = name.text.toLowerCase();
    tables.set(key, tables.has(key) ? null : { query, ...(names && { names }) });
  }
  return tables;
}

/** An expression that names itself through common table expressions ends here. */
const MAX_DEPTH = 20;

/** The literals that an expression puts together; `undefined` where it does anything else. */
function literalsOf(
  node: Expression,
  tables: CommonTables,
  parents: ReadonlyMap<Node, Node>,
  depth: number,
): readonly Literal[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const again = (inner: Expression) => literalsOf(inner, tables, parents, depth + 1);
  switch (node.type) {
    case "literal":
      return node.kind === "string" ? [node] : undefined;
    case "binary": {
      if (node.operator !== "||") return undefined;
      const [left, right] = [again(node.left), again(node.right)];
      return left && right && [...left, ...right];
    }
    case "scalar-query": {
      const { body } = node.query;
      const [column] = body.type === "select" ? body.columns : [];
      return column?.type === "result" ? again(column.expression) : undefined;
    }
    case "column": {
      const meant = columnOfConstants(node.name.text, selectAbove(node, parents), tables);
      return meant && again(meant);
    }
    default:
      return undefined;
  }
}

function selectAbove(node: Node, parents: ReadonlyMap<Node, Node>): Select | undefined {
  for (let above = parents.get(node); above; above = parents.get(above)) {
    if (above.type === "select") return above;
  }
  return undefined;
}

/** What a column means that a SELECT reads from a common table expression of one row. */
function columnOfConstants(
  name: string,
  select: Select | undefined,
  tables: CommonTables,
): Expression | undefined {
  const sources = select?.from
    ? [select.from.first, ...select.from.joins.map((one) => one.source)]
    : [];
  for (const source of sources) {
    const table = source.type === "table" ? tables.get(source.name.text.toLowerCase()) : undefined;
    if (table?.query.body.type !== "select") continue;
    const { columns } = table.query.body;
    const wanted = name.toLowerCase();
    const index = table.names
      ? table.names.indexOf(wanted)
      : columns.findIndex((one) =>
        one.type === "result" && one.alias?.text.toLowerCase() === wanted
      );
    const column = columns[index];
    if (column?.type === "result") return column.expression;
  }
  return undefined;
}
