import { lex } from "../../compiler/lexer.ts";
import { parseStatement } from "../../compiler/parser/mod.ts";
import type { KeySource, Trigger } from "../../model/plan.ts";
import type { Cell } from "../../schema/batch.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";
import type { ColumnType } from "../../schema/types.ts";
import { eventTable } from "../semantics/event_query.ts";

/** A key that somebody needs the rows of. */
export interface WantedKey {
  /** The column that it is a value of. */
  readonly column: string;
  /** Its value, or a pattern of it. */
  readonly value: string | number;
  /** It is a pattern, as GLOB reads it. */
  readonly glob?: true;
  /** The `process_key` of the process that a pid means, where it is known. */
  readonly process?: string;
}

/** The keys that the query names. */
export function constantKeys({ key: column, keys }: Trigger, type: ColumnType): WantedKey[] {
  switch (keys.kind) {
    case "values":
      return keys.values.flatMap((cell) => {
        const value = keyValue(cell, type);
        return value === undefined ? [] : [{ column, value }];
      });
    case "glob":
      return keys.patterns.map((value) => ({ column, value, glob: true }));
    case "rows":
      return [];
  }
}

/** The keys that rows of the query for keys have. */
export function keysOfRows(
  { key: column }: Trigger,
  rows: readonly (readonly Cell[])[],
  type: ColumnType,
): WantedKey[] {
  return rows.flatMap(([cell = null, process]) => {
    const value = keyValue(cell, type);
    return value === undefined
      ? []
      : [{ column, value, ...(typeof process === "string" && { process }) }];
  });
}

/** The value as its column holds it; `undefined` for one that no row can have. */
function keyValue(cell: Cell, type: ColumnType): string | number | undefined {
  if (cell === null) return undefined;
  if (type === "string") return typeof cell === "string" ? cell : String(cell);
  const number = typeof cell === "string" && cell.trim() === "" ? NaN : Number(cell);
  return Number.isSafeInteger(number) ? number : undefined;
}

/**
 * The keys without repetition, in their order. Where somebody knows which process a pid means, it is that process for all:
 * another one that has the pid now is none of the rows.
 */
export function distinctKeys(keys: readonly WantedKey[]): Map<string, WantedKey> {
  const known = new Set(
    keys.filter(({ process }) => process !== undefined).map(({ column, value }) =>
      JSON.stringify([column, value])
    ),
  );
  const distinct = new Map<string, WantedKey>();
  for (const key of keys) {
    const { column, value, glob, process } = key;
    if (process === undefined && known.has(JSON.stringify([column, value]))) continue;
    const id = JSON.stringify([column, value, glob ?? false, process ?? null]);
    if (!distinct.has(id)) distinct.set(id, key);
  }
  return distinct;
}

/** The SQL for keys over an image whose rows were asked for by keys. */
export function keySql({ sql, keyedSql }: KeySource & { readonly kind: "rows" }): string {
  return keyedSql ?? sql;
}

/**
 * The SQL for keys over events: the first table of its FROM is the stream, like that of the query which it was taken from.
 */
export function keySqlOverEvents(sql: string, stream: string): string {
  const { body } = parseStatement(lex(sql).tokens);
  const first = body.type === "select" ? body.from?.first : undefined;
  if (first?.type !== "table" || first.name.text.toLowerCase() !== stream) return sql;
  const { start, end } = first.name.span;
  const alias = first.alias ? "" : ` AS ${quoteIdentifier(first.name.text)}`;
  return sql.slice(0, start) + quoteIdentifier(eventTable(stream)) + alias + sql.slice(end);
}
