import type { Delivery, DeliveryOptions } from "../../../engine/delivery/mod.ts";
import { openDelivery } from "../../../engine/delivery/mod.ts";
import type { Alert } from "../../../model/alert.ts";
import { type SinkInput, sinkList } from "../../../sinks/mod.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { openStore, type Store } from "../../../store/mod.ts";
import { alertOf } from "../../sinks/support.ts";

export function openMemory(): Promise<Store> {
  return openAt(":memory:");
}

export function openAt(path: string): Promise<Store> {
  return openStore({ path, mode: "write", holder: "a test", catalogue: CATALOGUE });
}

/** Opens delivery as a configuration describes it. */
export function open(
  store: Store,
  sinks: readonly SinkInput[],
  more: Partial<DeliveryOptions> = {},
): Promise<Delivery> {
  return openDelivery({ store, sinks: sinkList.parse(sinks), onProblem: () => {}, ...more });
}

/** Commits alerts with these ids, each under a key of its own. */
export async function commit(
  store: Store,
  ids: readonly string[],
  fields: Partial<Alert> = {},
): Promise<void> {
  const alerts = ids.map((id) => ({
    alert: alertOf({ id, alert_time: Date.now(), dedupe_key: id, ...fields }),
    until: 0,
  }));
  await store.commitHits({ alerts, counts: [] });
}
