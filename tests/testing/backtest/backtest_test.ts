import { assert, assertEquals } from "@std/assert";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { Store } from "../../../store/mod.ts";
import { backtest } from "../../../testing/backtest/backtest.ts";
import { compareVerdicts } from "../../../testing/backtest/compare.ts";
import { summarise } from "../../../testing/backtest/summary.ts";
import { batchOf, detectionOf, NOW, openMemoryStore, storeScan } from "../../engine/support.ts";

const MINUTE = 60_000;

/** Scans a minute apart; each is the pids of the processes named `bad` that run then. */
const HISTORY: readonly (readonly number[])[] = [[], [7], [7, 8], [], [7], []];

async function storeHistory(store: Store): Promise<void> {
  for (const [index, pids] of HISTORY.entries()) {
    const rows = [...pids.map((pid) => ({ pid, name: "bad", user_id: pid })), {
      pid: 1,
      name: "good",
      user_id: 0,
    }];
    await storeScan(store, [[batchOf("processes", rows)]], NOW + index * MINUTE);
  }
  const unavailable = { status: "unavailable", reason: "the collector was down" } as const;
  await storeScan(store, [[batchOf("processes", []), unavailable]], NOW + 6 * MINUTE);
}

async function verdicts(compiled: CompiledDetection) {
  using history = await openMemoryStore();
  await storeHistory(history);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const scans = await history.scans();
  const found = await Array.fromAsync(
    backtest({ history, scans, compiled, catalogue: CATALOGUE, sandbox }),
  );
  assertEquals(await Array.fromAsync(history.alerts()), [], "the history is left as it was");
  assertEquals(await history.ruleStates(), []);
  return found;
}

Deno.test("backtest() tells when a detection would have fired, how often, and what it could not judge", async () => {
  const compiled = detectionOf(
    "SELECT pid, name, start_time FROM processes WHERE name = 'bad'",
    "suppression: { by: [pid], for: 150s }",
  );
  const found = await verdicts(compiled);
  assertEquals(found.map(({ scan_id }) => scan_id), [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(found.map(({ rows }) => rows.map(({ pid }) => pid)), [
    [],
    [7],
    [7, 8],
    [],
    [7],
    [],
    [],
  ]);
  // 7 is suppressed in the third scan, and has been heard of again in the fifth: its window has ended.
  assertEquals(
    found.map(({ alerts }) => alerts.flatMap((alert) => alert.affected_processes)),
    [[], [7], [8], [], [7], [], []],
  );
  assertEquals(found.map(({ suppressed }) => suppressed), [0, 0, 1, 0, 0, 0, 0]);
  assert(found[6]!.not_evaluated!.includes("the collector was down"));

  const { cost, not_evaluated, ...summary } = summarise(found);
  assertEquals(summary, {
    scans: 7,
    from: NOW,
    to: NOW + 6 * MINUTE,
    evaluated: 6,
    fired: 3,
    alerts: 3,
    hits: 4,
    suppressed: 1,
    first: NOW + MINUTE,
    last: NOW + 4 * MINUTE,
  });
  assertEquals(not_evaluated.map(({ scans }) => scans), [[7]]);
  assert(cost.mean_ms > 0 && cost.max_ms >= cost.mean_ms && cost.max_scan! <= 6);
});

Deno.test("backtest() does not judge a host that the detection is not meant for", async () => {
  const compiled = detectionOf("SELECT pid FROM processes", "").detection;
  const meta = { ...compiled.meta, platforms: ["windows"] as const };
  const elsewhere = {
    ...detectionOf("SELECT pid FROM processes"),
    detection: { ...compiled, meta },
  };
  const found = await verdicts(elsewhere);
  assertEquals(
    new Set(found.map(({ not_evaluated }) => not_evaluated)),
    new Set(["it is not meant for linux"]),
  );
});

Deno.test("compareVerdicts() shows the rows gained and lost, with their values", async () => {
  const old = await verdicts(detectionOf("SELECT pid, name FROM processes WHERE name = 'bad'"));
  const now = await verdicts(
    detectionOf("SELECT pid, name, user_id FROM processes WHERE user_id IN (0, 7)"),
  );
  const changes = now.map((one, index) => compareVerdicts(one, old[index]!, ["pid", "name"]));
  const good = { pid: 1, name: "good", user_id: 0 };
  assertEquals(changes.map(({ gained }) => gained), [
    [good],
    [good],
    [good],
    [good],
    [good],
    [good],
    [],
  ]);
  assertEquals(changes.map(({ lost }) => lost), [
    [],
    [],
    [{ pid: 8, name: "bad" }],
    [],
    [],
    [],
    [],
  ]);
  assertEquals(changes.findIndex(({ not_comparable }) => not_comparable !== undefined), 6);
});

Deno.test("compareVerdicts() counts equal rows", () => {
  const verdict = (pids: readonly number[]) => ({
    scan_id: 1,
    host: "h",
    time: 0,
    rows: pids.map((pid) => ({ pid })),
    alerts: [],
    suppressed: 0,
    duration_ms: 0,
  });
  const { gained, lost } = compareVerdicts(verdict([1, 1, 2]), verdict([1, 3]), ["pid"]);
  assertEquals([gained, lost], [[{ pid: 1 }, { pid: 2 }], [{ pid: 3 }]]);
});

Deno.test("backtest() remembers from scan to scan what a host would have remembered", async () => {
  const changes = await verdicts(
    detectionOf(
      "SELECT pid, name FROM processes WHERE name = 'bad'",
      "mode: differential\nidentity: [pid]\nsuppression: { for: 1s }",
    ),
  );
  // The first scan is the baseline; 7 goes and comes again.
  assertEquals(
    changes.map(({ alerts }) => alerts.flatMap((alert) => alert.affected_processes)),
    [[], [7], [8], [], [7], [], []],
  );
  const counted = await verdicts(
    detectionOf(
      "SELECT pid, name, scan_id FROM processes WHERE name = 'bad'",
      "threshold: { by: [name], count: 3, within: 10m }\nidentity: [pid, scan_id]",
    ),
  );
  assertEquals(counted.map(({ alerts }) => alerts.length), [0, 0, 1, 0, 0, 0, 0]);
});

Deno.test("backtest() looks back no further than a host could have, and never ahead", async () => {
  const seen = await verdicts(
    detectionOf(
      "SELECT count(*) AS seen FROM processes WHERE name = 'bad'",
      "lookback: 150s\nsuppression: { for: 1s }",
    ),
  );
  assertEquals(seen.slice(0, 6).map(({ rows }) => rows[0]?.seen), [0, 1, 3, 3, 3, 1]);
});
