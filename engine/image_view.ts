import { quoteIdentifier } from "../schema/ddl.ts";
import type { FoldView, PathView, ViewSpec } from "../schema/types.ts";
import { isPathView, pathTable, viewDdl } from "../schema/view.ts";
import type { DatabaseSync } from "../std/sqlite.ts";
import { fillPatterns } from "./patterns/fold.ts";
import { inTurns } from "./turns.ts";

/** Steps of paths to a statement; more gain nothing. */
const STEPS_PER_STATEMENT = 300;

/** With fewer of them the index that SQLite makes for a single query is as good. */
const STEPS_WORTH_AN_INDEX = 2_000;

/** Who fills each view that sums up. */
const FOLDS: Readonly<
  Record<
    string,
    (db: DatabaseSync, view: FoldView, spend: (values: number) => void) => Generator<unknown, void>
  >
> = { traffic_patterns: fillPatterns };

/**
 * Adds a view to a database that has the rows of its base table. Of rows with the same key the first one counts.
 *
 * @param spend told how many values are to be stored, before they are; it may throw
 * @returns the rows, counted from 0, whose path goes on beyond the view's limit: the view has only the lower end of it
 */
export async function addView(
  db: DatabaseSync,
  view: ViewSpec,
  spend: (values: number) => void,
): Promise<readonly number[]> {
  db.exec(viewDdl(view));
  if (!isPathView(view)) {
    await inTurns(FOLDS[view.name]!(db, view, spend));
    return [];
  }
  const table = quoteIdentifier(pathTable(view));
  const cut: number[] = [];
  let amount = 0;
  for (const rows of scansOf(db, view)) {
    const { steps, cut: above } = paths(rows, view.path.limit);
    for (const row of above) cut.push(row);
    spend(steps.length);
    insertSteps(db, table, steps);
    amount += steps.length / 3;
  }
  if (amount >= STEPS_WORTH_AN_INDEX) {
    db.exec(`CREATE INDEX ${quoteIdentifier(`${view.name} by above`)} ON ${table} ("above")`);
  }
  return cut.sort((left, right) => left - right);
}

/** A row of the base table: its row number there, its key and that of its parent. */
interface BaseRow {
  readonly id: number;
  readonly key: string;
  readonly parent: string | null;
  readonly scan: number;
}

/** The rows of each scan by themselves. */
function scansOf(db: DatabaseSync, { base, path }: PathView): Iterable<readonly BaseRow[]> {
  const [key, parent] = [path.key, path.parent].map(quoteIdentifier);
  const statement = db.prepare(
    `SELECT rowid AS "id", ${key} AS "key", ${parent} AS "parent", "scan_id" AS "scan"
    FROM ${quoteIdentifier(base)} WHERE ${key} IS NOT NULL`,
  );
  return Map.groupBy(statement.all() as unknown as BaseRow[], ({ scan }) => scan).values();
}

/** The steps of all paths as one list of numbers: row, depth, row above. A path ends where it would come back to itself. */
function paths(
  rows: readonly BaseRow[],
  limit: number,
): { steps: readonly number[]; cut: readonly number[] } {
  const places = new Map<string, number>();
  const ids: number[] = [];
  const parents: (string | null)[] = [];
  for (const { id, key, parent } of rows) {
    if (places.has(key)) continue;
    places.set(key, ids.length);
    ids.push(id);
    parents.push(parent);
  }
  const above = parents.map((key) => key === null ? -1 : places.get(key) ?? -1);
  /** The path that a row was last found on. */
  const foundOn = new Int32Array(ids.length).fill(-1);
  const steps: number[] = [];
  const cut: number[] = [];
  for (const [from, id] of ids.entries()) {
    foundOn[from] = from;
    let depth = 0;
    for (let at = above[from]!; at >= 0 && foundOn[at] !== from; at = above[at]!) {
      if (depth === limit) {
        cut.push(id - 1);
        break;
      }
      foundOn[at] = from;
      steps.push(id, ++depth, ids[at]!);
    }
  }
  return { steps, cut };
}

function insertSteps(db: DatabaseSync, table: string, steps: readonly number[]): void {
  const prepare = (amount: number) =>
    db.prepare(`INSERT INTO ${table} VALUES ${new Array(amount).fill("(?, ?, ?)").join(", ")}`);
  const size = STEPS_PER_STATEMENT * 3;
  const whole = steps.length >= size ? prepare(STEPS_PER_STATEMENT) : undefined;
  for (let from = 0; from < steps.length; from += size) {
    const part = steps.slice(from, from + size);
    (part.length === size ? whole! : prepare(part.length / 3)).run(...part);
  }
}
