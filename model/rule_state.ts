/** What is remembered of a detection between runs. */
export interface RuleState {
  readonly rule_id: string;
  /** Off by an operator's word or after repeated failures. */
  readonly enabled: boolean;
  /** Why it is off. */
  readonly disabled_reason?: string;
  /** Whose doing that is: an operator's word outlasts a change of the detection, failures do not. */
  readonly disabled_by?: "operator" | "failures";
  /** Failures in a row. */
  readonly failures: number;
  /** After a resource limit: not before this time (ms since the epoch). */
  readonly retry_after?: number;
  /** It runs so many times as seldom as it asks, because it takes more time than it may; why, in words. Absent for 1. */
  readonly slowed?: { readonly factor: number; readonly reason: string };
  /** Events that it has not judged while it rested, or was too slow for them. */
  readonly missed?: number;
  /** The digest of the detection that the state belongs to; another digest begins anew. */
  readonly digest: string;
}

/** The open window of a deduplication key. */
export interface SuppressionWindow {
  readonly alert_id: string;
  /** Time of the alert that opened the window, and when it ends, ms since the epoch. */
  readonly since: number;
  readonly until: number;
  readonly suppressed_count: number;
}
