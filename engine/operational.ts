import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { RuleState } from "../model/rule_state.ts";

/** The detection id of alerts about the toolkit itself: what keeps it from watching. */
export const OPERATIONAL_RULE_ID = "daemoneye.operational";

/** How long the same operational problem is not told again, ms. */
export const OPERATIONAL_WINDOW = 3_600_000;

/** An alert that a detection is paused because it keeps exceeding limits: somebody may be making the noise on purpose. */
export function pausedAlert(
  { detection: { name, meta } }: CompiledDetection,
  state: RuleState,
  reason: string,
  { host, scan_id, now }: { readonly host: string; readonly scan_id: number; readonly now: number },
): Alert {
  return {
    kind: "alert",
    id: crypto.randomUUID(),
    alert_time: now,
    rule_id: OPERATIONAL_RULE_ID,
    rule_version: "1.0.0",
    title: `Detection ${name} is paused: ${reason}`,
    description:
      "A detection exceeded its limits several times in a row and is tried again after a pause. Until then " +
      "it does not watch. A host under load may be the cause, or somebody who makes noise to blind it.",
    severity: "high",
    tags: [],
    host,
    scan_id,
    affected_processes: [],
    process_count: 0,
    alert_data: {
      rule_id: meta.id,
      name,
      reason,
      failures: state.failures,
      retry_after: state.retry_after ?? null,
    },
    rule_execution_time_ms: 0,
    dedupe_key: JSON.stringify([OPERATIONAL_RULE_ID, "paused", meta.id]),
    suppressed_count: 0,
    evidence: [],
  };
}
