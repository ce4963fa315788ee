import type { Table } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import { nodesOf } from "../../compiler/walk.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";

/** A query that sees one event, or a run of them. */
export interface EventQuery {
  /** The SQL; {@linkcode eventParameters} say which events it sees. */
  readonly sql: string;
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
  } WHERE rowid BETWEEN :daemoneye_first_event AND :daemoneye_last_event)`;
  const alias = first.alias ? "" : ` AS ${quoteIdentifier(first.name.text)}`;
  return {
    sql: sql.slice(0, start) + events + alias + sql.slice(end),
    stream,
    state: tables.filter(({ table, views }) => table !== stream || again || views !== undefined),
  };
}

function isNamed({ name }: Table, table: string): boolean {
  return name.text.toLowerCase() === table;
}
