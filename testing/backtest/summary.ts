import type { ScanVerdict } from "./backtest.ts";

/** What a backtest came to. */
export interface BacktestSummary {
  readonly scans: number;
  /** Time of the first and the last scan, ms since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly evaluated: number;
  /** Scans without a result, by reason. */
  readonly not_evaluated: readonly {
    readonly reason: string;
    readonly scans: readonly number[];
  }[];
  /** Scans in which it would have alerted. */
  readonly fired: number;
  readonly alerts: number;
  /** Rows of all results: what it would have found without suppression. */
  readonly hits: number;
  readonly suppressed: number;
  /** Time of the first and the last alert, ms since the epoch. */
  readonly first?: number;
  readonly last?: number;
  /** Time that the query took per scan, ms, and the scan that took longest. */
  readonly cost: {
    readonly mean_ms: number;
    readonly max_ms: number;
    readonly max_scan?: number;
  };
}

/** Sums up the verdicts on scans. */
export function summarise(verdicts: readonly ScanVerdict[]): BacktestSummary {
  const evaluated = verdicts.filter(({ not_evaluated }) => not_evaluated === undefined);
  const fired = verdicts.filter(({ alerts }) => alerts.length > 0);
  const reasons = Map.groupBy(
    verdicts.filter(({ not_evaluated }) => not_evaluated !== undefined),
    ({ not_evaluated }) => not_evaluated!,
  );
  const costs = evaluated.map(({ duration_ms }) => duration_ms);
  const max_ms = costs.reduce((max, cost) => Math.max(max, cost), 0);
  const slowest = evaluated.find(({ duration_ms }) => duration_ms === max_ms);
  const times = verdicts.map(({ time }) => time).sort((a, b) => a - b);
  const [from, to] = [times.at(0), times.at(-1)];
  const [first, last] = [fired.at(0)?.time, fired.at(-1)?.time];
  return {
    scans: verdicts.length,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    evaluated: evaluated.length,
    not_evaluated: [...reasons].map(([reason, list]) => ({
      reason,
      scans: list.map(({ scan_id }) => scan_id),
    })),
    fired: fired.length,
    alerts: sum(verdicts.map(({ alerts }) => alerts.length)),
    hits: sum(verdicts.map(({ rows }) => rows.length)),
    suppressed: sum(verdicts.map(({ suppressed }) => suppressed)),
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
    cost: {
      mean_ms: costs.length > 0 ? sum(costs) / costs.length : 0,
      max_ms,
      ...(slowest && { max_scan: slowest.scan_id }),
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
