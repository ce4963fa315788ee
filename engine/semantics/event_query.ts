import type { Table } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import { nodesOf } from "../../compiler/walk.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";

/** A query that sees one event at a time. */
export interface EventQuery {
  /** The SQL; the parameter {@linkcode EVENT_PARAMETER} says which event it sees. */
  readonly sql: string;
  /** The table that the events are rows of. */
  readonly stream: string;
  /** The tables whose current rows the query sees besides; the stream is among them where it is named once more. */
  readonly state: CompiledQuery["tables"];
}

/** The number of the event, counted from 1. */
export const EVENT_PARAMETER = "daemoneye_event";

/** The table of an image that holds the events of a stream. No catalogue has it, so that no query can name it. */
export function eventTable(stream: string): string {
  return `events of ${stream}`;
}

/**
 * Rewrites a query so that the first table of FROM of the outermost SELECT is a single event, and every other reference
 * remains what it is. `undefined` where the query cannot run on events; its plan says why.
 */
export function eventQuery({ sql, tables, plan }: CompiledQuery): EventQuery | undefined {
  if (!plan.events.possible) return undefined;
  const { stream } = plan.events;
  const query = parseStatement(lex(sql).tokens);
  const first = query.body.type === "select" ? query.body.from?.first : undefined;
  if (first?.type !== "table") return undefined;
  const again = nodesOf(query, "table").some((table) => table !== first && isNamed(table, stream));
  const { start, end } = first.name.span;
  const events = `(SELECT * FROM ${
    quoteIdentifier(eventTable(stream))
  } WHERE rowid = :${EVENT_PARAMETER})`;
  const alias = first.alias ? "" : ` AS ${quoteIdentifier(first.name.text)}`;
  return {
    sql: sql.slice(0, start) + events + alias + sql.slice(end),
    stream,
    state: tables.filter(({ table }) => table !== stream || again),
  };
}

function isNamed({ name }: Table, table: string): boolean {
  return name.text.toLowerCase() === table;
}
