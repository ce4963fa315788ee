import type { Alert } from "../model/alert.ts";
import type { RuleState } from "../model/rule_state.ts";
import type { Store } from "../store/mod.ts";
import { slowedAlert } from "./operational.ts";
import { raiseOperational } from "./raise.ts";
import { currentState } from "./rule_health.ts";
import type { ScanResult } from "./scan.ts";
import type { Timetable } from "./schedule.ts";
import { NOTHING_SPENT, slowedState, spend, type Spending } from "./schedule_budget.ts";

/** Sees to it that no detection takes more time than it may. */
export interface Budgets {
  /** Slows and suspends detections by what they took in a scan; gives the alerts that tell of it, which are stored. */
  afterScan(result: ScanResult): Promise<readonly Alert[]>;
}

/**
 * Goes on from what the store remembers.
 *
 * @param options `share`: see {@linkcode AgentOptions.share}
 */
export async function keepBudgets(
  { store, timetable, share = Infinity }: {
    readonly store: Store;
    readonly timetable: Timetable;
    readonly share?: number;
  },
): Promise<Budgets> {
  const spent = new Map<string, Spending & { readonly digest: string }>();
  for (const { rule_id, digest, slowed } of await store.ruleStates()) {
    if (!slowed) continue;
    spent.set(rule_id, { ...NOTHING_SPENT, factor: slowed.factor, digest });
    timetable.slow(rule_id, slowed.factor);
  }
  return {
    async afterScan({ runs, manifest }) {
      const alerts: Alert[] = [];
      for (const { compiled, evaluation } of runs) {
        const { digest, detection: { meta } } = compiled;
        const period = meta.schedule.every;
        if (evaluation.status !== "evaluated" || period === undefined) continue;
        const known = spent.get(meta.id);
        // A change of the detection may have been the cure.
        const before = known?.digest === digest ? known : NOTHING_SPENT;
        const took = evaluation.result.duration_ms;
        const after = spend(before, took / period, share);
        spent.set(meta.id, { ...after, digest });
        timetable.slow(meta.id, after.factor);
        if (after.factor === (known?.factor ?? 1) && !after.suspend) continue;
        const now = Date.now();
        const state: RuleState = currentState(await store.ruleState(meta.id), meta.id, digest);
        const next = slowedState(state, after, { took, period, share }, now);
        await store.setRuleState(next);
        if (after.factor < before.factor) continue;
        const at = { host: manifest.host, scan_id: manifest.scan_id, now };
        const told = await raiseOperational(store, slowedAlert(compiled, next, at));
        alerts.push(...told.alerts);
      }
      return alerts;
    },
  };
}
