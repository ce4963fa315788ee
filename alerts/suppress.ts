import type { Alert } from "../model/alert.ts";
import type { HitChanges, OpenedAlert } from "../model/hits.ts";
import type { SuppressionWindow } from "../model/rule_state.ts";

/** What suppression makes of the hits of one evaluation. */
export interface SuppressedHits extends HitChanges {
  /** Hits that raised no alert of their own. */
  readonly suppressed: number;
}

/**
 * Decides which hits alert. Each key alerts once per window; the window runs from the alert that was emitted, and hits
 * within it are counted on that alert, also those of the same evaluation.
 *
 * A window that begins in the future was written before the clock was set back. It counts as ended: an alert too many is
 * better than silence until the clock has caught up. Nor does a window last longer than `length` does by now, so that a
 * detection whose window is made shorter is heard again at once; one that is made longer takes effect with the next alert.
 *
 * @param hits alerts as they would be without suppression, all of one detection
 * @param windows the newest window of each key
 * @param length of a window, ms
 * @param now ms since the epoch
 */
export function suppress(
  hits: readonly Alert[],
  windows: ReadonlyMap<string, SuppressionWindow>,
  length: number,
  now: number,
): SuppressedHits {
  const opened = new Map<string, OpenedAlert>();
  const counts = new Map<string, number>();
  for (const hit of hits) {
    const window = windows.get(hit.dedupe_key);
    const mine = opened.get(hit.dedupe_key);
    if (mine) {
      const alert = { ...mine.alert, suppressed_count: mine.alert.suppressed_count + 1 };
      opened.set(hit.dedupe_key, { ...mine, alert });
    } else if (window && isOpen(window, length, now)) {
      counts.set(window.alert_id, (counts.get(window.alert_id) ?? window.suppressed_count) + 1);
    } else opened.set(hit.dedupe_key, { alert: hit, until: now + length });
  }
  return {
    alerts: [...opened.values()],
    counts: [...counts].map(([alert_id, suppressed_count]) => ({ alert_id, suppressed_count })),
    suppressed: hits.length - opened.size,
  };
}

function isOpen({ since, until }: SuppressionWindow, length: number, now: number): boolean {
  return since <= now && now < Math.min(until, since + length);
}
