import { assert, assertEquals, assertMatch } from "@std/assert";
import { compare, type Comparison } from "../../../engine/semantics/differential.ts";
import type { FrontMatter } from "../../../model/detection.ts";
import type { DifferentialState } from "../../../model/evaluation_state.ts";
import type { Cell } from "../../../schema/batch.ts";
import { compiledOf } from "../../alerts/fixtures.ts";

const HOUR = 3_600_000;

function step(
  rows: readonly (readonly Cell[])[],
  more: Partial<Comparison> & { readonly meta?: Partial<FrontMatter> } = {},
  stored?: DifferentialState,
  last = 0,
) {
  const { meta, ...rest } = more;
  const compiled = {
    ...compiledOf(["id", "value"], { mode: "differential", emit: ["added", "removed"], ...meta }),
    sql: "SELECT 1",
  };
  const identity = ["id"];
  const given = { compiled, identity, rows, excepted: [], partial: false, scan_id: 7, now: 0 };
  return compare({ ...given, ...rest }, stored, last);
}

Deno.test("compare() gives removed rows back exactly, with the scan that keeps them", () => {
  const rows: Cell[][] = [
    [2n ** 60n, "x"],
    [Infinity, null],
    [-0.5, '{"integer":"1"}'],
    ["a", -Infinity],
    [1, true],
  ];
  const { state } = step(rows);
  const stored = JSON.parse(JSON.stringify(state));
  const { hits } = step([], { scan_id: 8, now: 1 }, stored);
  assertEquals(hits, rows.map((row) => ({ row, row_scan_id: 7, change: "removed" })));
  assertEquals(step(rows, { now: 1 }, stored).hits, []);
});

Deno.test("compare() begins anew with other SQL or another identity, whatever else changes", () => {
  const { state } = step([[1, "a"]]);
  const added = (more: Parameters<typeof step>[1]) => step([[2, "a"]], more, state).hits.length;
  assertEquals(added({}), 2);
  assertEquals(added({ meta: { baseline: "alert", suppression: { for: 1 } } }), 2);
  assertEquals(added({ identity: ["value"] }), 0);
  const compiled = { ...compiledOf(["id", "value"], { mode: "differential" }), sql: "SELECT 2" };
  assertEquals(added({ compiled }), 0);
  const same = { ...compiledOf(["id", "value"], { mode: "differential" }) };
  assertEquals(added({ compiled: { ...same, sql: "SELECT -- one\n  1" } }), 1);
});

Deno.test("compare() takes what was seen in the future for unknown: the clock was set back", () => {
  const meta = { remember: HOUR };
  const before = step([[1, "a"]], { now: 100 * HOUR, meta }).state;
  const gone = step([], { now: 100 * HOUR + 1, meta }, before, 100 * HOUR);
  assertEquals(gone.state.gone.length, 1);
  const back = step([[1, "a"]], { now: HOUR, meta }, gone.state, 100 * HOUR + 1);
  assertEquals(back.hits.map(({ change }) => change), ["added"]);
  const still = step([[1, "a"]], { now: HOUR, meta }, before, 100 * HOUR);
  assertEquals(still.hits, [], "what was there in the run before is not new");
});

Deno.test("compare() remembers a bounded number of rows that it does not see, and says so", () => {
  const rows = (from: number) =>
    Array.from({ length: 10_000 }, (_, index) => [from + index, "x"] as const);
  let state: DifferentialState | undefined;
  let note: string | undefined;
  for (let run = 0; run < 7; run++) {
    const partial = run > 0;
    ({ state, note } = step(rows(run * 10_000), { partial, now: run }, state, run - 1));
    assertEquals(note === undefined, run < 6, `run ${run}`);
  }
  assertMatch(note!, /^10000 rows .* forgotten/);
  assertEquals(state!.present.length, 60_000);
  const { hits } = step(rows(60_000), { now: 7 }, state, 6);
  assertEquals(hits.length, 50_000, "the oldest are not told");
  assert(hits.every(({ row }) => Number(row[0]) >= 10_000));
});

Deno.test("compare() remembers a bounded amount of text", () => {
  const wide = (id: number) => [id, "x".repeat(1 << 20)] as const;
  let state: DifferentialState | undefined;
  let note: string | undefined;
  for (let run = 0; run < 18; run++) {
    ({ state, note } = step([wide(run)], { partial: run > 0, now: run }, state, run - 1));
  }
  assertMatch(note!, /forgotten/);
  assertEquals(state!.present.length, 16);
});
