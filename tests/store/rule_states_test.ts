import { assertEquals, assertRejects } from "@std/assert";
import type { RuleState } from "../../model/rule_state.ts";
import { StoreError } from "../../store/mod.ts";
import { openToWrite, withPath } from "./fixtures.ts";

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

Deno.test("ruleState() says that the store is damaged when a state is not one", () =>
  withPath(async (path) => {
    const first = await openToWrite(path);
    await first.setRuleState({ ...state, rule_id: "other" });
    first.close();
    const kv = await Deno.openKv(path);
    await kv.set(["rule", "rule-1"], (await kv.get(["rule", "other"])).value);
    kv.close();
    const second = await openToWrite(path);
    for (const read of [() => second.ruleState("rule-1"), () => second.ruleStates()]) {
      assertEquals((await assertRejects(read, StoreError)).kind, "corrupt");
    }
    second.close();
  }));
