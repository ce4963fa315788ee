import type { ResultRow, ScanVerdict } from "./backtest.ts";

/** How the results of two versions of a detection differ in a scan. */
export interface Change {
  readonly scan_id: number;
  readonly host: string;
  /** ms since the epoch. */
  readonly time: number;
  /** Rows that only the new version has. */
  readonly gained: readonly ResultRow[];
  /** Rows that only the old version has. */
  readonly lost: readonly ResultRow[];
  /** Why the two cannot be compared here. */
  readonly not_comparable?: string;
}

/**
 * Compares what two versions of a detection make of the same scan: rows before suppression, by the columns that both
 * versions have, each as often as it stands there.
 *
 * @param columns the columns to compare by
 */
export function compareVerdicts(
  now: ScanVerdict,
  before: ScanVerdict,
  columns: readonly string[],
): Change {
  const { scan_id, host, time } = now;
  const change = { scan_id, host, time };
  const missing = [
    ...(before.not_evaluated === undefined ? [] : [`the old version: ${before.not_evaluated}`]),
    ...(now.not_evaluated === undefined ? [] : [`the new version: ${now.not_evaluated}`]),
  ];
  if (missing.length > 0) {
    return { ...change, gained: [], lost: [], not_comparable: missing.join("; ") };
  }
  return {
    ...change,
    gained: without(now.rows, before.rows, columns),
    lost: without(before.rows, now.rows, columns),
  };
}

/** Rows that have no partner among the others. */
function without(
  rows: readonly ResultRow[],
  others: readonly ResultRow[],
  columns: readonly string[],
): ResultRow[] {
  const key = (row: ResultRow) => JSON.stringify(columns.map((column) => row[column] ?? null));
  const left = new Map<string, number>();
  for (const other of others) left.set(key(other), (left.get(key(other)) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(key(row)) ?? 0;
    if (count > 0) left.set(key(row), count - 1);
    return count === 0;
  });
}
