import { encode } from "./codec.ts";
import { alertRange, readAlert } from "./alerts.ts";
import type { Database, Mutation } from "./database.ts";
import { readState, removalOf } from "./evaluation_states.ts";
import { HASH_LIFETIME } from "./hash_cache.ts";
import {
  acknowledgedKey,
  alertTimeKey,
  evaluationKey,
  hashesKey,
  scansKey,
  suppressedKey,
  unfinishedAlertKey,
  unfinishedScanKey,
  windowKey,
} from "./keys.ts";
import { toldOf } from "./outbox.ts";
import { readRecord } from "./records.ts";
import { unlessFull } from "./reserve.ts";
import { readScan } from "./scans.ts";
import type { SpaceKeeper } from "./space.ts";
import { sweep } from "./sweep.ts";

/** What is to be kept; without a field there is no such limit. */
export interface Retention {
  /** Scans and alerts that are not older, in ms. */
  readonly age?: number;
  /** So many scans, the newest. */
  readonly count?: number;
  /** So many bytes of the disk: the oldest scans go. Nothing else goes for it, whatever it takes. */
  readonly size?: number;
  /** The scan with this id and all later ones, whatever else is said: somebody reads them. */
  readonly needed?: number;
}

/** What was removed. */
export interface Removed {
  /** Scans with their rows. */
  readonly scans: number;
  /** Alerts with their windows. */
  readonly alerts: number;
  /** States of detections that were not evaluated for so long: they are gone, or what they remember is worth nothing. */
  readonly states: number;
  /** Hashes of files. */
  readonly hashes: number;
  /** Bytes that the disk has got back. */
  readonly freed: number;
  /** Bytes by which the store is too large although only the latest scan is left. */
  readonly excess: number;
}

/** See {@linkcode Store.retain}. */
export async function retain(
  database: Database,
  { age = Infinity, count = Infinity, size = Infinity, needed = Infinity }: Retention,
  now: number,
  space?: SpaceKeeper,
  onProgress?: (text: string) => void,
): Promise<Removed> {
  const alerts = await removeAlerts(database, now - age, now);
  const states = await removeStates(database, now - age);
  const hashes = await removeHashes(database, now - HASH_LIFETIME);
  const excess = () => Math.max(0, (space?.measure().used ?? 0) - size);
  const scans = await removeScans(
    database,
    { before: now - age, keep: count, needed, isTooLarge: () => excess() > 0 },
    onProgress,
  );
  let freed = 0;
  // Moving pages takes room at first; where there is none it is done another time.
  await unlessFull(async () => {
    freed = await space?.shrink(size, onProgress) ?? 0;
  });
  return { scans, alerts, states, hashes, freed, excess: excess() };
}

async function removeScans(
  database: Database,
  { before, keep, needed, isTooLarge }: {
    readonly before: number;
    readonly keep: number;
    readonly needed: number;
    readonly isTooLarge: () => boolean;
  },
  onProgress?: (text: string) => void,
): Promise<number> {
  const entries = [];
  for await (const entry of database.list({ prefix: scansKey })) entries.push(entry);
  const surplus = entries.length - Math.max(keep, 1);
  let removed = 0;
  // Oldest first, and never the last, which is the latest scan.
  for (const [index, entry] of entries.slice(0, -1).entries()) {
    const { manifest } = readScan(entry);
    if (manifest.scan_id >= needed) break;
    if (index >= surplus && manifest.finished >= before && !isTooLarge()) break;
    const mark = unfinishedScanKey(manifest.scan_id);
    await database.commit([{ key: entry.key, value: null }, { key: mark, value: encode(true) }]);
    await sweep(database, mark);
    removed++;
    onProgress?.(`removing old scans: ${removed}`);
  }
  return removed;
}

/**
 * An alert whose window is still open stays: the window would otherwise swallow hits for an alert that is gone. So does
 * one that a sink is still to be told of. Dead letters go with their alert.
 */
async function removeAlerts(database: Database, before: number, now: number): Promise<number> {
  const groups: Mutation[][] = [];
  const marks: Deno.KvKey[] = [];
  let told: Awaited<ReturnType<typeof toldOf>> | undefined;
  for await (const entry of database.list(alertRange(-Infinity, before))) {
    const alert = await readAlert(database, entry);
    if (!alert) continue;
    told ??= await toldOf(database);
    if (told.waiting.has(alert.id)) continue;
    const key = windowKey(alert.rule_id, alert.dedupe_key);
    const value = await database.get(key);
    const window = value && readRecord("window", value);
    const own = window?.alert_id === alert.id;
    if (own && window.until > now) continue;
    const group: Mutation[] = [
      { key: entry.key, value: null },
      { key: alertTimeKey(alert.id), value: null },
      { key: suppressedKey(alert.id), value: null },
      { key: acknowledgedKey(alert.id), value: null },
      ...(told.dead.get(alert.id) ?? []).map((key) => ({ key, value: null })),
    ];
    if (own) group.push({ key, value: null });
    if ("parts" in readRecord("alert", entry.value)) {
      const mark = unfinishedAlertKey(alert.id);
      group.push({ key: mark, value: encode(true) });
      marks.push(mark);
    }
    groups.push(group);
  }
  await database.commit(...groups);
  for (const mark of marks) await sweep(database, mark);
  return groups.length;
}

async function removeStates(database: Database, before: number): Promise<number> {
  let removed = 0;
  for await (const entry of database.list({ prefix: evaluationKey }, { batch: 1000 })) {
    if (entry.key[2] !== "state") continue;
    const state = await readState(database, entry);
    if (!state || state.at >= before) continue;
    const { mutations, replaced } = removalOf(entry.value);
    await database.commit([{ key: entry.key, value: null }, ...mutations]);
    if (replaced) await sweep(database, replaced);
    removed++;
  }
  return removed;
}

async function removeHashes(database: Database, before: number): Promise<number> {
  const groups: Mutation[][] = [];
  for await (const { key, value } of database.list({ prefix: hashesKey }, { batch: 1000 })) {
    if (readRecord("hash", value).used < before) groups.push([{ key, value: null }]);
  }
  await database.commit(...groups);
  return groups.length;
}
