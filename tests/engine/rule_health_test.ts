import { assert, assertEquals } from "@std/assert";
import { currentState, reasonToRest, stateAfter } from "../../engine/rule_health.ts";
import type { RuleState } from "../../model/rule_state.ts";
import type { Evaluation, NotEvaluated } from "../../model/verdict.ts";

const NOW = 1_000_000;
const FRESH: RuleState = { rule_id: "r", enabled: true, failures: 0, digest: "d" };
const FINE: Evaluation = {
  status: "evaluated",
  result: { columns: [], rows: [], truncated: false, duration_ms: 1 },
};

function failed(kind: NotEvaluated["kind"]): Evaluation {
  return { status: "not_evaluated", why: { kind, reason: "it broke" } };
}

function after(state: RuleState, ...evaluations: Evaluation[]): RuleState {
  return evaluations.reduce((before, evaluation) => stateAfter(before, evaluation, NOW), state);
}

Deno.test("stateAfter() switches a detection off after three errors in a row, with the reason", () => {
  const error = failed("error");
  assertEquals(reasonToRest(after(FRESH, error, error), NOW), undefined);
  const off = after(FRESH, error, error, error);
  assertEquals(off.enabled, false);
  assertEquals(reasonToRest(off, NOW + 1e9), "disabled: failed 3 times in a row: it broke");
  assertEquals(
    after(FRESH, error, error, FINE, error, error).enabled,
    true,
    "a success begins anew",
  );
});

Deno.test("stateAfter() never switches a detection off for its resources, but waits longer and longer", () => {
  const heavy = failed("resource");
  let state = FRESH;
  const pauses: number[] = [];
  for (let round = 0; round < 12; round++) {
    state = stateAfter(state, heavy, NOW);
    assert(state.enabled);
    pauses.push((state.retry_after ?? NOW) - NOW);
  }
  const minute = 60_000;
  assertEquals(
    pauses,
    [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((minutes) => minutes * minute),
  );
  assert(reasonToRest(state, NOW + 59 * minute)?.includes("resource limits"));
  assertEquals(reasonToRest(state, NOW + 60 * minute), undefined);
  assertEquals(stateAfter(state, FINE, NOW), FRESH);
});

Deno.test("reasonToRest() takes a pause that was begun by a clock that was ahead for over", () => {
  const heavy = failed("resource");
  const paused = after(FRESH, heavy, heavy, heavy);
  assert(reasonToRest(paused, NOW));
  assertEquals(reasonToRest(paused, NOW - 3_600_000), undefined);
  const slowed = { factor: 16, reason: "it took 9 s" };
  const suspended = { ...FRESH, slowed, retry_after: NOW + 3_600_000 };
  assert(reasonToRest(suspended, NOW));
  assertEquals(reasonToRest(suspended, NOW - 1), undefined);
});

Deno.test("stateAfter() counts neither rows that could not be had nor what is not supported", () => {
  const once = after(FRESH, failed("error"));
  for (const kind of ["unavailable", "unsupported", "disabled"] as const) {
    assertEquals(after(once, failed(kind), failed(kind), failed(kind)), once);
  }
});

Deno.test("currentState() forgets failures of another digest, and keeps an operator's word", () => {
  const off = after(FRESH, failed("error"), failed("error"), failed("error"));
  assertEquals(currentState(off, "r", "d"), off);
  assertEquals(currentState(off, "r", "other"), { ...FRESH, digest: "other" });
  assertEquals(currentState(null, "r", "d"), FRESH);
  const operator: RuleState = {
    ...FRESH,
    enabled: false,
    disabled_by: "operator",
    disabled_reason: "noisy",
  };
  assertEquals(currentState(operator, "r", "other"), { ...operator, digest: "other" });
});
