import type { Alert } from "../model/alert.ts";
import type { Backlog, DeadLetter, OutboxEntry } from "../model/outbox.ts";
import { encode } from "./codec.ts";
import type { Database, Entry, Group, Mutation } from "./database.ts";
import { ifSound, nothingIfDamaged } from "./error.ts";
import {
  deadLetterKey,
  deadLettersKey,
  lastOutboxKey,
  outboxFromKey,
  outboxKey,
  outboxSinkKey,
  waitingKey,
} from "./keys.ts";
import { readRecord, type StoredDeadLetter, type StoredOutbox } from "./records.ts";

/** Which dead letters are meant. */
export interface DeadLetterQuery {
  /** Of this sink. */
  readonly sink?: string;
  /** Of this alert. */
  readonly alert_id?: string;
}

/** Gives numbers to outbox entries, each once in the life of a store. */
export interface Sequence {
  /** The next number. */
  next(): number;
}

/** Goes on numbering where the writer before has stopped, and behind whatever has a number. */
export async function openSequence(database: Database): Promise<Sequence> {
  const value = await database.get(lastOutboxKey);
  let last = Math.max(
    value ? readRecord("count", value) : 0,
    await highestNumber(database, waitingKey),
    await highestNumber(database, deadLettersKey),
  );
  return { next: () => ++last };
}

/** The highest number of all sinks under a key: the last one of each is read, and no other. */
async function highestNumber(database: Database, prefix: Deno.KvKey): Promise<number> {
  let highest = 0;
  let before: { readonly end?: Deno.KvKey } = {};
  for (;;) {
    const range = { prefix, ...before };
    const { value: last } = await database.list(range, { reverse: true, batch: 1 }).next();
    if (!last) return highest;
    const { sink, sequence } = place(last);
    // After a number that a disk has made immense there would be no next one.
    if (Number.isSafeInteger(sequence)) highest = Math.max(highest, sequence);
    before = { end: [...prefix, sink] };
  }
}

/**
 * What tells each of some sinks of an alert: to be committed together with the alert itself. Whoever reads an outbox goes
 * on behind the last entry that he saw, so numbers have to become visible in their order: they are taken where the
 * commit takes its place.
 */
export function outboxMutations(
  { id, alert_time }: Pick<Alert, "id" | "alert_time">,
  sinks: readonly string[],
  sequence: Sequence,
): Mutation[] {
  if (sinks.length === 0) return [];
  let last = 0;
  const entries = sinks.map((sink) => {
    last = sequence.next();
    const value: StoredOutbox = { alert_id: id, alert_time, attempts: 0 };
    return { key: outboxKey(sink, last), value: encode(value) };
  });
  return [...entries, { key: lastOutboxKey, value: encode(last) }];
}

/** Reads the alert with an id. */
type ReadAlert = (id: string) => Promise<Alert | null>;

/** See {@linkcode StoreReader.outbox}. */
export async function* outbox(
  database: Database,
  readAlert: ReadAlert,
  sink: string,
  after: number,
): AsyncGenerator<OutboxEntry> {
  const range = { start: outboxFromKey(sink, after), prefix: outboxSinkKey(sink) };
  for await (const entry of database.list(range)) {
    const stored = readable("outbox", entry);
    const alert = stored && await find(readAlert, stored.alert_id);
    yield { ...place(entry), ...stored ?? UNKNOWN, alert: alert ?? null };
  }
}

/** See {@linkcode StoreReader.deadLetters}. */
export async function* deadLetters(
  database: Database,
  readAlert: ReadAlert,
  query: DeadLetterQuery = {},
): AsyncGenerator<DeadLetter> {
  for await (const entry of database.list({ prefix: deadLettersKey })) {
    const stored = readable("dead_letter", entry);
    if (!stored) continue;
    const found = { ...place(entry), ...stored };
    if (query.sink !== undefined && found.sink !== query.sink) continue;
    if (query.alert_id !== undefined && found.alert_id !== query.alert_id) continue;
    yield { ...found, alert: await find(readAlert, stored.alert_id) };
  }
}

/** An alert that is damaged is as good as none: it must not keep those behind it from being told. */
async function find(readAlert: ReadAlert, id: string): Promise<Alert | null> {
  try {
    return await readAlert(id);
  } catch (error) {
    return nothingIfDamaged(error) ?? null;
  }
}

