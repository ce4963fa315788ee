import { assertEquals } from "@std/assert";
import { type RunOnEvents, together, withSilent } from "../../engine/agent_summary.ts";
import type { DetectionRun } from "../../engine/detect.ts";
import type { Evaluation, Partial } from "../../model/verdict.ts";
import { detectionOf } from "./support.ts";

const compiled = detectionOf("SELECT e.pid FROM process_events e", "mode: events");

function run(evaluation: Evaluation, hits = 0, suppressed = 0): DetectionRun {
  const rows = Array.from({ length: hits }, () => ({ row: [1] }));
  return { compiled, evaluation, excepted: new Map(), hits: rows, suppressed };
}

function judged(partial?: Partial): Evaluation {
  const result = { columns: [], rows: [[1]], truncated: false, duration_ms: 1 };
  return { status: "evaluated", result, ...(partial && { partial }) };
}

const missing: Evaluation = {
  status: "not_evaluated",
  why: { kind: "unavailable", reason: "user_name not collected" },
};

function all(...runs: readonly (readonly [DetectionRun, events: number])[]): RunOnEvents {
  return runs.reduce<RunOnEvents | undefined>(
    (before, [one, events]) => together(before, one, events),
    undefined,
  )!;
}

Deno.test("together() adds up what was judged and what was not, whatever came first", () => {
  const partial = { evaluated: 3, of: 5, reason: "user_name not collected" };
  const runs = [[run(missing), 7], [run(judged(partial), 2, 4), 5], [
    run(judged(), 0, 1),
    9,
  ]] as const;
  for (const order of [runs, runs.toReversed()]) {
    const { evaluation, hits, suppressed, events } = all(...order);
    assertEquals(evaluation.status === "evaluated" && evaluation.partial, {
      evaluated: 3,
      of: 12,
      reason: "user_name not collected",
    });
    assertEquals([hits.length, suppressed, events], [1, 5, 21]);
  }
});

Deno.test("together() keeps it not evaluated where no run was", () => {
  assertEquals(all([run(missing), 1], [run(missing), 2]).evaluation, missing);
});

Deno.test("withSilent() tells nothing of detections on which no event came, or why none can come", () => {
  const [silent] = withSilent(new Map(), [compiled], () => undefined);
  assertEquals(silent?.evaluation.status, "evaluated");
  const [deaf] = withSilent(new Map(), [compiled], () => "no source");
  assertEquals(deaf?.evaluation, {
    status: "not_evaluated",
    why: { kind: "unavailable", reason: "no source" },
  });
});
