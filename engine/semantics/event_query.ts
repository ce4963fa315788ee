import type { Query, Table } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import { nodesOf } from "../../compiler/walk.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";

/** A query that sees one event, or a run of them. */
export interface EventQuery {
  /** The SQL; {@linkcode eventParameters} say which events it sees. */
  readonly sql: string;
  /** The same, with the number of the event that a row is of, counted from 1, behind the columns of the query. */
  readonly numbered: string;
  /**
   * A run of events that leads to fewer rows leads to those of each event: LIMIT counts the rows of one event, and here
   * those of all events of the run. Infinite without LIMIT.
   */
  readonly wholeBelow: number;
  /** The table that the events are rows of. */
  readonly stream: string;
  /** The tables whose current rows the query sees besides; the stream is among them where it, or a view of it, is named once more. */
  readonly state: CompiledQuery["tables"];
}

/** The parameters by which a query sees the events from one number to another, both included and counted from 0. */
export function eventParameters(first: number, last = first): Readonly<Record<string, number>> {
  return { daemoneye_first_event: first + 1, daemoneye_last_event: last + 1 };
}

/** The table of an image that holds the events of a stream. No catalogue has it, so that no query can name it. */
export function eventTable(stream: string): string {
  return `events of ${stream}`;
}

/**
 * Rewrites a query so that the first table of FROM of the outermost SELECT is an event, and every other reference
 * remains what it is. `undefined` where the query cannot run on events; its plan says why.
 */
export function eventQuery(
  query: Pick<CompiledQuery, "sql" | "tables" | "plan">,
): EventQuery | undefined {
  const { sql, plan } = query;
  const known = rewritten.get(plan) ?? new Map();
  rewritten.set(plan, known);
  if (!known.has(sql)) known.set(sql, rewrite(query));
  return known.get(sql);
}

/** What queries of plans have become: each is needed again with every batch of events. */
const rewritten = new WeakMap<CompiledQuery["plan"], Map<string, EventQuery | undefined>>();

function rewrite(
  { sql, tables, plan }: Parameters<typeof eventQuery>[0],
): EventQuery | undefined {
  if (!plan.events.possible) return undefined;
  const { stream } = plan.events;
  const query = parseStatement(lex(sql).tokens);
  if (query.body.type !== "select" || !query.body.from) return undefined;
  const { columns, from, where } = query.body;
  const { first } = from;
  if (first.type !== "table") return undefined;
  const again = nodesOf(query, "table").some((table) => table !== first && isNamed(table, stream));
  const { start, end } = first.name.span;
  const table = quoteIdentifier(eventTable(stream));
  const alias = quoteIdentifier((first.alias ?? first.name).text);
  const named = first.alias ? "" : ` AS ${alias}`;
  const event = `${alias}.rowid`;
  return {
    sql: edited(sql, [
      { at: start, end, text: `(SELECT * FROM ${table} WHERE ${seen("rowid")})${named}` },
    ]),
    // A subquery has no row numbers, and a column for them would show in `*`: the table itself is named, and WHERE chooses.
    numbered: edited(sql, [
      { at: columns.at(-1)!.span.end, text: `, ${event} AS ${quoteIdentifier(EVENT)}` },
      { at: start, end, text: `${table}${named}` },
      ...where
        ? [
          { at: where.span.start, text: "(" },
          { at: where.span.end, text: `) AND ${seen(event)}` },
        ]
        : [{ at: from.span.end, text: ` WHERE ${seen(event)}` }],
    ]),
    wholeBelow: wholeBelow(query),
    stream,
    state: tables.filter(({ table, views }) => table !== stream || again || views !== undefined),
  };
}

/** The column behind those of the query. No column of a query needs such a name. */
const EVENT = "daemoneye event";

/** The condition that a row is one of the events wanted. */
function seen(event: string): string {
  return `${event} BETWEEN :daemoneye_first_event AND :daemoneye_last_event`;
}

function wholeBelow({ limit, offset }: Query): number {
  if (!limit && !offset) return Infinity;
  const plain = !offset && limit?.type === "literal" && limit.kind === "integer";
  return plain ? Number(limit.value) : 0;
}

/** Replaces places of a text, given in their order; without an end text is put in between. */
function edited(
  text: string,
  edits: readonly { readonly at: number; readonly end?: number; readonly text: string }[],
): string {
  let from = 0;
  let result = "";
  for (const { at, end = at, text: put } of edits) {
    result += text.slice(from, at) + put;
    from = end;
  }
  return result + text.slice(from);
}

function isNamed({ name }: Table, table: string): boolean {
  return name.text.toLowerCase() === table;
}
