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
  /** The scan that keeps the row. */
  readonly scan_id: number;
  /** The table that the row is of. */
  readonly table: string;
  /** Values of the table's key columns, where the result row carries them. */
  readonly key: Readonly<Record<string, JsonValue>>;
}

/** That somebody has seen to an alert. */
export interface Acknowledgement {
  /** ms since the epoch. */
  readonly time: number;
  /** What was found, in words. */
  readonly note?: string;
}

/** An alert: the shape that sinks deliver and `--format json` prints. */
export interface Alert {
  /** Tells it from other lines of JSON output. */
  readonly kind: "alert";
  /** UUID. */
  readonly id: string;
  /** ms since the epoch. */
  readonly alert_time: number;
  /** Id of the detection. */
  readonly rule_id: string;
  /** Version of the detection. */
  readonly rule_version: string;
  /** The title template filled in, else the title of the detection. */
  readonly title: string;
  /** Description of the detection. */
  readonly description: string;
  /** Severity of the detection. */
  readonly severity: Severity;
  /** Tags of the detection. */
  readonly tags: readonly string[];
  /** Name of the host that the row was read on. */
  readonly host: string;
  /** The scan that the row belongs to. */
  readonly scan_id: number;
  /** Process ids of the row: `pid`, else `process_pid`. */
  readonly affected_processes: readonly number[];
  /** Number of affected processes. */
  readonly process_count: number;
  /** The result row. */
  readonly alert_data: Readonly<Record<string, JsonValue>>;
  /** How long the query ran, ms. */
  readonly rule_execution_time_ms: number;
  /** What makes two hits the same hit: canonical JSON. */
  readonly dedupe_key: string;
  /** Hits that this alert stands for besides its own, so far. */
  readonly suppressed_count: number;
  /** Keys of the stored rows behind it. */
  readonly evidence: readonly Evidence[];
  /** That somebody has seen to it; never known when it is delivered. */
  readonly acknowledged?: Acknowledgement;
}
