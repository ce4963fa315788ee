import { compilePredicate } from "../dialect/predicate.ts";
import type { CompiledQuery } from "../model/compiled.ts";
import type { Cell, RecordBatch } from "../schema/batch.ts";

/** Whether a row, of which `undefined` is what nobody knows, can lead to anything. */
type Filter = (cellOf: (column: string) => Cell | undefined) => boolean;

const filters = new WeakMap<CompiledQuery["plan"], Filter | undefined>();

/**
 * The first and the last event, counted from 0, that can lead to a row: on the others the conditions that a collector would
 * apply are not met. Most detections look for few events, and what is known to lead to nothing need not be asked of SQL.
 *
 * @returns `undefined` where no event can
 */
export function eventsThatCount(
  { plan }: Pick<CompiledQuery, "plan">,
  events: RecordBatch,
): readonly [first: number, last: number] | undefined {
  if (!filters.has(plan)) {
    const where = plan.tasks.find(({ table }) => table === events.table)?.where;
    filters.set(plan, where && compilePredicate(where));
  }
  const filter = filters.get(plan);
  if (events.rows === 0) return undefined;
  if (!filter) return [0, events.rows - 1];
  const cells = new Map(events.columns.map((name, at) => [name, events.values[at]!]));
  const unknown = new Map<string, ReadonlySet<number> | "all">();
  for (const { column, rows } of events.gaps) {
    const others = unknown.get(column);
    if (rows === "all" || others === "all") unknown.set(column, "all");
    else unknown.set(column, new Set([...others ?? [], ...rows]));
  }
  const counts = (row: number) =>
    filter((column) => {
      const rows = unknown.get(column);
      return rows === "all" || rows?.has(row) ? undefined : cells.get(column)?.[row] ?? null;
    });
  let first = 0;
  while (first < events.rows && !counts(first)) first++;
  if (first === events.rows) return undefined;
  let last = events.rows - 1;
  while (!counts(last)) last--;
  return [first, last];
}
