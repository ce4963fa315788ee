import type { CollectorReport } from "./collection.ts";

/** What a scan did: the last line of `scan --format json`. */
export interface ScanSummary {
  readonly kind: "summary";
  readonly scan_id: number;
  readonly host: string;
  readonly duration_ms: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Detections that were to be evaluated. */
  readonly detections: number;
  /** Detections that matched at least one row. */
  readonly matched: number;
  readonly alerts: number;
  readonly suppressed: number;
  readonly not_evaluated: readonly { readonly rule_id: string; readonly reason: string }[];
  readonly partial: readonly {
    readonly rule_id: string;
    readonly evaluated: number;
    readonly of: number;
    readonly reason: string;
  }[];
  readonly collectors: readonly CollectorReport[];
}
