import { ASKED_KEYS, keyedTable } from "../../model/plan.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";
import type { Query } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { hasRightJoin } from "../joins.ts";
import { type Edit, plainSql } from "../rewrite.ts";
import type { Placed } from "./conditions.ts";
import { keyText, leftConditions } from "./key_rows.ts";
import { keyedSources, type Request } from "./keys.ts";

/** What turns each table that needs keys into the one of an image that has the rows asked for by its key. */
export function keyedEdits(query: Query, binding: Binding): readonly Edit[] {
  return keyedSources(query, binding).flatMap(({ placed: { source }, request }) => {
    const { node, shape } = source;
    if (!request || !shape || node.type !== "table") return [];
    const table = quoteIdentifier(keyedTable(shape.spec.name, request.key));
    const alias = node.alias ? "" : ` AS ${quoteIdentifier(source.name)}`;
    return [{ ...node.name.span, text: table + alias }];
  });
}

/**
 * The SQL of a query over rows that were asked for key by key: its LEFT JOINs make up no right side for a key that was not
 * answered. Such a row is no row of the result. In parentheses, and beside RIGHT and FULL, a row cannot be told from one
 * that was made up for another reason; there it stays.
 */
export function keyedSql(query: Query, binding: Binding, text: string): string {
  const guards = keyedSources(query, binding).flatMap(({ placed, request }) => {
    const { join, from, select } = placed;
    const plain = join?.kind === "left" && from === select.from && !hasRightJoin(from);
    if (!plain || request?.kind !== "rows") return [];
    return [{ placed, sql: guard(placed, request, binding, text) }];
  });
  const edits = [...Map.groupBy(guards, ({ placed }) => placed.select)]
    .flatMap(([{ from, where }, list]): Edit[] => {
      const all = list.map(({ sql }) => sql).join(" AND ");
      const put = (at: number, text: string): Edit => ({ start: at, end: at, text });
      return where
        ? [put(where.span.start, "("), put(where.span.end, `) AND ${all}`)]
        : [put(from!.span.end, ` WHERE ${all}`)];
    });
  return plainSql([query], text, [...keyedEdits(query, binding), ...edits]);
}

/** That the right side is there, or its key was not wanted, or was answered. */
function guard(
  placed: Placed,
  { key, value }: Extract<Request, { kind: "rows" }>,
  binding: Binding,
  text: string,
): string {
  const { source } = placed;
  const asked = keyText(value, text);
  const answered = `SELECT "key" FROM ${quoteIdentifier(ASKED_KEYS)} WHERE "table" = '${
    source.shape!.spec.name
  }' AND "key_column" = '${key}' AND "lacking" IS NULL`;
  return `(${
    [
      ...leftConditions(placed, binding).map((node) => `(${plainSql([node], text)})`),
      `${quoteIdentifier(source.name)}.${quoteIdentifier(key)} IS NULL`,
      `${asked} IS NOT NULL`,
      `${asked} NOT IN (${answered})`,
    ].join(" AND ")
  }) IS NOT TRUE`;
}
