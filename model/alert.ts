import type { Severity } from "./detection.ts";

/** A value as JSON shows it; integers beyond 2^53 are strings. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The keys of the stored rows that an alert rests on. */
export interface Evidence {
  readonly scan_id: number;
  readonly table: string;
  /** Values of the table's key columns, where the result row carries them. */
  readonly key: Readonly<Record<string, JsonValue>>;
}

/** An alert: the shape that sinks deliver and `--format json` prints. */
export interface Alert {
  readonly kind: "alert";
  /** UUID. */
  readonly id: string;
  /** ms since the epoch. */
  readonly alert_time: number;
  readonly rule_id: string;
  readonly rule_version: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly tags: readonly string[];
  readonly host: string;
  readonly scan_id: number;
  /** Process ids of the row: `pid`, else `process_pid`. */
  readonly affected_processes: readonly number[];
  readonly process_count: number;
  /** The result row. */
  readonly alert_data: Readonly<Record<string, JsonValue>>;
  readonly rule_execution_time_ms: number;
  readonly dedupe_key: string;
  /** Hits that this alert stands for besides its own, so far. */
  readonly suppressed_count: number;
  readonly evidence: readonly Evidence[];
}
