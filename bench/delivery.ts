/**
 * How long alerts take from being raised to a webhook, and how many a second drain from a backlog.
 *
 * `deno task bench:delivery [ALERTS]`
 *
 * @module
 */
import { join } from "@std/path";
import { openDelivery } from "../engine/delivery/mod.ts";
import type { Alert } from "../model/alert.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { sinkList } from "../sinks/mod.ts";
import { openStore, type Store } from "../store/mod.ts";

const ALERTS = Number(Deno.args[0] ?? 1_000);

const alertOf = (id: string): Alert => ({
  kind: "alert",
  id,
  alert_time: Date.now(),
  rule_id: "bench",
  rule_version: "1.0.0",
  title: "A program in shared memory",
  description: "An alert of a benchmark.",
  severity: "high",
  tags: ["attack.execution"],
  host: "bench",
  scan_id: 1,
  affected_processes: [4100],
  process_count: 1,
  alert_data: { pid: 4100, name: "x", command_line: "x ".repeat(100) },
  rule_execution_time_ms: 1,
  dedupe_key: id,
  suppressed_count: 0,
  evidence: [],
});

const commit = (store: Store, ids: readonly string[]) =>
  store.commitHits({ alerts: ids.map((id) => ({ alert: alertOf(id), until: 0 })), counts: [] });

const folder = await Deno.makeTempDir({ prefix: "daemoneye-bench-" });
const arrived = new Map<string, number>();
await using server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen() {} },
  async (request) => {
    const { id } = await request.json();
    arrived.set(id, performance.now());
    return new Response();
  },
);
const ids = (prefix: string) => Array.from({ length: ALERTS }, (_, at) => `${prefix}${at}`);
try {
  using store = await openStore({
    path: join(folder, "state.kv"),
    mode: "write",
    holder: "a benchmark",
    catalogue: CATALOGUE,
  });
  const hook = { type: "webhook", url: `http://127.0.0.1:${server.addr.port}/` } as const;
  const file = { type: "file", path: join(folder, "alerts.jsonl") } as const;
  const open = (sinks: Parameters<typeof sinkList.parse>[0]) =>
    openDelivery({ store, sinks: sinkList.parse(sinks), onProblem: console.error });

  {
    await using delivery = await open([hook, file]);
    await commit(delivery.store, ["first"]);
    await delivery.drain(60_000);
    const times: number[] = [];
    for (const id of ids("one")) {
      const raised = performance.now();
      await commit(delivery.store, [id]);
      await delivery.drain(60_000);
      times.push(arrived.get(id)! - raised);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1);
    console.log(
      `raised to webhook: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${
        times.at(-1)!.toFixed(1)
      } ms`,
    );
  }
  for (const sink of [hook, file]) {
    const alerts = ids(sink.type).map((id) => ({
      alert: alertOf(id),
      until: 0,
      sinks: [sink.type],
    }));
    await store.commitHits({ alerts, counts: [] });
    const begun = performance.now();
    await using delivery = await open([sink]);
    await delivery.drain(600_000);
    const seconds = (performance.now() - begun) / 1000;
    console.log(
      `${ALERTS} that waited for a ${sink.type}: ${(ALERTS / seconds).toFixed(0)} a second`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
