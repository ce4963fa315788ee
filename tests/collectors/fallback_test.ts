import { assertEquals } from "@std/assert";
import { COLLECTORS, openCollectors } from "../../collectors/mod.ts";
import { withFallback } from "../../collectors/fallback.ts";
import { describePermissions, permissionTerms } from "../../collectors/permissions.ts";
import type { Collection, TableOutcome } from "../../model/collection.ts";
import { drain } from "./support.ts";

/** A collection with rows of these names, one a batch. */
async function* giving(names: readonly string[], outcome: TableOutcome): Collection {
  for (const name of names) {
    yield await Promise.resolve({
      table: "t",
      columns: ["name"],
      values: [[name]],
      rows: 1,
      gaps: [],
    });
  }
  return outcome;
}

const complete: TableOutcome = { status: "complete" };
const failed: TableOutcome = { status: "unavailable", reason: "procmond: it ended" };

async function collect(better: Collection, base: Collection | undefined, deadline = 10_000) {
  const asked: number[] = [];
  const { rows, outcome } = await drain(
    withFallback(better, (left) => (asked.push(left), base), deadline),
  );
  return { names: rows.map(({ values }) => values.name), outcome, asked: asked.length };
}

Deno.test("withFallback() asks the base source only for what the better one has nothing of", async () => {
  const base = () => giving(["base"], complete);
  assertEquals(await collect(giving(["a"], complete), base()), {
    names: ["a"],
    outcome: complete,
    asked: 0,
  });
  // An empty table is one.
  assertEquals(await collect(giving([], complete), base()), {
    names: [],
    outcome: complete,
    asked: 0,
  });
  const partial: TableOutcome = { status: "partial", reason: "procmond: it ended" };
  assertEquals(await collect(giving(["a"], partial), base()), {
    names: ["a"],
    outcome: partial,
    asked: 0,
  });
  // Rows that came before are rows of the better source.
  assertEquals(await collect(giving(["a"], failed), base()), {
    names: ["a"],
    outcome: failed,
    asked: 0,
  });
});

Deno.test("withFallback() marks what the base source tells as partial, and says why", async () => {
  assertEquals(await collect(giving([], failed), giving(["base"], complete)), {
    names: ["base"],
    outcome: { status: "partial", reason: "base source: procmond: it ended" },
    asked: 1,
  });
  const partial: TableOutcome = { status: "partial", reason: "basemond: half" };
  assertEquals((await collect(giving([], failed), giving(["base"], partial))).outcome, {
    status: "partial",
    reason: "base source: basemond: half; procmond: it ended",
  });
  const also: TableOutcome = { status: "unavailable", reason: "basemond: no shell" };
  assertEquals((await collect(giving([], failed), giving([], also))).outcome, {
    status: "unavailable",
    reason: "basemond: no shell; procmond: it ended",
  });
});

Deno.test("withFallback() stays with the failure where there is no time, or nobody to ask", async () => {
  assertEquals(await collect(giving([], failed), undefined), {
    names: [],
    outcome: failed,
    asked: 1,
  });
  assertEquals(await collect(giving([], failed), giving(["base"], complete), 0), {
    names: [],
    outcome: failed,
    asked: 0,
  });
});

Deno.test("every fallback is registered, and has the tables of whom it stands in for", () => {
  const fallbacks = COLLECTORS.flatMap((one) => one.fallback ? [one] : []);
  assertEquals(fallbacks.map(({ collector }) => collector.name), [
    "procmond",
    "netmond",
    "filemond",
    "perfmond",
  ]);
  for (const { specs, fallback } of fallbacks) {
    const base = COLLECTORS.find(({ collector }) => collector === fallback)!;
    for (const spec of specs.filter(({ name }) => name !== "process_events")) {
      assertEquals(base.specs.includes(spec), true, spec.name);
    }
  }
});

Deno.test("openCollectors() has the base source where nothing better reads the platform", async () => {
  for (const platform of ["macos", "windows"] as const) {
    await using collectors = await openCollectors({ platform, policy: "preferred" });
    assertEquals(
      ["processes", "process_performance", "network_connections", "network_interfaces"]
        .map((table) => collectors.supports(table)),
      [true, true, true, true],
    );
    assertEquals(collectors.supports("process_events"), false);
    const states = collectors.statuses().filter(({ state }) => state !== "unsupported");
    assertEquals(states.map(({ name }) => name), ["basefilemond", "basemond"]);
  }
});

Deno.test("what the base source may do is told of each platform", () => {
  assertEquals(permissionTerms("procmond", "windows").filter((term) => term.includes("tools")), [
    "basemond: tools cmd.exe",
    "basemond: tools powershell.exe",
  ]);
  assertEquals(
    permissionTerms("procmond", "macos").includes("basemond: tools /usr/sbin/sysctl"),
    true,
  );
  assertEquals(
    describePermissions("netmond").includes("basemond: run /bin/sh as the host has it, unconfined"),
    true,
  );
});
