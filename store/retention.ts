import { encode } from "./codec.ts";
import { alertRange, readAlert } from "./alerts.ts";
import type { Database, Entry, Mutation } from "./database.ts";
import { ifSound, nothingIfDamaged } from "./error.ts";
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
import { type InTurn, oneByOne } from "./turns.ts";

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

/**
 * See {@linkcode Store.retain}. What is damaged goes with what is old, or stays; it keeps nothing else from going.
 *
 * @param inTurn where dead letters are put back, too: alerts are not removed meanwhile
 */
export async function retain(
  database: Database,
  { age = Infinity, count = Infinity, size = Infinity, needed = Infinity }: Retention,
  now: number,
  space?: SpaceKeeper,
  onProgress?: (text: string) => void,
  inTurn: InTurn = oneByOne(),
): Promise<Removed> {
  const faults: unknown[] = [];
  const attempt = (removal: Promise<number>) =>
    removal.catch((error) => {
      faults.push(error);
      return 0;
    });
  const alerts = await attempt(inTurn(() => removeAlerts(database, now - age, now)));
  const states = await attempt(removeStates(database, now - age));
  const hashes = await attempt(removeHashes(database, now - HASH_LIFETIME));
  const excess = () => Math.max(0, (space?.measure().used ?? 0) - size);
  const limits = { before: now - age, keep: count, needed, isTooLarge: () => excess() > 0 };
  const scans = await attempt(removeScans(database, limits, onProgress));
  let freed = 0;
  // Moving pages takes room at first; where there is none it is done another time.
  await unlessFull(async () => {
    freed = await space?.shrink(size, onProgress) ?? 0;
  });
  if (faults.length > 0) throw faults[0];
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
    const scan_id = Number(entry.key[1]);
    if (scan_id >= needed) break;
    // Nobody can read the rows of one whose manifest is damaged.
    const finished = ifSound(() => readScan(entry))?.manifest.finished ?? -Infinity;
    if (index >= surplus && finished >= before && !isTooLarge()) break;
    const mark = unfinishedScanKey(scan_id);
    await database.commit([{ key: entry.key, value: null }, { key: mark, value: encode(true) }]);
    await sweep(database, mark);
    removed++;
    onProgress?.(`removing old scans: ${removed}`);
  }
  return removed;
}

/** Alerts that are looked at, and removed, at a time. */
const TOGETHER = 64;

/**
 * An alert whose window is still open stays: the window would otherwise swallow hits for an alert that is gone. So does
 * one that a sink is still to be told of. Dead letters go with their alert.
 */
async function removeAlerts(database: Database, before: number, now: number): Promise<number> {
  const old: Deno.KvKey[] = [];
  for await (const { key } of database.list(alertRange(-Infinity, before))) old.push(key);
  if (old.length === 0) return 0;
  // After the alerts, so that whatever waits of them is known.
  const { waiting, dead } = await toldOf(database);
  const told = old.filter((key) => !waiting.has(idOf(key)));
  let removed = 0;
  for (let at = 0; at < told.length; at += TOGETHER) {
    removed += await removeSome(database, told.slice(at, at + TOGETHER), dead, now);
  }
  return removed;
}

const idOf = (key: Deno.KvKey) => String(key[2]);

/** An alert that is to be removed, and where the window may be that it has opened. */
interface OldAlert {
  readonly key: Deno.KvKey;
  readonly id: string;
  /** Absent where the alert is damaged. */
  readonly window?: Deno.KvKey;
  /** It has parts, or may have. */
  readonly split: boolean;
}

async function removeSome(
  database: Database,
  keys: readonly Deno.KvKey[],
  dead: ReadonlyMap<string, readonly Deno.KvKey[]>,
  now: number,
): Promise<number> {
  const values = await database.getMany(keys);
  const old: OldAlert[] = [];
  for (const [index, key] of keys.entries()) {
    const value = values[index];
    const found = value && await oldAlert(database, { key, value });
    if (found) old.push(found);
  }
  // Last, for a hit may have opened a new window.
  const windows = await database.getMany(old.map(({ key, window }) => window ?? key));
  const groups: Mutation[][] = [];
  const marks: Deno.KvKey[] = [];
  for (const [index, { key, id, window, split }] of old.entries()) {
    const value = window && windows[index];
    const opened = value && ifSound(() => readRecord("window", value));
    // One that is damaged suppresses nothing, whoever has opened it.
    const own = value && (opened?.alert_id ?? id) === id;
    if (own && opened && opened.until > now) continue;
    const group: Mutation[] = [
      { key, value: null },
      { key: alertTimeKey(id), value: null },
      { key: suppressedKey(id), value: null },
      { key: acknowledgedKey(id), value: null },
      ...(dead.get(id) ?? []).map((key) => ({ key, value: null })),
    ];
    if (own) group.push({ key: window!, value: null });
    if (split) {
      const mark = unfinishedAlertKey(id);
      group.push({ key: mark, value: encode(true) });
      marks.push(mark);
    }
    groups.push(group);
  }
  await database.commit(...groups);
  for (const mark of marks) await sweep(database, mark);
  return groups.length;
}

/** What of an alert is to be removed; nothing where it is gone. Also one that is damaged goes when its time has come. */
async function oldAlert(database: Database, entry: Entry): Promise<OldAlert | undefined> {
  const { key } = entry;
  const alert = await readAlert(database, entry).catch(nothingIfDamaged);
  if (alert === undefined) return { key, id: idOf(key), split: true };
  if (alert === null) return undefined;
  const split = "parts" in readRecord("alert", entry.value);
  return { key, id: alert.id, window: windowKey(alert.rule_id, alert.dedupe_key), split };
}

async function removeStates(database: Database, before: number): Promise<number> {
  let removed = 0;
  for await (const { key } of database.list({ prefix: evaluationKey }, { batch: 1000 })) {
    if (key[2] !== "state") continue;
    // As it is now: the detection may have been evaluated since it was listed.
    const value = await database.get(key);
    // One that is damaged stays: how old it is nobody knows, and its detection tells of it whenever it runs.
    const state = value && await readState(database, { key, value }).catch(nothingIfDamaged);
    if (!state || state.at >= before) continue;
    const { mutations, replaced } = removalOf(value);
    await database.commit([{ key, value: null }, ...mutations]);
    if (replaced) await sweep(database, replaced);
    removed++;
  }
  return removed;
}

async function removeHashes(database: Database, before: number): Promise<number> {
  const groups: Mutation[][] = [];
  for await (const { key, value } of database.list({ prefix: hashesKey }, { batch: 1000 })) {
    const hash = ifSound(() => readRecord("hash", value));
    if (!hash || hash.used < before) groups.push([{ key, value: null }]);
  }
  await database.commit(...groups);
  return groups.length;
}
