import { assertEquals } from "@std/assert";
import { operationalAlert } from "../../engine/operational.ts";
import { raise, raiseOperational } from "../../engine/raise.ts";
import type { HitChanges } from "../../model/hits.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type Store, StoreError } from "../../store/mod.ts";
import { batchOf, detectionOf, NOW, openMemoryStore, storeScan } from "./support.ts";

const MINUTE = 60_000;

/** A store on a disk that may be full, and what was told of alerts that it did not take. */
function onDisk(store: Store): Store & { full: boolean; counted: number; readonly told: string[] } {
  const disk = {
    ...store,
    full: true,
    counted: 0,
    told: [] as string[],
    async commitHits(changes: HitChanges) {
      disk.counted += changes.counts.length;
      if (!disk.full) return await store.commitHits(changes);
      disk.told.push(...changes.alerts.map(({ alert }) => alert.title));
      throw new StoreError("full", "the disk is full");
    },
  };
  return disk;
}

const problemAt = (now: number, name = "disk") =>
  operationalAlert(
    { key: [name], title: name, description: "", severity: "high", data: {} },
    { host: "host-a", scan_id: 1, now },
  );

Deno.test("raiseOperational() does not tell at every look what the store does not take", async () => {
  using store = await openMemoryStore();
  const disk = onDisk(store);
  for (let look = 0; look < 12; look++) {
    const { suppressed } = await raiseOperational(disk, problemAt(NOW + look * 5_000));
    assertEquals(suppressed, look === 0 ? 0 : 1);
  }
  await raiseOperational(disk, problemAt(NOW + MINUTE, "audit"));
  assertEquals(disk.told, ["disk", "audit"]);
});

Deno.test("raiseOperational() tries again after ten minutes what the store has not taken", async () => {
  using store = await openMemoryStore();
  const disk = onDisk(store);
  await raiseOperational(disk, problemAt(NOW));
  disk.full = false;
  await raiseOperational(disk, problemAt(NOW + 9 * MINUTE));
  assertEquals(await Array.fromAsync(store.alerts()), []);
  assertEquals(disk.counted, 0, "the store knows no such alert");
  await raiseOperational(disk, problemAt(NOW + 11 * MINUTE));
  await raiseOperational(disk, problemAt(NOW + 22 * MINUTE));
  const alerts = await Array.fromAsync(store.alerts());
  assertEquals(alerts.map(({ suppressed_count }) => suppressed_count), [1]);
});

Deno.test("raise() lets no comparison go on before the alert that stands for its hits is stored", async () => {
  using store = await openMemoryStore();
  const disk = onDisk(store);
  const manifest = await storeScan(store, [[batchOf("processes", [{ pid: 1, name: "a" }])]]);
  const compiled = detectionOf("SELECT name FROM processes", "suppression: { for: 1h }");
  const { id } = compiled.detection.meta;
  const states = {
    differential: { at: NOW, differential: { digest: "", present: [], gone: [] } },
    threshold: { at: NOW, threshold: { digest: "", events: 1, groups: [] } },
  };
  const run = (after: number, kind: keyof typeof states) =>
    raise(compiled, [{ row: ["a"] }], 1, { rule_id: id, state: states[kind] }, {
      store: disk,
      manifest,
      catalogue: CATALOGUE,
      now: NOW + after,
    });
  assertEquals((await run(0, "differential")).alerts.length, 1);
  disk.full = false;
  assertEquals((await run(MINUTE, "differential")).suppressed, 1);
  assertEquals(await store.evaluationState(id), null);
  await run(2 * MINUTE, "threshold");
  assertEquals(await store.evaluationState(id), states.threshold);
  assertEquals((await run(11 * MINUTE, "differential")).alerts.length, 1);
  assertEquals(await store.evaluationState(id), states.differential);
  assertEquals((await Array.fromAsync(store.alerts())).length, 1);
});
