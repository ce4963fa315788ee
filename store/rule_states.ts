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

/** The states of all rules that have one. */
export async function ruleStates(database: Database): Promise<RuleState[]> {
  const states = [];
  for await (const { key, value } of database.list({ prefix: rulesKey })) {
    states.push(read(key, value));
  }
  return states;
}

/** Remembers the state of a rule. */
export async function setRuleState(database: Database, state: RuleState): Promise<void> {
  const { disabled_reason } = state;
  const kept = disabled_reason === undefined
    ? state
    : { ...state, disabled_reason: disabled_reason.slice(0, MAX_REASON) };
  await database.commit([{ key: ruleKey(state.rule_id), value: encode(kept) }]);
}

function read(key: Deno.KvKey, value: Uint8Array): RuleState {
  const state = readRecord("rule", value);
  if (state.rule_id !== key[1]) throw corrupt("a rule");
  return state;
}
