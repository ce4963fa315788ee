import { quoteIdentifier } from "../../schema/ddl.ts";
import type { FoldView } from "../../schema/types.ts";
import type { DatabaseSync } from "../../std/sqlite.ts";
import { readConnections } from "./connections.ts";
import { type Pattern, patternsOf } from "./patterns.ts";

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

/**
 * Fills `traffic_patterns` in a database that has the rows of its base table.
 *
 * @param spend told how many values are to be stored, before they are; it may throw
 */
export function fillPatterns(
  db: DatabaseSync,
  { name, base }: FoldView,
  spend: (values: number) => void,
): void {
  const newest = db.prepare(
    `SELECT ${SHARED.join(", ")} FROM ${quoteIdentifier(base)} ORDER BY scan_id DESC LIMIT 1`,
  );
  newest.setReadBigInts(true);
  const shared = newest.get();
  if (!shared) return;
  const columns = [...COLUMNS, ...SHARED];
  const insert = db.prepare(
    `INSERT INTO ${quoteIdentifier(name)} (${columns.map(quoteIdentifier).join(", ")})
    VALUES (${columns.map(() => "?").join(", ")})`,
  );
  const common = SHARED.map((column) => shared[column] as number | bigint | string | null);
  for (const pattern of patternsOf(readConnections(db, base))) {
    spend(columns.length);
    insert.run(...COLUMNS.map((column) => pattern[column]), ...common);
  }
}
