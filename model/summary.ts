import type { CollectorReport } from "./collection.ts";

/** What a scan did: the last line of `scan --format json`. */
export interface ScanSummary {
  /** Tells it from other lines of JSON output. */
  readonly kind: "summary";
  /** Id of the scan. */
  readonly scan_id: number;
  /** Name of the host. */
  readonly host: string;
  /** How long it took, ms. */
  readonly duration_ms: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Detections that were to be evaluated. */
  readonly detections: number;
  /** Detections that matched at least one row. */
  readonly matched: number;
  /** Alerts raised. */
  readonly alerts: number;
  /** Hits that raised no alert because an earlier one stands for them. */
  readonly suppressed: number;
  /** Detections that could not be judged, and why. */
  readonly not_evaluated: readonly { readonly rule_id: string; readonly reason: string }[];
  /** Detections that were judged on part of the rows, and why. */
  readonly partial: readonly {
    readonly rule_id: string;
    readonly evaluated: number;
    readonly of: number;
    readonly reason: string;
  }[];
  /** Agent: runs that were left out because they were due while something else went on. Absent where none was. */
  readonly skipped?: readonly { readonly rule_id: string; readonly count: number }[];
  /** Agent: events that detections in events mode have not judged, because they rested or were too slow. Absent for none. */
  readonly missed?: readonly { readonly rule_id: string; readonly events: number }[];
  /** Agent: intervals are so many times as long as they should be, because memory is scarce. Absent where they are not. */
  readonly stretched?: number;
  /** What each collector did. */
  readonly collectors: readonly CollectorReport[];
}