/** What an entry says that is damaged: whoever delivers gives it up, and tells so. */
const UNKNOWN: StoredOutbox = { alert_id: "unknown", alert_time: 0, attempts: 0 };

/** What an entry says; nothing where it is damaged. */
function readable<K extends "outbox" | "dead_letter">(kind: K, { value }: Entry) {
  return ifSound(() => readRecord(kind, value));
}

function place({ key }: Entry): { readonly sink: string; readonly sequence: number } {
  const [, sink, sequence] = key;
  return { sink: String(sink), sequence: Number(sequence) };
}

/** See {@linkcode StoreReader.backlog}. */
export async function backlog(database: Database): Promise<Backlog[]> {
  const found = new Map<string, { waiting: number; dead: number; oldest: number | null }>();
  const of = (sink: string) => {
    const known = found.get(sink);
    if (known) return known;
    const fresh = { waiting: 0, dead: 0, oldest: null };
    found.set(sink, fresh);
    return fresh;
  };
  for await (const entry of database.list({ prefix: waitingKey }, { batch: 1000 })) {
    const count = of(place(entry).sink);
    count.oldest ??= readable("outbox", entry)?.alert_time ?? null;
    count.waiting++;
  }
  for await (const entry of database.list({ prefix: deadLettersKey }, { batch: 1000 })) {
    of(place(entry).sink).dead++;
  }
  return [...found].map(([sink, count]) => ({ sink, ...count }));
}

/** See {@linkcode Store.delivered}. */
export async function delivered(
  database: Database,
  sink: string,
  sequences: readonly number[],
): Promise<void> {
  await database.commit(
    ...sequences.map((sequence) => [{ key: outboxKey(sink, sequence), value: null }]),
  );
}

/** See {@linkcode Store.refused}. */
export async function refused(database: Database, entry: OutboxEntry): Promise<void> {
  const { sink, sequence, alert_id, alert_time, attempts } = entry;
  const value: StoredOutbox = { alert_id, alert_time, attempts };
  await database.commit([{ key: outboxKey(sink, sequence), value: encode(value) }]);
}

/** See {@linkcode Store.giveUp}. */
export async function giveUp(database: Database, letter: Omit<DeadLetter, "alert">): Promise<void> {
  const { sink, sequence, alert_id, alert_time, attempts, reason, since } = letter;
  const value: StoredDeadLetter = { alert_id, alert_time, attempts, reason, since };
  await database.commit([
    { key: outboxKey(sink, sequence), value: null },
    { key: deadLetterKey(sink, sequence), value: encode(value) },
  ]);
}

/** See {@linkcode Store.retryDeadLetters}. */
export async function retryDeadLetters(
  database: Database,
  query: DeadLetterQuery,
  sequence: Sequence,
): Promise<number> {
  const groups: Group[] = [];
  for await (const letter of deadLetters(database, () => Promise.resolve(null), query)) {
    const { sink, alert_id: id, alert_time } = letter;
    groups.push(() => [
      { key: deadLetterKey(sink, letter.sequence), value: null },
      ...outboxMutations({ id, alert_time }, [sink], sequence),
    ]);
  }
  await database.commit(...groups);
  return groups.length;
}

/**
 * The alerts that wait for a sink, and the keys of those that were given up, by alert. An alert that is given up meanwhile
 * is among one of them; one that is put back may be missing.
 */
export async function toldOf(database: Database): Promise<{
  readonly waiting: ReadonlySet<string>;
  readonly dead: ReadonlyMap<string, readonly Deno.KvKey[]>;
}> {
  const waiting = new Set<string>();
  const dead = new Map<string, Deno.KvKey[]>();
  for await (const entry of database.list({ prefix: waitingKey }, { batch: 1000 })) {
    const stored = readable("outbox", entry);
    if (stored) waiting.add(stored.alert_id);
  }
  for await (const entry of database.list({ prefix: deadLettersKey }, { batch: 1000 })) {
    const stored = readable("dead_letter", entry);
    if (!stored) continue;
    const keys = dead.get(stored.alert_id) ?? [];
    keys.push(entry.key);
    dead.set(stored.alert_id, keys);
  }
  return { waiting, dead };
}
