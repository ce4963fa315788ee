import type { Expression, From, Join, Query, Select, Source } from "../compiler/ast.ts";
import { lex } from "../compiler/lexer.ts";
import { conjuncts } from "../compiler/plan/conditions.ts";
import { hasRightJoin } from "../compiler/joins.ts";
import { parseStatement } from "../compiler/parser/mod.ts";
import { plainSql } from "../compiler/rewrite.ts";
import { walk } from "../compiler/walk.ts";
import { ALLOWED_FUNCTIONS } from "../dialect/mod.ts";
import { quoteIdentifier } from "../schema/ddl.ts";

/** The longest text of a condition. */
const MAX_TEXT = 120;
/** Of a condition that reads more columns only the first are shown. */
const MAX_COLUMNS = 4;

/** A query for all rows before WHERE, with columns behind the others for each condition. */
export interface Probe {
  readonly sql: string;
  readonly conditions: readonly ProbedCondition[];
}

/** A condition of a query. Its columns in the probe: whether it holds (1, 0, or NULL), then the values that it reads. */
export interface ProbedCondition {
  /** What it decides: `join` is whether there is a partner at all. */
  readonly kind: "when" | "join" | "where";
  /** For people. */
  readonly text: string;
  /** The columns that it reads, as they are written. */
  readonly reads: readonly string[];
}

interface Test extends ProbedCondition {
  readonly value: string;
}

/**
 * Makes a probe of a query, with AUTO JOIN or without.
 *
 * @returns `undefined` where its rows are not those of FROM: aggregates, window functions, set operations
 */
export function probeOf(sql: string): Probe | undefined {
  const query: Query = parseStatement(lex(sql).tokens);
  const { body } = query;
  if (body.type !== "select" || !body.from || body.groupBy.length > 0 || body.having) {
    return undefined;
  }
  if (hasRightJoin(body.from) || isAggregate(body)) return undefined;
  // A column that says whether there is a row would be seen by *.
  const marks = body.columns.every(({ type }) => type !== "star");
  const joins = outerJoins(body.from, sql, marks);
  const tests = [
    ...joins.tests,
    ...conjuncts(body.where).map((node) => testOf("where", node, sql)),
  ];
  const list = plainSql([body.columns[0]!, body.columns.at(-1)!], sql);
  const values = tests.flatMap(({ value, reads }, index) =>
    [value, ...reads].map((one, part) => `${one} AS "daemoneye condition ${index} ${part}"`)
  );
  const [common] = query.with;
  const before = common
    ? sql.slice(query.span.start, common.span.start) + plainSql(query.with, sql)
    : "";
  return {
    sql: `${before}\nSELECT ${[list, ...values].join(", ")}\nFROM ${joins.from}`,
    conditions: tests,
  };
}

/** Whether a result row says something of other rows. */
function isAggregate({ columns }: Select): boolean {
  let found = false;
  for (const column of columns) {
    walk(column, (node) => {
      if (node.type !== "call") return node.type !== "query";
      const known = ALLOWED_FUNCTIONS.get(node.name.text.toLowerCase());
      found ||= node.over !== undefined || known?.kind === "aggregate" &&
          node.arguments.length < (known.scalarFrom ?? Infinity);
      return true;
    });
  }
  return found;
}

function testOf(kind: ProbedCondition["kind"], node: Expression, sql: string): Test {
  const text = plainSql([node], sql);
  return {
    kind,
    text: short(sql.slice(node.span.start, node.span.end)),
    reads: columnsIn(node, sql),
    value: `CASE WHEN (${text}\n) THEN 1 WHEN NOT (${text}\n) THEN 0 END`,
  };
}

function columnsIn(node: Expression | undefined, sql: string): string[] {
  const names = new Set<string>();
  if (!node) return [];
  walk(node, (one) => {
    if (one.type === "column") names.add(sql.slice(one.span.start, one.span.end));
    return one.type !== "query";
  });
  return [...names].slice(0, MAX_COLUMNS);
}

/** FROM with every inner join as a LEFT JOIN, so that a row that finds no partner is still there to be asked. */
function outerJoins(
  { first, joins }: From,
  sql: string,
  marks: boolean,
): { readonly from: string; readonly tests: readonly Test[] } {
  const tests: Test[] = [];
  const joined = joins.map((join, index) => {
    const { kind, natural, source, on, auto, span } = join;
    const mark = marks && kind !== "left" && canMark(source)
      ? quoteIdentifier(`daemoneye row ${index}`)
      : undefined;
    if (mark !== undefined) {
      if (auto?.when) tests.push(testOf("when", auto.when, sql));
      const text = short(joinText(join, sql));
      tests.push({ kind: "join", text, reads: columnsIn(on, sql), value: `${mark} IS NOT NULL` });
    }
    const conditions = [on, auto?.when].flatMap((one) =>
      one ? [`(${plainSql([one], sql)}\n)`] : []
    );
    return [
      `${natural ? "NATURAL " : ""}LEFT JOIN`,
      sourceText(source, sql, mark),
      conditions.length > 0
        ? `ON ${conditions.join(" AND ")}`
        : sql.slice(source.span.end, span.end),
    ].join(" ");
  });
  return { from: [plainSql([first], sql), ...joined].join("\n"), tests };
}

type Markable = Extract<Source, { type: "table" | "subquery" }>;

/** A function may read tables to its left, which it could not from within a subquery. */
function canMark(source: Source): source is Markable {
  return source.type === "table" || source.type === "subquery";
}

/** What is joined, with a column that is not NULL in its rows. */
function sourceText(source: Source, sql: string, mark: string | undefined): string {
  const text = plainSql([source], sql);
  if (mark === undefined || !canMark(source)) return text;
  const alias = source.alias ?? (source.type === "table" ? source.name : undefined);
  const named = alias ? ` AS ${quoteIdentifier(alias.text)}` : "";
  return `(SELECT *, 1 AS ${mark} FROM ${text})${named}`;
}

/** A join for people: what it asks for, and by what. */
function joinText({ source, on }: Join, sql: string): string {
  const text = ({ span }: { span: Expression["span"] }) => sql.slice(span.start, span.end);
  return text(source) + (on ? ` ON ${text(on)}` : "");
}

/** A condition on one line, without what makes it too long to be read. */
function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return `\`${line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line}\``;
}
