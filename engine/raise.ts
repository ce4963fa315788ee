import { suppress, toAlert } from "../alerts/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Hit, HitChanges } from "../model/hits.ts";
import type { NotEvaluated } from "../model/verdict.ts";
import type { RuleState, SuppressionWindow } from "../model/rule_state.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Store } from "../store/mod.ts";
import { OPERATIONAL_WINDOW, pausedAlert, switchedOffAlert } from "./operational.ts";
import { unstoredWindows } from "./unstored_windows.ts";

/** Where alerts come from and go to. */
export interface RaiseContext {
  readonly store: Store;
  /** The scan that was judged. */
  readonly manifest: ScanManifest;
  readonly catalogue: Catalogue;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
}

/** What was raised. */
export interface Raised {
  readonly alerts: readonly Alert[];
  /** Hits that raised no alert because an earlier one stands for them. */
  readonly suppressed: number;
  /** What the store threw. The alerts were raised nevertheless: one too many is better than none. */
  readonly problem?: Error;
}

const NOTHING: Raised = { alerts: [], suppressed: 0 };

/**
 * Turns hits into alerts and stores them, each together with its suppression window, and with the last of them what the
 * detection goes on with.
 */
export async function raise(
  compiled: CompiledDetection,
  hits: readonly Hit[],
  duration_ms: number,
  state: HitChanges["state"],
  { store, manifest, catalogue, now }: RaiseContext,
): Promise<Raised> {
  const { host, platform, scan_id } = manifest;
  const alerts = hits.map(({ row, ...more }) =>
    toAlert(compiled, row, { host, platform, scan_id, now, duration_ms, catalogue, ...more })
  );
  return await storeHits(store, alerts, compiled.detection.meta.suppression.for, now, state);
}

/** Stores the hits of one detection that no window suppresses. */
async function storeHits(
  store: Store,
  hits: readonly Alert[],
  length: number,
  now: number,
  state?: HitChanges["state"],
): Promise<Raised> {
  if (hits.length === 0 && !state) return NOTHING;
  let problem: Error | undefined;
  const failed = (error: unknown) => void (problem = asError(error));
  const windows = await windowsOf(store, hits).catch(failed) ?? new Map<string, never>();
  const unstored = unstoredWindows(store);
  const open = unstored.of(hits, now);
  const standing = new Set([...open.values()].map(({ alert_id }) => alert_id));
  const { alerts, counts, suppressed } = suppress(
    hits,
    new Map([...windows, ...open]),
    length,
    now,
  );
  const changes = {
    alerts,
    // What is not stored has no count there.
    counts: counts.filter(({ alert_id }) => !standing.has(alert_id)),
    // A comparison goes on once the alert that stands for its hits is stored; until then it finds them again.
    ...(state && !(standing.size > 0 && state.state.differential) && { state }),
  };
  try {
    // Also where the windows are not known: whoever delivers alerts sees those that are committed.
    await store.commitHits(changes);
  } catch (error) {
    failed(error);
    unstored.add(alerts);
  }
  return { alerts: alerts.map(({ alert }) => alert), suppressed, ...(problem && { problem }) };
}

/** The windows that may swallow hits of one detection. */
async function windowsOf(
  store: Store,
  hits: readonly Alert[],
): Promise<ReadonlyMap<string, SuppressionWindow>> {
  const keys = new Set(hits.map(({ dedupe_key }) => dedupe_key));
  return hits.length > 0 ? await store.windows(hits[0]!.rule_id, [...keys]) : new Map();
}

/** Remembers how a detection fares, and tells when it is paused or switched off: `why` it was not evaluated, if it was not. */
export async function remember(
  compiled: CompiledDetection,
  state: RuleState,
  why: NotEvaluated | undefined,
  { store, manifest, now }: RaiseContext,
): Promise<Raised> {
  let problem: Error | undefined;
  try {
    await store.setRuleState(state);
  } catch (error) {
    problem = asError(error);
  }
  const { host, scan_id } = manifest;
  const at = { host, scan_id, now };
  const alert = why?.kind === "resource" && state.retry_after !== undefined
    ? pausedAlert(compiled, state, why.reason, at)
    : why?.kind === "error" && state.disabled_by === "failures"
    ? switchedOffAlert(compiled, state, at)
    : undefined;
  if (!alert) return { ...NOTHING, ...(problem && { problem }) };
  return {
    ...await storeHits(store, [alert], OPERATIONAL_WINDOW, now),
    ...(problem && { problem }),
  };
}

/** Stores an alert about the toolkit itself, unless the same was told a short while ago. */
export async function raiseOperational(store: Store, alert: Alert): Promise<Raised> {
  return await storeHits(store, [alert], OPERATIONAL_WINDOW, alert.alert_time);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
