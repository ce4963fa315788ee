import { assertEquals, assertRejects } from "@std/assert";
import type { RuleState } from "../../model/rule_state.ts";
import { openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/mod.ts";
import { ownRuleStates } from "../../store/rule_states.ts";
import { openToWrite, withMemory, withPath } from "./fixtures.ts";

const state: RuleState = { rule_id: "rule-1", enabled: true, failures: 0, digest: "abc" };

Deno.test("setRuleState() is what ruleState() and ruleStates() give in the next run", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    assertEquals(await first.ruleState("rule-1"), null);
    await first.setRuleState({ ...state, failures: 2, retry_after: 5000 });
    await first.setRuleState({
      ...state,
      rule_id: "rule-2",
      enabled: false,
      disabled_reason: "r".repeat(100_000),
    });
    await first.setRuleState({ ...state, failures: 1 });
    first.close();
    const second = await openToWrite(path);
    const disabled = {
      ...state,
      rule_id: "rule-2",
      enabled: false,
      disabled_reason: "r".repeat(1000),
    };
    assertEquals(await second.ruleState("rule-1"), { ...state, failures: 1 });
    assertEquals(await second.ruleStates(), [{ ...state, failures: 1 }, disabled]);
    second.close();
  }));

Deno.test("ruleState() and ruleStates() give a state that is damaged as none, and it can be set again", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    await first.setRuleState({ ...state, rule_id: "other" });
    first.close();
    const kv = await Deno.openKv(path);
    await kv.set(["rule", "rule-1"], (await kv.get(["rule", "other"])).value);
    await kv.set(["rule", "rule-2"], new Uint8Array([1, 2, 3]));
    kv.close();
    const second = await openToWrite(path);
    assertEquals(await second.ruleState("rule-1"), null);
    assertEquals(await second.ruleState("rule-2"), null);
    assertEquals(await second.ruleStates(), [{ ...state, rule_id: "other" }]);
    await second.setRuleState(state);
    assertEquals((await second.ruleStates()).length, 2);
    second.close();
  }));

Deno.test("setRuleState() is seen at once by whoever changes the state next", () =>
  withMemory(async (store) => {
    await store.setRuleState(state);
    const off = { ...state, enabled: false, disabled_by: "operator" as const };
    const switching = store.setRuleState(off);
    const seen = (await store.ruleState("rule-1"))!;
    await Promise.all([switching, store.setRuleState({ ...seen, failures: 1 })]);
    assertEquals(await store.ruleStates(), [{ ...off, failures: 1 }]);
  }));

Deno.test("setRuleState() that fails leaves the state of before", async () => {
  const database = await openDatabase(":memory:");
  let full = false;
  const rules = ownRuleStates({
    ...database,
    commit: (...groups) =>
      full
        ? Promise.reject(new StoreError("full", "the disk is full"))
        : database.commit(...groups),
  });
  await rules.set(state);
  full = true;
  for (const rule_id of ["rule-1", "rule-2"]) {
    await assertRejects(() => rules.set({ ...state, rule_id, failures: 2 }), StoreError, "full");
  }
  assertEquals(await rules.get("rule-1"), state);
  assertEquals(await rules.get("rule-2"), null);
  database.close();
});
