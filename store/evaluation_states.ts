import type { EvaluationState } from "../model/evaluation_state.ts";
import { corrupt, cut, decode, encode, join, MAX_VALUE_BYTES } from "./codec.ts";
import type { Database, Entry, Mutation } from "./database.ts";
import { stateKey, statePartKey, unfinishedStateKey } from "./keys.ts";
import { checkRecord, readRecord } from "./records.ts";

/** See {@linkcode StoreReader.evaluationState}. */
export async function evaluationState(
  database: Database,
  rule_id: string,
): Promise<EvaluationState | null> {
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
}

/** Prepares a state to be made visible all at once. Parts that do not fit one value are made durable before. */
export async function stateChange(
  database: Database,
  rule_id: string,
  state: EvaluationState,
): Promise<StateChange> {
  const key = stateKey(rule_id);
  const before = await database.get(key);
  const removal = removalOf(before);
  const bytes = encode(state);
  if (bytes.length <= MAX_VALUE_BYTES) {
    return { ...removal, mutations: [{ key, value: bytes }, ...removal.mutations] };
  }
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

/** What gives the parts of a state up: they are swept after the commit, or when the store is next opened. */
export function removalOf(value: Uint8Array | null): StateChange {
  const id = value && idOf(value);
  if (!id) return { mutations: [] };
  const replaced = unfinishedStateKey(id);
  return { mutations: [{ key: replaced, value: encode(true) }], replaced };
}

function idOf(value: Uint8Array): string | undefined {
  const found = readRecord("state", value);
  return "parts" in found ? found.id : undefined;
}
