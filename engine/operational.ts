import type { Alert, JsonValue } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Severity } from "../model/detection.ts";
import type { RuleState } from "../model/rule_state.ts";

/** The detection id of alerts about the toolkit itself: what keeps it from watching. */
export const OPERATIONAL_RULE_ID = "daemoneye.operational";

/** How long the same operational problem is not told again, ms. */
export const OPERATIONAL_WINDOW = 3_600_000;

/** Where and when something went wrong. */
export interface OperationalContext {
  /** Name of the host. */
  readonly host: string;
  /** The newest scan; 0 before the first. */
  readonly scan_id: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** What keeps the toolkit from watching as it should. */
export interface OperationalProblem {
  /** Tells it from other problems: it is told once in a while, not each time. */
  readonly key: readonly string[];
  /** In a line. */
  readonly title: string;
  /** What that means, and what may be the cause. */
  readonly description: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** What else is known. */
  readonly data: Readonly<Record<string, JsonValue>>;
}

/** The alert of an operational problem. */
export function operationalAlert(
  { key, data, ...told }: OperationalProblem,
  { host, scan_id, now }: OperationalContext,
): Alert {
  return {
    kind: "alert",
    id: crypto.randomUUID(),
    alert_time: now,
    rule_id: OPERATIONAL_RULE_ID,
    rule_version: "1.0.0",
    ...told,
    tags: [],
    host,
    scan_id,
    affected_processes: [],
    process_count: 0,
    alert_data: data,
    rule_execution_time_ms: 0,
    dedupe_key: JSON.stringify([OPERATIONAL_RULE_ID, ...key]),
    suppressed_count: 0,
    evidence: [],
  };
}

/** Whether an alert says of a sink that it does not take alerts, so that it would but wait for it. */
export function isAgainst({ rule_id, alert_data: { sink, state } }: Alert, name: string): boolean {
  return rule_id === OPERATIONAL_RULE_ID && sink === name && state !== "back";
}

/** An alert that a detection is paused because it keeps exceeding limits: somebody may be making the noise on purpose. */
export function pausedAlert(
  { detection: { name, meta } }: CompiledDetection,
  { failures, retry_after }: RuleState,
  reason: string,
  context: OperationalContext,
): Alert {
  return operationalAlert({
    key: ["paused", meta.id],
    title: `Detection ${name} is paused: ${reason}`,
    description:
      "A detection exceeded its limits several times in a row and is tried again after a pause. Until then " +
      "it does not watch. A host under load may be the cause, or somebody who makes noise to blind it.",
    severity: "high",
    data: { rule_id: meta.id, name, reason, failures, retry_after: retry_after ?? null },
  }, context);
}

/** An alert that a detection is switched off because it keeps failing: nobody watches for it any more. */
export function switchedOffAlert(
  { detection: { name, meta } }: CompiledDetection,
  { failures, disabled_reason }: RuleState,
  context: OperationalContext,
): Alert {
  return operationalAlert({
    key: ["switched_off", meta.id],
    title: `Detection ${name} is switched off: it ${disabled_reason}`,
    description:
      "A detection could not be evaluated several times in a row and is tried no more. It runs again once its file is " +
      "changed, or after daemoneye rules enable.",
    severity: "high",
    data: { rule_id: meta.id, name, reason: disabled_reason ?? null, failures },
  }, context);
}

/** An alert that a detection takes more time than it may: it runs more seldom now, or rests for a while. */
export function slowedAlert(
  { detection: { name, meta } }: CompiledDetection,
  { slowed, retry_after }: RuleState,
  context: OperationalContext,
): Alert {
  const suspended = retry_after !== undefined;
  return operationalAlert({
    key: [suspended ? "suspended" : "slowed", meta.id],
    title: `Detection ${name} is ${suspended ? "suspended" : "slowed"}: ${slowed?.reason}`,
    description: suspended
      ? "A detection takes more time than it may even though it already runs as seldom as possible. It is tried again " +
        "after a pause. Until then it does not watch."
      : "A detection takes more time than it may. It runs more seldom until it takes less.",
    severity: suspended ? "high" : "medium",
    data: {
      rule_id: meta.id,
      name,
      reason: slowed?.reason ?? null,
      factor: slowed?.factor ?? null,
      retry_after: retry_after ?? null,
    },
  }, context);
}

/** What it means that the rows of a scan could not be stored. */
export function unstoredProblem(reason: string): OperationalProblem {
  return {
    key: ["unstored"],
    title: `The rows of a scan are not stored: ${reason}`,
    description:
      "The scan was judged, and its alerts go out, but what was collected is not kept: later nobody can look at it, and " +
      "detections that look back miss it. Make room on the disk of the store, or let it be written.",
    severity: "high",
    data: { reason },
  };
}

/** What it means that a scan came to nothing. */
export function failedScanProblem(reason: string): OperationalProblem {
  return {
    key: ["scan", "failed"],
    title: `A scan failed: ${reason}`,
    description:
      "Its detections were not evaluated. They are tried again when they are due next; until a scan succeeds they see " +
      "nothing. A store that cannot be read or written may be the cause.",
    severity: "high",
    data: { reason },
  };
}

/** What it means that the events of a table do not come. */
export function unwatchedProblem(table: string, reason: string): OperationalProblem {
  return {
    key: ["unwatched", table],
    title: `Events of ${table} do not come: ${reason}`,
    description:
      "Its collector cannot watch on this host as it is now; it is asked again at least every minute. Detections on " +
      "these events see nothing meanwhile. daemoneye collectors tells what the collector lacks.",
    severity: "high",
    data: { table, reason },
  };
}

/** What it means that collectors are held by less than on other hosts; why, in words. */
export function unconfinedProblem(reason: string): OperationalProblem {
  return {
    key: ["unconfined"],
    title: `Collectors are less confined than they could be: ${reason}`,
    description:
      "They read a host that may be hostile, and who takes one over can do more than read. Everything is watched all the " +
      "same. A container, or a service file that takes capabilities away, may be the cause. daemoneye collectors tells " +
      "what holds each of them.",
    severity: "medium",
    data: { reason },
  };
}

/** What it means that a store is larger than it may be. */
export function oversizeProblem(bytes: number): OperationalProblem {
  return {
    key: ["oversize"],
    title: `The store is ${Math.ceil(bytes / 1e6)} MB larger than it may be`,
    description:
      "All scans but the newest are removed, and still the store takes more of the disk than `retention.size` allows. " +
      "Alerts and what detections remember are kept nevertheless: allow more, keep alerts for a shorter time, or find " +
      "out what makes so many of them.",
    severity: "medium",
    data: { bytes },
  };
}
