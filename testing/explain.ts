import type { Expression, From, Join, Query, Select } from "../compiler/ast.ts";
import { lex } from "../compiler/lexer.ts";
import { conjuncts, hasRightJoin } from "../compiler/plan/conditions.ts";
import { parseStatement } from "../compiler/parser/mod.ts";
import { walk } from "../compiler/walk.ts";
import { ALLOWED_FUNCTIONS } from "../dialect/mod.ts";
import { type DetectOptions, viewFor } from "../engine/detect.ts";
import { bind } from "../engine/judgeable.ts";
import { EVENT_PARAMETER, eventQuery } from "../engine/semantics/event_query.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Cell } from "../schema/batch.ts";
import { quoteIdentifier } from "../schema/ddl.ts";
import { typesOf } from "./check.ts";
import { differ } from "./compare.ts";
import type { ExpectedRow } from "./fixture.ts";

/** So many events are looked through, and so many conditions are named. */
const MAX_EVENTS = 100;
const MAX_NAMED = 3;
/** The longest text of a condition. */
const MAX_TEXT = 120;

/**
 * Why the SQL does not find a row: which conditions are not true of the rows before WHERE that come nearest to it.
 * `undefined` where that cannot be said: aggregates, set operations, or no row that resembles it at all.
 */
export async function explainMissing(
  compiled: CompiledDetection,
  expected: ExpectedRow,
  at: number,
  context: Omit<DetectOptions, "detections">,
): Promise<string | undefined> {
  const events = compiled.detection.meta.mode === "events" ? eventQuery(compiled) : undefined;
  const probe = probeOf(events?.sql ?? compiled.sql);
  if (!probe) return undefined;
  const view = await viewFor([compiled], compiled.detection.meta.lookback, context);
  if ("kind" in view) return undefined;
  const count = events ? Math.min(view.events?.get(events.stream)?.rows ?? 0, MAX_EVENTS) : 1;
  const candidates: Candidate[] = [];
  for (let event = 1; event <= count; event++) {
    const outcome = await context.sandbox.run({
      image: view.image,
      sql: probe.sql,
      parameters: { ...bind(["now", "since", "scan_id"], view, at), [EVENT_PARAMETER]: event },
      timeout: compiled.detection.meta.schedule.timeout,
    });
    if (outcome.status === "failed") return undefined;
    candidates.push(...outcome.rows.map((row) => candidateOf(compiled, expected, at, row, probe)));
  }
  const [best] = candidates.filter(({ fitting }) => fitting > 0)
    .sort((a, b) => b.fitting - a.fitting || a.failing.length - b.failing.length);
  if (!best || best.failing.length === 0) return undefined;
  const named = best.failing.slice(0, MAX_NAMED).join(", ");
  const more = best.failing.length - MAX_NAMED;
  return `the row that comes nearest fails at ${named}${more > 0 ? ` and ${more} more` : ""}`;
}

interface Candidate {
  /** How many of the values asked for it has. */
  readonly fitting: number;
  /** The conditions that are not true of it. */
  readonly failing: readonly string[];
}

function candidateOf(
  compiled: CompiledDetection,
  { line, values }: ExpectedRow,
  at: number,
  row: readonly Cell[],
  { conditions }: Probe,
): Candidate {
  const { columns } = compiled;
  const actual = Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
  const own = Object.entries(values).filter(([name]) => name in actual);
  const wanted = { line, values: Object.fromEntries(own) };
  const different = differ(wanted, { row: actual, facts: {} }, typesOf(compiled), at);
  const failing = conditions.flatMap((text, index) => {
    const truth = row[columns.length + index];
    return truth === 1 ? [] : [`${text}${truth === null ? ", which is NULL" : ""}`];
  });
  return { fitting: own.length - different.length, failing };
}

/** A query for all rows before WHERE, with a column behind the others for each condition: 1, 0, or NULL. */
interface Probe {
  readonly sql: string;
  /** The conditions, for people. */
  readonly conditions: readonly string[];
}

function probeOf(sql: string): Probe | undefined {
  const query: Query = parseStatement(lex(sql).tokens);
  const { body } = query;
  if (body.type !== "select" || !body.from || body.groupBy.length > 0 || body.having) {
    return undefined;
  }
  if (hasRightJoin(body.from) || isAggregate(body)) return undefined;
  const text = ({ span }: { span: Expression["span"] }) => sql.slice(span.start, span.end);
  const joins = outerJoins(body.from, text);
  const tests = [
    ...conjuncts(body.where).map((node) => ({
      value: `CASE WHEN (${text(node)}\n) THEN 1 WHEN NOT (${text(node)}\n) THEN 0 END`,
      shown: short(text(node)),
    })),
    ...joins.tests,
  ];
  const columns = [body.columns[0]!, body.columns.at(-1)!];
  const list = sql.slice(columns[0]!.span.start, columns[1]!.span.end);
  const values = tests.map(({ value }, index) =>
    `${value} AS ${quoteIdentifier(`daemoneye condition ${index}`)}`
  );
  return {
    sql: `${sql.slice(query.span.start, body.span.start)}SELECT ${
      [list, ...values].join(", ")
    }\nFROM ${joins.from}`,
    conditions: tests.map(({ shown }) => shown),
  };
}

function isAggregate({ columns }: Select): boolean {
  let found = false;
  for (const column of columns) {
    walk(column, (node) => {
      if (node.type !== "call") return node.type !== "query";
      const known = ALLOWED_FUNCTIONS.get(node.name.text.toLowerCase());
      found ||= known?.kind === "aggregate" && !node.over &&
        node.arguments.length < (known.scalarFrom ?? Infinity);
      return true;
    });
  }
  return found;
}

interface JoinTest {
  readonly value: string;
  readonly shown: string;
}

/** FROM with every inner join as a LEFT JOIN, so that a row that finds no partner is still there to be asked. */
function outerJoins(
  from: From,
  text: (node: { span: Expression["span"] }) => string,
): { readonly from: string; readonly tests: readonly JoinTest[] } {
  const tests: JoinTest[] = [];
  const joined = from.joins.map((join) => {
    const { operator, source, span } = join;
    const rest = text({ span: { start: operator.end, end: span.end } });
    if (join.kind === "left") return text(join);
    const alias = source.type === "table" ? (source.alias ?? source.name).text : undefined;
    if (alias !== undefined) {
      tests.push({
        value: `${quoteIdentifier(alias)}.rowid IS NOT NULL`,
        shown: `${short(`JOIN ${text(source)}${conditionOf(join, text)}`)} (no row)`,
      });
    }
    return `${join.natural ? "NATURAL " : ""}LEFT JOIN ${rest}`;
  });
  return { from: [text(from.first), ...joined].join("\n"), tests };
}

function conditionOf({ on }: Join, text: (node: Expression) => string): string {
  return on ? ` ON ${text(on)}` : "";
}

/** A condition on one line, without what makes it too long to be read. */
function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return `\`${line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line}\``;
}
