import type { Alert } from "./alert.ts";
import type { SuppressionWindow } from "./rule_state.ts";

/** An alert to be stored, together with the suppression window that it opens. */
export interface OpenedAlert {
  /** Its `suppressed_count` is the number of hits that fell together with it from the start. */
  readonly alert: Alert;
  /** When the window ends, ms since the epoch; it begins at the alert's time. */
  readonly until: number;
}

/** What the hits of a detection change: alerts raised, and hits counted on windows that were open already. */
export interface HitChanges {
  /** New alerts in the order in which they are to be told. */
  readonly alerts: readonly OpenedAlert[];
  /** How many hits an earlier alert now stands for besides its own. */
  readonly counts: readonly { readonly alert_id: string; readonly suppressed_count: number }[];
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
