import type { RuleState } from "../model/rule_state.ts";
import { corrupt, encode } from "./codec.ts";
import type { Database } from "./database.ts";
import { ruleKey, rulesKey } from "./keys.ts";
import { readRecord } from "./records.ts";

/** The longest reason that is kept: it may quote a host. */
const MAX_REASON = 1000;

/** The state of a rule. */
export async function ruleState(database: Database, rule_id: string): Promise<RuleState | null> {
  const value = await database.get(ruleKey(rule_id));
  return value && read(ruleKey(rule_id), value);
}

/** Rule states of a store that nobody else writes to. */
export interface RuleStates {
  /** See {@linkcode StoreReader.ruleState}. */
  get(rule_id: string): Promise<RuleState | null>;
  /** See {@linkcode Store.setRuleState}. */
  set(state: RuleState): Promise<void>;
}

/** Reads each state once: whoever judges events asks for hundreds of them with each. */
export function ownRuleStates(database: Database): RuleStates {
  const known = new Map<string, RuleState | null>();
  return {
    async get(rule_id) {
      const found = known.get(rule_id);
      if (found !== undefined) return found;
      const state = await ruleState(database, rule_id);
      // What was set meanwhile is newer.
      if (!known.has(rule_id)) known.set(rule_id, state);
      return known.get(rule_id) ?? null;
    },
    async set(state) {
      known.set(state.rule_id, await setRuleState(database, state));
    },
  };
}

/** The states of all rules that have one. */
export async function ruleStates(database: Database): Promise<RuleState[]> {
  const states = [];
  for await (const { key, value } of database.list({ prefix: rulesKey })) {
    states.push(read(key, value));
  }
  return states;
}

/** Remembers the state of a rule, and gives it as it is remembered. */
async function setRuleState(database: Database, state: RuleState): Promise<RuleState> {
  const { disabled_reason } = state;
  const kept = disabled_reason === undefined
    ? state
    : { ...state, disabled_reason: disabled_reason.slice(0, MAX_REASON) };
  await database.commit([{ key: ruleKey(state.rule_id), value: encode(kept) }]);
  return kept;
}

function read(key: Deno.KvKey, value: Uint8Array): RuleState {
  const state = readRecord("rule", value);
  if (state.rule_id !== key[1]) throw corrupt("a rule");
  return state;
}
