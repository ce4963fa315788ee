import type { RuleState } from "../model/rule_state.ts";
import { encode } from "./codec.ts";
import type { Database } from "./database.ts";
import { ifSound } from "./error.ts";
import { ruleKey, rulesKey } from "./keys.ts";
import { readRecord } from "./records.ts";

/** The longest reason that is kept: it may quote a host. */
const MAX_REASON = 1000;

/**
 * The state of a rule. One that is damaged is as good as none: the rule runs, and its next state replaces the damaged
 * one. An error instead would keep all rules from running, since they are run together.
 */
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
      const { rule_id } = state;
      const before = known.get(rule_id);
      const kept = shortened(state);
      // At once: who changes the state while this one becomes durable has to go on from it, not from the one before.
      known.set(rule_id, kept);
      try {
        await database.commit([{ key: ruleKey(rule_id), value: encode(kept) }]);
      } catch (error) {
        if (known.get(rule_id) === kept) {
          if (before === undefined) known.delete(rule_id);
          else known.set(rule_id, before);
        }
        throw error;
      }
    },
  };
}

/** The states of all rules that have one; see {@linkcode ruleState} for damaged ones. */
export async function ruleStates(database: Database): Promise<RuleState[]> {
  const states = [];
  for await (const { key, value } of database.list({ prefix: rulesKey })) {
    const state = read(key, value);
    if (state) states.push(state);
  }
  return states;
}

/** The state as it is remembered; an object of its own. */
function shortened(state: RuleState): RuleState {
  const { disabled_reason } = state;
  return {
    ...state,
    ...(disabled_reason !== undefined && { disabled_reason: disabled_reason.slice(0, MAX_REASON) }),
  };
}

function read(key: Deno.KvKey, value: Uint8Array): RuleState | null {
  const state = ifSound(() => readRecord("rule", value));
  return state && state.rule_id === key[1] ? state : null;
}
