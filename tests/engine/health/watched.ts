import { join } from "@std/path";
import { auditPath, openAuditLog } from "../../../audit/mod.ts";
import { type Health, type HealthOptions, openHealth } from "../../../engine/health/mod.ts";
import type { Clock } from "../../../collectors/core/restarts.ts";
import type { SinkInput } from "../../../sinks/mod.ts";
import type { Delivery } from "../../../engine/delivery/mod.ts";
import type { Alert } from "../../../model/alert.ts";
import { open, openAt } from "../delivery/support.ts";

/** A watch over a store. */
export interface Watched extends AsyncDisposable {
  /** The alerts that were stored. */
  readonly alerts: readonly Alert[];
  readonly delivery: Delivery;
  readonly health: Health;
}

/** Watches over a store in a folder, with delivery and audit log as an agent has them; gives the alerts as they are stored. */
export async function watched(
  folder: string,
  { to = [], clock, ...options }: Partial<HealthOptions> & {
    readonly to?: readonly SinkInput[];
    readonly clock?: Clock;
  } = {},
): Promise<Watched> {
  const state = join(folder, "state.kv");
  const store = await openAt(state);
  const audit = await openAuditLog({ path: auditPath(state), onProblem: () => {} });
  const delivery = await open(store, to, clock ? { clock } : {});
  const alerts: Alert[] = [];
  const health = openHealth({
    store: delivery.store,
    collectors: { statuses: () => [] },
    delivery,
    audit,
    state,
    sinks: [],
    host: "host-a",
    version: "1.0.0",
    onProblem: () => {},
    every: 50,
    ...options,
  }, (alert) => alerts.push(alert));
  return {
    alerts,
    delivery,
    health,
    async [Symbol.asyncDispose]() {
      await health[Symbol.asyncDispose]();
      await delivery.close();
      await audit.close();
      store.close();
    },
  };
}
