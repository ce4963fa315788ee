import type { ScanManifest } from "../model/scan.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { Store } from "../store/mod.ts";
import type { FixtureCase, FixtureTable } from "./fixture.ts";

/** The host whose rows those of fixtures are. */
const HOST = "fixture";

/**
 * Stores the tables of a moment of a case as a scan.
 *
 * @param at ms since the epoch
 * @param events rows of tables that are not among these
 */
export async function storeTables(
  store: Store,
  { platform }: Pick<FixtureCase, "platform">,
  at: number,
  tables: ReadonlyMap<string, FixtureTable>,
  events: readonly RecordBatch[] = [],
): Promise<ScanManifest> {
  const writer = await store.beginScan({ host: HOST, platform, started: at });
  for (const [table, { batch, outcome }] of tables) {
    await writer.write(batch);
    await writer.endTable(table, at, outcome);
  }
  const happened = Map.groupBy(events, ({ table }) => table);
  for (const [table, batches] of happened) {
    if (tables.has(table)) continue;
    for (const batch of batches) await writer.write(batch);
    await writer.endTable(table, at, { status: "complete" });
  }
  return await writer.commit([], at);
}

/** Stores what a host has at the end of a case, and all events of it, as a scan. */
export async function storeCase(store: Store, fixture: FixtureCase): Promise<ScanManifest> {
  const { steps } = fixture;
  const tables = new Map(steps.flatMap((step) => [...step.tables]));
  const events = steps.flatMap((step) => step.events ?? []);
  return await storeTables(store, fixture, steps.at(-1)!.at, tables, events);
}
