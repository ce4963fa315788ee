import type { EvaluationState } from "../model/evaluation_state.ts";
import { corrupt, cut, decode, encode, join, MAX_VALUE_BYTES } from "./codec.ts";
import type { Database, Entry, Mutation } from "./database.ts";
import { stateKey, statePartKey, unfinishedStateKey } from "./keys.ts";
import { checkRecord, readRecord } from "./records.ts";

/** Bytes of a stored state that is kept at hand, and how many are. */
const MAX_RECENT = { bytes: 4096, states: 256 };

/**
 * States at hand, of a store that nobody else writes to: what counts events is read and written with each of them. Only
 * small ones, which are a value of their own.
 */
export type RecentStates = Map<string, EvaluationState>;

/** See {@linkcode StoreReader.evaluationState}. */
export async function evaluationState(
  database: Database,
  rule_id: string,
  recent?: RecentStates,
): Promise<EvaluationState | null> {
  const known = recent?.get(rule_id);
  if (known) return known;
  const key = stateKey(rule_id);
  const value = await database.get(key);
  return value && await readState(database, { key, value });
}

/** Reads a state that stands at a key, with its parts. `null` where it has just been replaced. */
export async function readState(
  database: Database,
  { key, value }: Entry,
): Promise<EvaluationState | null> {
  const found = readRecord("state", value);
  if (!("parts" in found)) return found;
  const keys = Array.from({ length: found.parts }, (_, part) => statePartKey(found.id, part));
  const parts = await database.getMany(keys);
  if (parts.includes(null)) {
    const now = await database.get(key);
    if (!now || idOf(now) !== found.id) return null;
    throw corrupt("a state");
  }
  const state = checkRecord("state", decode(join(parts as Uint8Array[]), "a state"));
  if ("parts" in state) throw corrupt("a state");
  return state;
}

/** What makes a state the one to go on with, and the mark of the one that it replaces, to be swept afterwards. */
export interface StateChange {
  readonly mutations: readonly Mutation[];
  readonly replaced?: Deno.KvKey;
  /** To be called once it is durable. */
  readonly done?: () => void;
}

/** Prepares a state to be made visible all at once. Parts that do not fit one value are made durable before. */
export async function stateChange(
  database: Database,
  rule_id: string,
  state: EvaluationState,
  recent: RecentStates,
): Promise<StateChange> {
  const key = stateKey(rule_id);
  const removal = recent.has(rule_id) ? NOTHING_GIVEN_UP : removalOf(await database.get(key));
  const bytes = encode(state);
  if (bytes.length <= MAX_VALUE_BYTES) {
    const done = () =>
      remember(recent, rule_id, bytes.length > MAX_RECENT.bytes ? undefined : state);
    return { ...removal, mutations: [{ key, value: bytes }, ...removal.mutations], done };
  }
  recent.delete(rule_id);
  const id = crypto.randomUUID();
  const mark = unfinishedStateKey(id);
  const parts = cut(bytes);
  await database.commit(
    [{ key: mark, value: encode(true) }],
    ...parts.map((value, part) => [{ key: statePartKey(id, part), value }]),
  );
  return {
    ...removal,
    mutations: [
      { key, value: encode({ id, parts: parts.length }) },
      { key: mark, value: null },
      ...removal.mutations,
    ],
  };
}

function remember(recent: RecentStates, rule_id: string, state: EvaluationState | undefined): void {
  recent.delete(rule_id);
  if (!state) return;
  recent.set(rule_id, state);
  if (recent.size > MAX_RECENT.states) recent.delete(recent.keys().next().value!);
}

const NOTHING_GIVEN_UP: StateChange = { mutations: [] };

/** What gives the parts of a state up: they are swept after the commit, or when the store is next opened. */
export function removalOf(value: Uint8Array | null): StateChange {
  const id = value && idOf(value);
  if (!id) return NOTHING_GIVEN_UP;
  const replaced = unfinishedStateKey(id);
  return { mutations: [{ key: replaced, value: encode(true) }], replaced };
}

function idOf(value: Uint8Array): string | undefined {
  const found = readRecord("state", value);
  return "parts" in found ? found.id : undefined;
}
