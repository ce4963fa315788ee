import type { CompiledQuery } from "../model/compiled.ts";
import type { Partial } from "../model/verdict.ts";
import type { GapReason } from "../schema/batch.ts";
import type { LoadedTable } from "./image.ts";
import type { View } from "./view.ts";

const WORDS: Readonly<Record<GapReason, string>> = {
  denied: "denied",
  deadline: "not read in time",
  budget: "beyond the budget",
  not_collected: "not collected",
};

const NO_ROWS: LoadedTable = { rows: 0, gaps: new Map() };

/**
 * How many of the rows that a query reads could be judged: a row counts where none of the columns read is NULL for a
 * reason other than its absence on the host. Of a table that was collected in part nobody knows how many rows are
 * missing: the numbers are those of the rows that are there, and the reason tells of the rest.
 *
 * @param answered how many keys were answered, by the name of a table that was asked for by them; those of which there is
 *   no row were judged, too, and each counts as one
 * @returns `undefined` where every row could be judged
 */
export function partlyEvaluated(
  reads: CompiledQuery["tables"],
  { tables, collected }: Pick<View, "tables" | "collected">,
  answered?: ReadonlyMap<string, number>,
): Partial | undefined {
  let evaluated = 0;
  let of = 0;
  let blind = false;
  const reasons: string[] = [];
  for (const { table, columns, views = [] } of reads) {
    const { rows, gaps, cut } = tables.get(table) ?? NO_ROWS;
    const missing = new Set<number>();
    const named = new Map<GapReason, string[]>();
    for (const column of columns) {
      for (const [reason, without] of gaps.get(column) ?? []) {
        if (without.length > 0) named.set(reason, [...named.get(reason) ?? [], column]);
        for (const row of without) missing.add(row);
      }
    }
    for (const [reason, list] of named) {
      reasons.push(`${table}: ${list.join(", ")} ${WORDS[reason]}`);
    }
    for (const view of views) {
      const rowsCut = cut?.get(view) ?? [];
      if (rowsCut.length > 0) reasons.push(`${view} ends below the top of long chains`);
      for (const row of rowsCut) missing.add(row);
    }
    const outcome = collected.get(table)?.outcome;
    if (outcome?.status === "partial") {
      reasons.push(`rows of ${table} are missing: ${outcome.reason}`);
    }
    const silent = Math.max(0, (answered?.get(table) ?? 0) - rows);
    of += rows + silent;
    evaluated += rows + silent - missing.size;
    // A join is blind as soon as one of its tables is: rows of the others cannot stand for it.
    blind ||= silent === 0 && missing.size === rows && (rows > 0 || outcome?.status === "partial");
  }
  if (reasons.length === 0) return undefined;
  return { evaluated: blind ? 0 : evaluated, of, reason: reasons.join("; ") };
}
