import type { Cell } from "../schema/batch.ts";
import type { Alert } from "./alert.ts";
import type { EvaluationState } from "./evaluation_state.ts";
import type { SuppressionWindow } from "./rule_state.ts";

/** How a row of a differential detection differs from the run before. */
export type Change = "added" | "removed";

/** What a threshold says of the hits that it counted; times in ms since the epoch. */
export interface Counted {
  /** How many distinct values were seen in the window. */
  readonly count: number;
  /** When the first hit of the window was seen. */
  readonly first_time: number;
  /** When the last one was. */
  readonly last_time: number;
}

/** A row that alerts unless a suppression window is open for it. */
export interface Hit {
  /** Values in the order of the result's columns. */
  readonly row: readonly Cell[];
  /** The scan that keeps the row, where it is not the one that was judged. */
  readonly row_scan_id?: number;
  /** In mode differential. */
  readonly change?: Change;
  /** With a threshold; the row is the last one counted. */
  readonly counted?: Counted;
}

/** An alert to be stored, together with the suppression window that it opens. */
export interface OpenedAlert {
  /** Its `suppressed_count` is the number of hits that fell together with it from the start. */
  readonly alert: Alert;
  /** When the window ends, ms since the epoch; it begins at the alert's time. */
  readonly until: number;
  /** Names of the sinks that are to be told of it; each finds it in its outbox. */
  readonly sinks?: readonly string[];
}

/** What the hits of a detection change: alerts raised, and hits counted on windows that were open already. */
export interface HitChanges {
  /** New alerts in the order in which they are to be told. */
  readonly alerts: readonly OpenedAlert[];
  /** How many hits an earlier alert now stands for besides its own. */
  readonly counts: readonly { readonly alert_id: string; readonly suppressed_count: number }[];
  /** What the detection goes on with: durable only after its alerts are, so that none is lost in between. */
  readonly state?: { readonly rule_id: string; readonly state: EvaluationState };
}

/** Where suppression windows are remembered and alerts are kept; what `alerts/` needs of a store. */
export interface HitStore {
  /** The newest window of each deduplication key, open or not; keys without one are absent. */
  windows(
    rule_id: string,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, SuppressionWindow>>;
  /** Makes the changes durable. An alert and its window are stored together or not at all. */
  commitHits(changes: HitChanges): Promise<void>;
}
