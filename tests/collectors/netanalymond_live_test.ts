import { assert, assertEquals } from "@std/assert";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import {
  analysisSources,
  indicatorSources,
  trafficSources,
} from "../../collectors/netanalymond/sources.ts";
import type { SourcesByColumn } from "../../collectors/sources.ts";
import type { CollectionTask } from "../../model/collection.ts";
import { processKey } from "./binmond/live.ts";
import { askNames, fetchPages, hasProgram, shakeHands } from "./netanalymond/real_capture.ts";
import { canConfine, drain, has, isLinux, type ReadRow, run, testWith, until } from "./support.ts";

const LIVE_PORTS = 22_000;
const needs = {
  Linux: isLinux,
  "root that can make namespaces": canConfine(),
  tcpdump: has("tcpdump"),
  curl: has("curl"),
  openssl: await hasProgram("openssl", "version"),
};

/** The test's own row of a collector is read with all columns. */
function collect(
  collectors: Collectors,
  table: string,
  sources: SourcesByColumn,
  task: Pick<CollectionTask, "keys" | "resources">,
) {
  const project = Object.keys(sources);
  return drain(collectors.collect({ table, project, deadline: 30_000, ...task }));
}

/** Columns that are NULL in all rows although the list of sources promises a value. */
function broken(rows: readonly ReadRow[], sources: SourcesByColumn): string[] {
  return Object.keys(sources).filter((column) =>
    !rows.some(({ values }) => (values[column] ?? null) !== null)
  );
}

/** How long a capture is told again, ms (`RECENT` in collectors/netanalymond/linux.ts), and a little more. */
const REPEATED = 10_500;

/**
 * The rows that are collected while something is done again and again, until there are enough of them: where others keep
 * the processors busy, a capture may see little of it.
 */
async function during(
  collect: () => ReturnType<typeof drain>,
  act: () => Promise<void>,
  isEnough: (rows: readonly ReadRow[]) => boolean,
): Promise<readonly ReadRow[]> {
  const all: ReadRow[] = [];
  for (let tries = 0; tries < 6; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, REPEATED));
    let over = false;
    const collecting = collect().finally(() => over = true);
    while (!over) await act();
    const { rows, outcome } = await collecting;
    assertEquals(outcome, { status: "complete" });
    all.push(...rows);
    if (isEnough(all)) break;
  }
  return all;
}

testWith(
  needs,
  "protocol_analysis and network_traffic tell what is said on this host",
  async () => {
    const folder = await Deno.makeTempDir();
    await using collectors = await openCollectors({ platform: "linux", policy: "required" });
    const act = async () => {
      await askNames(["live.example"], 200, LIVE_PORTS);
      await fetchPages(LIVE_PORTS);
      await shakeHands(folder, LIVE_PORTS);
    };
    const ownQuery = (rows: readonly ReadRow[]) =>
      rows.find(({ values }) => values.dns_query === "live.example" && values.pid === Deno.pid);
    const lacking = (rows: readonly ReadRow[], column: string, wanted: readonly string[]) => {
      const told = new Set(rows.map(({ values }) => values[column]));
      return wanted.filter((value) => !told.has(value));
    };
    const versions = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
    const said = await during(
      () =>
        collect(collectors, "protocol_analysis", analysisSources, {
          keys: { column: "connection_id", globs: ["tcp 127.*", "udp 127.*"] },
        }),
      act,
      (rows) =>
        ownQuery(rows) !== undefined && lacking(rows, "ssl_version", versions).length === 0 &&
        broken(rows, analysisSources).length === 0,
    );
    assertEquals(broken(said, analysisSources), []);
    assertEquals(ownQuery(said)?.values.process_key, processKey(Deno.pid));
    assertEquals(lacking(said, "ssl_version", versions), []);

    const protocols = ["dns", "http", "tls"];
    const flows = await during(
      () =>
        collect(collectors, "network_traffic", trafficSources, {
          keys: { column: "destination_ip", values: ["127.0.0.1"] },
        }),
      act,
      (rows) =>
        lacking(rows, "protocol", protocols).length === 0 &&
        broken(rows, trafficSources).length === 0,
    );
    assertEquals(broken(flows, trafficSources), []);
    assertEquals(lacking(flows, "protocol", protocols), []);
    assert(flows.every(({ values }) => values.destination_ip === "127.0.0.1"));

    const [report] = collectors.reports();
    assertEquals([report?.name, report?.confinement], ["netanalymond", "namespaces"]);
    await Deno.remove(folder, { recursive: true });
  },
);

testWith(needs, "protocol_analysis tells of a process and of no other", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    return new Response("x");
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const script = `while :; do curl -s --keepalive-time 1 ${url}; sleep 0.2; done`;
  await using other = run("sh", ["-c", script]);
  await using collectors = await openCollectors({ platform: "linux", policy: "required" });
  await until("it runs", () => other.pid > 0);
  const keys = (process: string) => ({
    column: "pid",
    values: [Deno.pid],
    processes: [process],
  });
  const mine = await collect(collectors, "protocol_analysis", analysisSources, {
    keys: keys(processKey(Deno.pid)),
  });
  assert(mine.rows.some(({ values }) => values.url === url && values.status_code === 200));
  assert(mine.rows.every(({ values }) => values.pid === Deno.pid));
  // Another process that had the pid before.
  const past = await collect(collectors, "protocol_analysis", analysisSources, {
    keys: keys("x:1:1"),
  });
  assertEquals(past.rows, []);
  await server.shutdown();
});

testWith(
  { Linux: isLinux },
  "threat_indicators tells of every column, and why a file cannot be read",
  async () => {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    const columns = Object.keys(indicatorSources);
    const values: Readonly<Record<string, string>> = {
      indicator_value: "evil.example",
      indicator_type: "domain",
      severity: "high",
      confidence: "0.5",
      first_seen: "2026-01-01",
      last_seen: "2026-01-02",
      tags: "a;b",
    };
    const line = columns.map((column) => values[column] ?? "text").join(",");
    const ask = (text: string) =>
      collect(collectors, "threat_indicators", indicatorSources, {
        keys: { column: "indicator_value", values: ["x.evil.example", "fine.example"] },
        resources: [{ name: "list.csv", text }],
      });
    const { rows, outcome } = await ask(`${columns.join(",")}\n${line}\n`);
    assertEquals(outcome, { status: "complete" });
    assertEquals(rows.map(({ values }) => values.indicator_value), ["x.evil.example"]);
    assertEquals(broken(rows, indicatorSources), []);
    const failed = await ask("domain\nevil.example\n");
    assertEquals(failed.outcome.status, "unavailable");
    assert("reason" in failed.outcome && failed.outcome.reason.includes("list.csv"));
  },
);
