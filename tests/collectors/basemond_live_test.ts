import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { CollectorReport, TableOutcome } from "../../model/collection.ts";
import { canConfine, has, isLinux, type ReadRow, testWith } from "./support.ts";

interface Told {
  readonly tables: Readonly<
    Record<string, { readonly rows: ReadRow[]; readonly outcome: TableOutcome }>
  >;
  readonly reports: readonly CollectorReport[];
  readonly pid: number;
}

/** Collects in a process namespace of its own: the library never answers on a host with thousands of processes. */
async function collect(way: string, policy = "preferred"): Promise<Told> {
  const script = fromFileUrl(new URL("basemond/live.ts", import.meta.url));
  const { stdout, stderr, success } = await new Deno.Command("unshare", {
    args: [
      ...["--pid", "--fork", "--kill-child", "--mount-proc"],
      ...[Deno.execPath(), "run", "-q", "-A", script, way, policy],
    ],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const needs = {
  Linux: isLinux,
  "root that can make namespaces": canConfine(),
  ps: has("ps"),
};

testWith(
  needs,
  "the base source reads this host, with the types and columns of its tables",
  async () => {
    const { tables, reports, pid } = await collect("base");
    const { processes, process_performance, network_interfaces } = tables;
    assertEquals(processes!.outcome, { status: "complete" });
    const own = processes!.rows.find(({ values }) => values.pid === pid)!;
    assertEquals(own.values.name, "deno");
    assert((own.values.memory_rss as number) > 2 ** 20);
    assertEquals(String(own.values.process_key).split(":")[1], String(pid));
    assert(Math.abs(Date.now() - (own.values.start_time as number)) < 60_000);
    assert(process_performance!.rows.some(({ values }) => values.pid === pid));
    const loopback = network_interfaces!.rows.find(({ values }) => values.interface_name === "lo")!;
    assert((JSON.parse(loopback.values.ip_networks as string) as string[]).includes("127.0.0.1/8"));
    assertEquals(
      reports.map(({ name, confinement, confinement_reason }) => [
        name,
        confinement,
        confinement_reason,
      ]),
      [["basemond", "none", "it asks programs of the host"]],
    );
  },
);

testWith(
  needs,
  "the base source stands in for collectors that cannot start, and says so",
  async () => {
    const better = await collect("good");
    const { tables, pid } = await collect("throws");
    const names = {
      processes: "procmond",
      process_performance: "perfmond",
      network_connections: "netmond",
      network_interfaces: "netmond",
    };
    for (const [table, name] of Object.entries(names)) {
      const { rows, outcome } = tables[table]!;
      assert(outcome.status === "partial", `${table}: ${JSON.stringify(outcome)}`);
      assertStringIncludes(outcome.reason, `base source: ${name}: it ended (status 1)`);
      assert(rows.length > 0, table);
      assertEquals(better.tables[table]!.outcome, { status: "complete" }, table);
    }
    const own = tables.processes!.rows.find(({ values }) => values.pid === pid)!;
    assertEquals(own.gaps.executable_hash, "not_collected");
    assertEquals(own.gaps.working_directory, "not_collected");
    // The keys are the same as those of the better source, so that nothing looks new because of it.
    const key = String(own.values.process_key).split(":");
    const other = better.tables.processes!.rows.find(({ values }) => values.pid === better.pid)!;
    assertEquals(key[0], String(other.values.process_key).split(":")[0]);
  },
);

testWith(
  needs,
  "a base source whose programs fail does not say that there is nothing",
  async () => {
    const { tables } = await collect("silent");
    assertEquals(tables.processes, {
      rows: [],
      outcome: {
        status: "unavailable",
        reason:
          "basemond: it could not read processes: systeminformation tells nothing of processes",
      },
    });
  },
);

testWith(needs, "a base source that hangs is killed at its deadline", async () => {
  const { tables, reports } = await collect("hangs");
  assertEquals(tables.processes, {
    rows: [],
    outcome: { status: "unavailable", reason: "basemond: it did not answer in time" },
  });
  assertEquals(reports[0]!.problem, "it did not answer in time");
});

testWith(
  needs,
  "a library that does not answer costs its process, and the next table has another",
  async () => {
    const { tables, reports } = await collect("unanswered");
    const { outcome } = tables.processes!;
    assert(outcome.status === "unavailable");
    assertStringIncludes(outcome.reason, "processes() of systeminformation did not answer within");
    assertEquals(tables.network_interfaces!.outcome, { status: "complete" });
    assertEquals(reports[0]!.restarts, 1);
  },
);

testWith(needs, "where confinement is required there is no base source", async () => {
  const { tables } = await collect("throws", "required");
  const { outcome, rows } = tables.processes!;
  assertEquals(rows, []);
  assert(outcome.status === "unavailable");
  assertStringIncludes(outcome.reason, "basemond may not run unconfined");
  assertStringIncludes(outcome.reason, "procmond: it ended (status 1)");
});
