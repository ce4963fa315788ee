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
  const known = ranges.get(events) ?? new Map();
  ranges.set(events, known);
  if (!known.has(plan)) known.set(plan, rangeOf(plan, events));
  return known.get(plan);
}

type Range = readonly [first: number, last: number] | undefined;

/** What was found: it is asked several times of the same events. */
const ranges = new WeakMap<RecordBatch, Map<CompiledQuery["plan"], Range>>();

function rangeOf(plan: CompiledQuery["plan"], events: RecordBatch): Range {
  if (!filters.has(plan)) {
    const where = plan.tasks.find(({ table }) => table === events.table)?.where;
    filters.set(plan, where && compilePredicate(where));
  }
  const filter = filters.get(plan);
  if (events.rows === 0) return undefined;
  if (!filter) return [0, events.rows - 1];
  const cells = cellsOf(events);
  const counts = (row: number) => filter((column) => cells(column, row));
  let first = 0;
  while (first < events.rows && !counts(first)) first++;
  if (first === events.rows) return undefined;
  let last = events.rows - 1;
  while (!counts(last)) last--;
  return [first, last];
}

/** Whether any of the events that a detection streams from can lead to a row: see {@linkcode eventsThatCount}. */
export function someEventCounts(
  { plan }: Pick<CompiledQuery, "plan">,
  events: readonly RecordBatch[],
): boolean {
  return events.some((batch) =>
    plan.events.possible && batch.table === plan.events.stream &&
    eventsThatCount({ plan }, batch) !== undefined
  );
}

/** Gives a value by its column and row; `undefined` is what nobody knows, `null` what the rows do not have. */
type Cells = (column: string, row: number) => Cell | undefined;

const known = new WeakMap<RecordBatch, Cells>();

/** The cells of events. Hundreds of detections ask for those of the same ones: what is gathered for it is gathered once. */
function cellsOf(events: RecordBatch): Cells {
  const found = known.get(events);
  if (found) return found;
  const values = new Map(events.columns.map((name, at) => [name, events.values[at]!]));
  const all = new Set<string>();
  const unknown = new Map<string, Set<number>>();
  for (const { column, rows } of events.gaps) {
    if (rows === "all") {
      all.add(column);
      continue;
    }
    const others = unknown.get(column) ?? new Set();
    unknown.set(column, others);
    for (const row of rows) others.add(row);
  }
  const cells: Cells = (column, row) =>
    all.has(column) || unknown.get(column)?.has(row)
      ? undefined
      : values.get(column)?.[row] ?? null;
  known.set(events, cells);
  return cells;
}
