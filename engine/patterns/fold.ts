import { quoteIdentifier } from "../../schema/ddl.ts";
import type { FoldView } from "../../schema/types.ts";
import type { DatabaseSync } from "../../std/sqlite.ts";
import { readConnections } from "./connections.ts";
import { isTold, pairsOf, type Pattern, patternsOf } from "./patterns.ts";

const COLUMNS: readonly (keyof Pattern)[] = [
  "pattern_id",
  "pattern_type",
  "source_ip",
  "destination_ip",
  "destination_port",
  "protocol",
  "direction",
  "pid",
  "process_key",
  "process_name",
  "pattern_value",
  "baseline_value",
  "anomaly_score",
  "interval_mean",
  "interval_jitter",
  "time_window",
  "occurrence_count",
  "first_occurrence",
  "last_occurrence",
];

/** What every row of `traffic_patterns` is said to be of: the newest scan. */
const SHARED = ["scan_id", "collection_time", "host"];

/** Rows to a statement; more gain nothing. */
const ROWS_PER_STATEMENT = 50;

/**
 * Fills `traffic_patterns` in a database that has the rows of its base table, step by step.
 *
 * @param spend told how many values are to be stored, before they are; it may throw
 */
export function* fillPatterns(
  db: DatabaseSync,
  { name, base }: FoldView,
  spend: (values: number) => void,
): Generator<unknown, void> {
  const newest = db.prepare(
    `SELECT ${SHARED.join(", ")} FROM ${quoteIdentifier(base)} ORDER BY scan_id DESC LIMIT 1`,
  );
  newest.setReadBigInts(true);
  const shared = newest.get();
  if (!shared) return;
  const columns = [...COLUMNS, ...SHARED];
  const common = SHARED.map((column) => shared[column] as number | bigint | string | null);
  const tuple = `(${columns.map(() => "?").join(", ")})`;
  const prepare = (rows: number) =>
    db.prepare(
      `INSERT INTO ${quoteIdentifier(name)} (${columns.map(quoteIdentifier).join(", ")})
      VALUES ${new Array(rows).fill(tuple).join(", ")}`,
    );
  const { all, scans } = yield* readConnections(db, base);
  const pairs = yield* pairsOf(all);
  // Each has a frequency: where these alone are too many, none needs to be made.
  spend(columns.length * pairs.filter(isTold).length);
  const whole = prepare(ROWS_PER_STATEMENT);
  let values: (number | bigint | string | null)[] = [];
  for (const pattern of patternsOf(pairs, scans)) {
    yield;
    if (!pattern) continue;
    if (pattern.pattern_type !== "frequency") spend(columns.length);
    for (const column of COLUMNS) values.push(pattern[column] ?? null);
    values.push(...common);
    if (values.length < ROWS_PER_STATEMENT * columns.length) continue;
    whole.run(...values);
    values = [];
  }
  if (values.length > 0) prepare(values.length / columns.length).run(...values);
}
