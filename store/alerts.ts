import type { Acknowledgement, Alert } from "../model/alert.ts";
import { SEVERITIES, type Severity } from "../model/detection.ts";
import type { HitChanges, OpenedAlert } from "../model/hits.ts";
import type { SuppressionWindow } from "../model/rule_state.ts";
import { corrupt, cut, decode, encode, join, MAX_VALUE_BYTES } from "./codec.ts";
import type { Database, Entry, Group, Mutation } from "./database.ts";
import { type RecentStates, stateChange } from "./evaluation_states.ts";
import {
  acknowledgedKey,
  alertKey,
  alertPartKey,
  alertsFromKey,
  alertTimeKey,
  suppressedKey,
  unfinishedAlertKey,
  windowKey,
} from "./keys.ts";
import { outboxMutations, type Sequence } from "./outbox.ts";
import { checkRecord, readRecord, type StoredAlert, type StoredWindow } from "./records.ts";
import { sweep } from "./sweep.ts";

/** Which alerts are wanted; times in ms since the epoch. */
export interface AlertQuery {
  /** Not before this time. */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
  /** So severe or worse. */
  readonly severity?: Severity;
  /** Of this detection. */
  readonly rule_id?: string;
  /** At most so many. */
  readonly limit?: number;
  /** Newest first; otherwise oldest first. */
  readonly reverse?: boolean;
}

/** See {@linkcode StoreReader.alerts}. */
export async function* alerts(database: Database, query: AlertQuery = {}): AsyncGenerator<Alert> {
  let wanted = query.limit ?? Infinity;
  if (wanted <= 0) return;
  const least = SEVERITIES.indexOf(query.severity ?? SEVERITIES[0]);
  const range = alertRange(query.since, query.until);
  for await (const entry of database.list(range, { reverse: query.reverse ?? false })) {
    const alert = await readAlert(database, entry);
    if (!alert || SEVERITIES.indexOf(alert.severity) < least) continue;
    if (query.rule_id !== undefined && alert.rule_id !== query.rule_id) continue;
    yield await withCount(database, alert);
    if (--wanted <= 0) return;
  }
}

/** Where the alerts of a range of time stand, `until` excluded; ms since the epoch. */
export function alertRange(since = -Infinity, until = Infinity): Deno.KvListSelector {
  return { start: alertsFromKey(since), end: alertsFromKey(until) };
}

/** The alert with an id. */
export async function alert(database: Database, id: string): Promise<Alert | null> {
  const time = await database.get(alertTimeKey(id));
  if (!time) return null;
  const key = alertKey(readRecord("time", time), id);
  const value = await database.get(key);
  const found = value && await readAlert(database, { key, value });
  return found && await withCount(database, found);
}

/**
 * Reads an alert that stands at a key, with its parts. `null` where retention has just removed it.
 *
 * @throws {StoreError} `corrupt`
 */
export async function readAlert(database: Database, entry: Entry): Promise<StoredAlert | null> {
  let found = readRecord("alert", entry.value);
  if ("parts" in found) {
    const [, , id] = entry.key;
    const keys = Array.from({ length: found.parts }, (_, part) => alertPartKey(String(id), part));
    const parts = await database.getMany(keys);
    if (parts.includes(null)) {
      if (!await database.get(entry.key)) return null;
      throw corrupt("an alert");
    }
    found = checkRecord("alert", decode(join(parts as Uint8Array[]), "an alert"));
  }
  if ("parts" in found || found.id !== entry.key[2] || found.alert_time !== entry.key[1]) {
    throw corrupt("an alert");
  }
  return found;
}

async function withCount(database: Database, alert: StoredAlert): Promise<Alert> {
  const [count, seen] = await database.getMany([
    suppressedKey(alert.id),
    acknowledgedKey(alert.id),
  ]);
  return {
    ...alert,
    suppressed_count: count ? readRecord("count", count) : 0,
    ...(seen && { acknowledged: readRecord("acknowledged", seen) }),
  };
}

/** See {@linkcode Store.acknowledge}. */
export async function acknowledge(
  database: Database,
  id: string,
  acknowledgement: Acknowledgement,
): Promise<boolean> {
  if (!await database.get(alertTimeKey(id))) return false;
  await database.commit([{ key: acknowledgedKey(id), value: encode(acknowledgement) }]);
  return true;
}

/** See {@linkcode Store.commitHits}. */
export async function commitHits(
  database: Database,
  changes: HitChanges,
  sequence: Sequence,
  recent: RecentStates = new Map(),
): Promise<void> {
  const groups: Group[] = [];
  for (const opened of changes.alerts) {
    const mutations = await alertMutations(database, opened);
    groups.push(() => [
      ...mutations,
      ...outboxMutations(opened.alert, opened.sinks ?? [], sequence),
    ]);
  }
  for (const { alert_id, suppressed_count } of changes.counts) {
    groups.push([{ key: suppressedKey(alert_id), value: encode(suppressed_count) }]);
  }
  const state = changes.state &&
    await stateChange(database, changes.state.rule_id, changes.state.state, recent);
  // Last, since groups become durable in their order: a crash repeats hits, which the windows swallow, and loses none.
  if (state) groups.push(state.mutations);
  await database.commit(...groups);
  state?.done?.();
  if (state?.replaced) await sweep(database, state.replaced);
}

/** What makes an alert and its window visible, all at once. Parts that do not fit are made durable before. */
async function alertMutations(database: Database, opened: OpenedAlert): Promise<Mutation[]> {
  const { suppressed_count, ...alert } = opened.alert;
  const { id, alert_time, rule_id, dedupe_key } = alert;
  const window: StoredWindow = { alert_id: id, since: alert_time, until: opened.until };
  const mutations: Mutation[] = [
    { key: alertTimeKey(id), value: encode(alert_time) },
    { key: windowKey(rule_id, dedupe_key), value: encode(window) },
  ];
  if (suppressed_count > 0) {
    mutations.push({ key: suppressedKey(id), value: encode(suppressed_count) });
  }
  const key = alertKey(alert_time, id);
  const bytes = encode(alert);
  if (bytes.length <= MAX_VALUE_BYTES) return [...mutations, { key, value: bytes }];

  const mark = unfinishedAlertKey(id);
  const parts = cut(bytes);
  await database.commit(
    [{ key: mark, value: encode(true) }],
    ...parts.map((value, part) => [{ key: alertPartKey(id, part), value }]),
  );
  return [
    ...mutations,
    { key, value: encode({ parts: parts.length }) },
    { key: mark, value: null },
  ];
}

/** See {@linkcode StoreReader.windows}. */
export async function windows(
  database: Database,
  rule_id: string,
  keys: readonly string[],
): Promise<Map<string, SuppressionWindow>> {
  const found = new Map<string, StoredWindow>();
  const values = await database.getMany(keys.map((key) => windowKey(rule_id, key)));
  values.forEach((value, index) => {
    if (value) found.set(keys[index]!, readRecord("window", value));
  });
  const opened = [...found];
  const counts = await database.getMany(opened.map(([, { alert_id }]) => suppressedKey(alert_id)));
  return new Map(opened.map(([key, window], index) => {
    const count = counts[index];
    return [key, { ...window, suppressed_count: count ? readRecord("count", count) : 0 }];
  }));
}
