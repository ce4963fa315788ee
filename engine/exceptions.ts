import type { CompiledDetection } from "../model/compiled.ts";
import type { Exception } from "../model/detection.ts";
import type { Evaluation } from "../model/verdict.ts";
import type { Cell } from "../schema/batch.ts";
import { quoteIdentifier } from "../schema/ddl.ts";

/**
 * The exceptions that hold: each does through the day on which it expires. After that it excludes nothing any more: better
 * an alert too many than one that nobody sees.
 */
export function activeExceptions(
  exceptions: readonly Exception[],
  now: number,
): readonly Exception[] {
  const today = new Date(now).toISOString().slice(0, 10);
  return exceptions.filter(({ expires }) => expires === undefined || expires >= today);
}

const EXCEPTED = "daemoneye excepted";

/** Adds a last column: the number of the first exception that is true of the row, NULL where none is. NULL is not true. */
export function withExceptions(sql: string, exceptions: readonly Exception[]): string {
  if (exceptions.length === 0) return sql;
  const cases = exceptions.map(({ when }, index) => `WHEN (((\n${when}\n)) IS TRUE) THEN ${index}`);
  return `SELECT *, CASE ${cases.join(" ")} END AS ${quoteIdentifier(EXCEPTED)} FROM (\n${sql}\n)`;
}

/** Takes the column of {@linkcode withExceptions} off again. */
export function separateExceptions(
  evaluation: Extract<Evaluation, { status: "evaluated" }>,
  { columns }: CompiledDetection,
  exceptions: readonly Exception[],
): { readonly evaluation: Evaluation; readonly excepted: ReadonlyMap<number, string> } {
  const excepted = new Map<number, string>();
  if (exceptions.length === 0) return { evaluation, excepted };
  const rows = evaluation.result.rows.map((row, index): readonly Cell[] => {
    const number = row[columns.length];
    if (typeof number === "number") excepted.set(index, exceptions[number]!.id);
    return row.slice(0, columns.length);
  });
  const result = { ...evaluation.result, columns, rows };
  return { evaluation: { ...evaluation, result }, excepted };
}
