import { type AuditLog, type Crash, sha256 } from "../audit/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { CollectorReport } from "../model/collection.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { RuleState } from "../model/rule_state.ts";
import type { Store, StoreReader } from "../store/mod.ts";
import type { Change } from "./reload.ts";

/** The same store; alerts, and what becomes of detections, are written to the audit log before anyone is told of them. */
export function withAudit(store: Store, log: AuditLog): Store {
  return {
    ...store,
    async commitHits(changes) {
      await store.commitHits(changes);
      await Promise.all(
        changes.alerts.map(({ alert }) => log.append("alert", entryOf(alert))),
      );
    },
    async setRuleState(state) {
      const before = await store.ruleState(state.rule_id);
      await store.setRuleState(state);
      if (standing(before) === standing(state)) return;
      const { rule_id, enabled, disabled_by, disabled_reason, slowed, retry_after } = state;
      const missed = state.missed ?? before?.missed;
      await log.append("rule_state", {
        rule_id,
        enabled,
        ...(disabled_by && { disabled_by }),
        ...(disabled_reason !== undefined && { reason: shortened(disabled_reason) }),
        ...(slowed && { slowed: slowed.factor, reason: slowed.reason }),
        ...(retry_after !== undefined && { retry_after }),
        ...(missed !== undefined && { missed }),
      });
    },
  };
}

function entryOf({ id, rule_id, severity, dedupe_key }: Alert) {
  return { id, rule_id, severity, dedupe_key: shortened(dedupe_key) };
}

/**
 * Enters alerts that are stored and that a log does not tell of, because its writer was killed between the two.
 *
 * @throws {StoreError} where the alerts cannot be read
 */
export async function auditRest(
  store: Pick<StoreReader, "alerts">,
  log: AuditLog,
  { since, alerts }: Crash,
): Promise<void> {
  const entering: Promise<void>[] = [];
  for await (const alert of store.alerts({ since })) {
    if (!alerts.has(alert.id)) {
      entering.push(log.append("alert", { ...entryOf(alert), late: true }));
    }
  }
  await Promise.all(entering);
}

/** Characters of what a host or an author can make long. */
const MAX_TEXT = 2_000;

function shortened(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}… sha256 ${sha256(new TextEncoder().encode(text))}`;
}

/** What of a state decides whether, and how often, a detection runs. */
function standing(state: RuleState | null): string {
  const { enabled = true, disabled_by = null, slowed, retry_after } = state ?? {};
  return JSON.stringify([enabled, disabled_by, slowed?.factor ?? 1, retry_after !== undefined]);
}

/** Writes down which detections are in force: the digest of each, and one of all. */
export async function auditDetections(
  log: AuditLog,
  detections: readonly CompiledDetection[],
): Promise<void> {
  const each = detections.map(({ digest, detection: { meta } }) => ({ id: meta.id, digest }))
    .sort((a, b) => a.id < b.id ? -1 : 1);
  const digest = sha256(each.map(({ id, digest }) => `${id} ${digest}\n`).join(""));
  await log.append("detections", { digest, count: each.length, detections: each });
}

/** Writes down a change before it is passed on, also one that is refused. */
export async function* auditChanges(
  log: AuditLog,
  changes: AsyncIterable<Change>,
): AsyncGenerator<Change> {
  for await (const change of changes) {
    if ("detections" in change) await auditDetections(log, change.detections);
    else {
      const faults = change.faults.slice(0, 10);
      await log.append("configuration", { refused: change.reason, faults });
    }
    yield change;
  }
}

/** Writes down which configuration is in force. Of the settings only the digest is kept: they may hold secrets. */
export async function auditConfiguration(
  log: AuditLog,
  file: string | undefined,
  settings: unknown,
): Promise<void> {
  await log.append("configuration", {
    file: file ?? null,
    digest: sha256(JSON.stringify(settings)),
  });
}

/** Writes down that a collector has started, and how it is confined. */
export async function auditCollector(log: AuditLog, report: CollectorReport): Promise<void> {
  const { name, confinement, confinement_reason: reason, lacks = [], restarts = 0 } = report;
  await log.append("collector", {
    name,
    confinement,
    ...(reason !== undefined && { reason: shortened(reason) }),
    lacks: lacks.map(shortened),
    restarts,
  });
}
