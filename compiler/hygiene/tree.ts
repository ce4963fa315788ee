import type { Detection } from "../../model/detection.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Column } from "../../schema/columns.ts";
import type { Platform } from "../../schema/types.ts";
import type { Body, Query, Select } from "../ast.ts";
import { bind, type Binding, type BoundColumn } from "../binding/mod.ts";
import { shapesOf } from "../binding/catalogue.ts";
import type { BoundSource } from "../binding/scope.ts";
import { lex } from "../lexer.ts";
import { lengthFault, limitFaults } from "../limits.ts";
import { parseStatement, SqlSyntaxError } from "../parser/mod.ts";
import { nodesOf } from "../walk.ts";

/** The SQL of a detection, parsed and bound. */
export interface Tree {
  readonly query: Query;
  readonly binding: Binding;
  /** What is known of the table column that a bound column passes on. */
  readonly specOf: (column: BoundColumn | undefined) => Column | undefined;
  /** The query behind a source: that of a subquery or of a common table expression. */
  readonly queryOf: (source: BoundSource) => Query | undefined;
}

/** The tree of a detection's SQL, unless the SQL has faults, which compiling reports. */
export function treeOf(detection: Detection, catalogue: Catalogue): Tree | undefined {
  const { text, sql, sqlStart: start, meta: { platforms } } = detection;
  const end = start + sql.length;
  if (lengthFault(sql, { start, end })) return undefined;
  const { tokens, faults } = lex(text, start, end);
  if (faults.length > 0) return undefined;
  let query: Query;
  try {
    query = parseStatement(tokens);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return undefined;
    throw error;
  }
  if (limitFaults(query).length > 0) return undefined;
  const binding = bind(query, text, catalogue, platforms);
  if (binding.faults.length > 0) return undefined;
  return { query, binding, specOf: specs(catalogue, platforms), queryOf: queries(query) };
}

function specs(catalogue: Catalogue, platforms: readonly Platform[]): Tree["specOf"] {
  const shapes = shapesOf(catalogue, platforms);
  return (column) => {
    const origin = column?.origin;
    return origin && shapes.get(origin.table.toLowerCase())?.specs.get(origin.column);
  };
}

function queries(query: Query): Tree["queryOf"] {
  const common = Map.groupBy(
    nodesOf(query, "common-table"),
    ({ name }) => name.text.toLowerCase(),
  );
  return ({ node, shape }) => {
    if (node.type === "subquery") return node.query;
    if (node.type !== "table" || shape) return undefined;
    const named = common.get(node.name.text.toLowerCase()) ?? [];
    // Where a name is given twice, at different levels, nothing is said of either.
    return named.length === 1 ? named[0]!.query : undefined;
  };
}

/** The SELECTs that a body consists of, from left to right. */
export function selectsOf(body: Body): Select[] {
  switch (body.type) {
    case "select":
      return [body];
    case "values":
      return [];
    case "compound":
      return [...selectsOf(body.left), ...selectsOf(body.right)];
  }
}
