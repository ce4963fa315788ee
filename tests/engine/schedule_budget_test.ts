import { assertEquals } from "@std/assert";
import { MOST_SELDOM, NOTHING_SPENT, slowedState, spend } from "../../engine/schedule_budget.ts";
import { reasonToRest } from "../../engine/rule_health.ts";
import type { RuleState } from "../../model/rule_state.ts";

const SHARE = 0.1;

/** The factors after each of some runs, with `*` where the detection is to rest. */
function factors(used: readonly number[]): string[] {
  let state = NOTHING_SPENT;
  return used.map((one) => {
    const { suspend, ...next } = spend(state, one, SHARE);
    state = next;
    return `${next.factor}${suspend ? "*" : ""}`;
  });
}

Deno.test("spend() slows a detection that takes too much three times in a row, until it is within its share", () => {
  assertEquals(factors([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]), [
    ..."11222444",
  ]);
  assertEquals(factors([0.3, 0.3, 0.01, 0.3, 0.3]), [..."11111"], "the host was busy");
});

Deno.test("spend() suspends what takes too much though it runs as seldom as possible", () => {
  const all = factors(new Array(15).fill(5));
  assertEquals(all.slice(-4), [`${MOST_SELDOM}`, `${MOST_SELDOM}`, `${MOST_SELDOM}`, "16*"]);
  assertEquals(all.filter((one) => one.endsWith("*")).length, 1);
});

Deno.test("spend() lets a detection run as often as it asks once it has become quick", () => {
  assertEquals(factors([0.3, 0.3, 0.3, 0.01, 0.01, 0.01, 0.01]), [..."1122211"]);
});

Deno.test("slowedState() says why, also while the detection rests", () => {
  const fresh: RuleState = { rule_id: "r", enabled: true, failures: 0, digest: "d" };
  const took = { took: 9_000, period: 60_000, share: SHARE };
  const slowed = slowedState(fresh, { factor: 2 }, took, 0);
  assertEquals(
    slowed.slowed?.reason,
    "it took 9.0 s, more than 10 % of the 60.0 s between its runs, and runs 2 times as seldom",
  );
  assertEquals(reasonToRest(slowed, 0), undefined);
  const suspended = slowedState(slowed, { factor: 16, suspend: true }, took, 0);
  assertEquals(
    reasonToRest(suspended, 0),
    `suspended: ${suspended.slowed?.reason}; next try after 1970-01-01T01:00:00.000Z`,
  );
  assertEquals(slowedState(slowed, { factor: 1 }, took, 0), fresh);
});
