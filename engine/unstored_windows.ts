import { sha256 } from "../audit/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { OpenedAlert } from "../model/hits.ts";
import type { SuppressionWindow } from "../model/rule_state.ts";
import type { Store } from "../store/mod.ts";

/**
 * Windows of alerts that could not be stored. On a disk that takes nothing what goes on would otherwise be told at every
 * look, and what is told from memory has room for so much only.
 */
export interface UnstoredWindows {
  /** Those that are open for hits of a detection, by deduplication key; `now` in ms since the epoch. */
  of(hits: readonly Alert[], now: number): Map<string, SuppressionWindow>;
  /** Remembers alerts that were told and could not be stored. */
  add(opened: readonly OpenedAlert[]): void;
}

/** They last no longer, ms: the next hit is to be stored, which the disk may allow by then. */
const LONGEST = 600_000;

/** So many are remembered; the oldest are forgotten. */
const MOST = 10_000;

const remembered = new WeakMap<Store, UnstoredWindows>();

/** The windows that a store lacks, as long as this process lives. */
export function unstoredWindows(store: Store): UnstoredWindows {
  const known = remembered.get(store) ?? remember();
  remembered.set(store, known);
  return known;
}

function remember(): UnstoredWindows {
  const windows = new Map<string, SuppressionWindow>();
  return {
    of(hits, now) {
      const open = new Map<string, SuppressionWindow>();
      if (windows.size === 0) return open;
      for (const hit of hits) {
        const window = windows.get(keyOf(hit));
        if (window && window.since <= now && now < window.until) open.set(hit.dedupe_key, window);
      }
      return open;
    },
    add(opened) {
      for (const { alert, until } of opened) {
        const { id: alert_id, alert_time: since } = alert;
        windows.delete(keyOf(alert));
        windows.set(keyOf(alert), {
          alert_id,
          since,
          until: Math.min(until, since + LONGEST),
          suppressed_count: 0,
        });
      }
      while (windows.size > MOST) windows.delete(windows.keys().next().value!);
    },
  };
}

/** Of one length, whatever the host has made of the deduplication key. */
function keyOf({ rule_id, dedupe_key }: Alert): string {
  return sha256(JSON.stringify([rule_id, dedupe_key]));
}
