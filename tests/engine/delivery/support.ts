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

/**
 * The processes for sinks and for health that were started with a word; tests of several files run in one process, each
 * with its own.
 */
export async function childrenWith(word: string): Promise<number[]> {
  const args = [
    "-P",
    String(Deno.pid),
    "-f",
    `${word}.*engine/(delivery/child|health/server)\\.ts`,
  ];
  const { stdout } = await new Deno.Command("pgrep", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}
