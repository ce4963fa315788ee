import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { RuleState } from "../model/rule_state.ts";
import type { Store } from "../store/mod.ts";
import type { DetectionRun } from "./detect.ts";
import { BEAT } from "./event_lanes.ts";
import { type OperationalContext, slowedAlert } from "./operational.ts";
import { raiseOperational } from "./raise.ts";
import { currentState } from "./rule_health.ts";
import type { Timetable } from "./schedule.ts";
import { NOTHING_SPENT, slowedState, spend, type Spending } from "./schedule_budget.ts";
import { type Clock, HOST_CLOCK } from "./schedule_clock.ts";

/** A scan or events that detections were run on. */
export type RunAt = Pick<OperationalContext, "host" | "scan_id">;

/** Sees to it that no detection takes more time than it may. */
export interface Budgets {
  /** Slows and suspends detections by what they took in a scan; gives the alerts that tell of it, which are stored. */
  afterScan(runs: readonly DetectionRun[], at: RunAt): Promise<readonly Alert[]>;
  /** The same by what detections in events mode took for events; those come whenever they like. */
  afterEvents(runs: readonly DetectionRun[], at: RunAt): Promise<readonly Alert[]>;
  /** How many times as seldom a detection runs as it asks. */
  factor(rule_id: string): number;
  /** Goes on with these detections and no others. One that has changed begins anew: the change may have been the cure. */
  keep(detections: readonly CompiledDetection[]): void;
}

/** By what time events are weighed: what detections took for them is a share of so many ms, or more. */
const WINDOW = 10_000;

/** What a run took of a time, both ms; `beat`: see {@linkcode slowedState}. */
interface Used {
  readonly took: number;
  readonly period: number;
  readonly beat?: number;
}

/**
 * Goes on from what the store remembers.
 *
 * @param options `share`: see {@linkcode AgentOptions.share}
 */
export async function keepBudgets(
  { store, timetable, share = Infinity, clock = HOST_CLOCK }: {
    readonly store: Store;
    readonly timetable: Pick<Timetable, "slow">;
    readonly share?: number;
    readonly clock?: Clock;
  },
): Promise<Budgets> {
  const spent = new Map<string, Spending & { readonly digest: string }>();
  /** What was taken for events since a moment of the clock. */
  const windows = new Map<string, { since: number; took: number }>();
  for (const { rule_id, digest, slowed } of await store.ruleStates()) {
    if (!slowed) continue;
    spent.set(rule_id, { ...NOTHING_SPENT, factor: slowed.factor, digest });
    timetable.slow(rule_id, slowed.factor);
  }

  const factor = (rule_id: string) => spent.get(rule_id)?.factor ?? 1;

  /** Draws the conclusion from what a detection took of a time; an alert where it is slowed or suspended. */
  async function settle(
    compiled: CompiledDetection,
    { took, period, beat }: Used,
    at: RunAt,
  ): Promise<readonly Alert[]> {
    const { digest, detection: { meta } } = compiled;
    const known = spent.get(meta.id);
    // What it took before it was changed counts for nothing.
    const before = known?.digest === digest ? known : NOTHING_SPENT;
    // For events the time is what went by; for runs what the detection asks for.
    const used = took / period * (beat === undefined ? 1 : before.factor);
    const after = spend(before, used, share);
    spent.set(meta.id, { ...after, digest });
    if (beat === undefined) timetable.slow(meta.id, after.factor);
    if (after.factor === (known?.factor ?? 1) && !after.suspend) return [];
    const now = Date.now();
    const state: RuleState = currentState(await store.ruleState(meta.id), meta.id, digest);
    const told = { took, period, share, ...(beat !== undefined && { beat }) };
    const next = slowedState(state, after, told, now);
    await store.setRuleState(next);
    if (after.factor < before.factor) return [];
    return (await raiseOperational(store, slowedAlert(compiled, next, { ...at, now }))).alerts;
  }

  return {
    async afterScan(runs, at) {
      const alerts: Alert[] = [];
      for (const { compiled, evaluation } of runs) {
        const period = compiled.detection.meta.schedule.every;
        if (evaluation.status !== "evaluated" || period === undefined) continue;
        alerts.push(...await settle(compiled, { took: evaluation.result.duration_ms, period }, at));
      }
      return alerts;
    },
    async afterEvents(runs, at) {
      const alerts: Alert[] = [];
      for (const { compiled, evaluation } of runs) {
        if (evaluation.status !== "evaluated") continue;
        const { id } = compiled.detection.meta;
        const { duration_ms } = evaluation.result;
        const now = clock.elapsed();
        const { since, took: before } = windows.get(id) ?? { since: now - duration_ms, took: 0 };
        const took = before + duration_ms;
        windows.set(id, { since, took });
        const period = Math.max(now - since, WINDOW);
        // What has taken too much already does not go on until the time is over.
        if (now - since < WINDOW && took <= share * WINDOW) continue;
        windows.delete(id);
        alerts.push(...await settle(compiled, { took, period, beat: BEAT }, at));
      }
      return alerts;
    },
    factor,
    keep(detections) {
      const digests = new Map(
        detections.map(({ digest, detection }) => [detection.meta.id, digest]),
      );
      for (const [id, { digest, factor }] of spent) {
        const now = digests.get(id);
        // What is slowed is so still where it comes back as it was.
        if (now === digest || now === undefined && factor > 1) continue;
        spent.delete(id);
        windows.delete(id);
      }
      for (const id of windows.keys()) if (!digests.has(id)) windows.delete(id);
      for (const id of digests.keys()) timetable.slow(id, factor(id));
    },
  };
}
