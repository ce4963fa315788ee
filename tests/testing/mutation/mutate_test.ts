import { assert, assertEquals } from "@std/assert";
import { openSandbox, type Sandbox } from "../../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { FixtureCase } from "../../../testing/fixture.ts";
import { type DetectionMutation, mutateDetection } from "../../../testing/mutation/mutate.ts";
import { scoreOf } from "../../../testing/mutation/score.ts";
import type { Witness } from "../../../testing/mutation/witness.ts";
import { runCase } from "../../../testing/run.ts";
import { detectionOf, fixtureOf } from "../support.ts";

const SQL = `SELECT pid, name, executable_path FROM processes
WHERE name = 'nc' AND user_id >= 1000
  AND (executable_path LIKE '/tmp/%' OR executable_path REGEXP '^/(dev|run)/shm/')`;

/** Rows that together kill every mutant of the detection above. */
const ROWS = {
  first: "{ pid: 1, name: nc, user_id: 1000, executable_path: /tmp/x }",
  dev: "{ pid: 2, name: nc, user_id: 5000, executable_path: /dev/shm/x }",
  run: "{ pid: 3, name: nc, user_id: 5000, executable_path: /run/shm/x }",
  other: "{ pid: 4, name: sh, user_id: 2000, executable_path: /tmp/x }",
  system: "{ pid: 5, name: nc, user_id: 999, executable_path: /tmp/x }",
  usual: "{ pid: 6, name: nc, user_id: 2000, executable_path: /usr/bin/nc }",
  deep: "{ pid: 7, name: nc, user_id: 2000, executable_path: /a/run/shm/x }",
};

/** A case of some of the rows, with what the detection really finds of them. */
function caseOf(rows: readonly string[]): FixtureCase {
  const alerts = rows.filter((row) => /pid: [123],/.test(row))
    .map((row) => `{ ${/pid: \d/.exec(row)![0]} }`);
  return fixtureOf(
    `tables: { processes: [${rows.join(", ")}] }\nexpect: { alerts: [${alerts.join(", ")}] }`,
  );
}

function mutate(
  compiled: CompiledDetection,
  fixtures: readonly FixtureCase[],
  sandbox: Sandbox,
): Promise<DetectionMutation> {
  return mutateDetection(compiled, { fixtures, catalogue: CATALOGUE, sandbox, concurrency: 2 });
}

function survivors({ results, problem }: DetectionMutation): string[] {
  assertEquals(problem, undefined);
  return results.filter(({ status }) => status === "survived")
    .map(({ mutant: { kind, before, after } }) => `${kind}: ${before} → ${after}`);
}

/** Fixtures that lack a row or have another one in its place, and what then survives. */
const WEAK: readonly (readonly [string, Partial<Record<keyof typeof ROWS, string>>, string[]])[] = [
  ["nothing", {}, []],
  ["any other program", { other: "" }, ["dropped predicate: name = 'nc' → TRUE"]],
  ["any user below 1000", { system: "" }, [
    "dropped predicate: user_id >= 1000 → TRUE",
    "constant: 1000 → 999",
  ]],
  ["the user at the boundary", { first: ROWS.first.replace("1000", "1500") }, [
    "operator: user_id >= 1000 → user_id > 1000",
    "constant: 1000 → 1001",
  ]],
  ["any other place", { usual: "", deep: "" }, [
    "dropped predicate: (executable_path LIKE '/tmp/%' OR executable_path REGEXP '^/(dev|run)/shm/') → TRUE",
    "pattern: ^ → ",
  ]],
  ["a program in /run/shm", { run: "" }, ["pattern: |run → "]],
  ["a program in shared memory", { dev: "", run: "" }, [
    "dropped alternative: executable_path REGEXP '^/(dev|run)/shm/' → FALSE",
    "pattern: dev| → ",
    "pattern: |run → ",
  ]],
];

Deno.test("mutateDetection() finds the survivors of weak fixtures, no more", async (test) => {
  const compiled = detectionOf(SQL);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  for (const [lacking, change, expected] of WEAK) {
    await test.step(`fixtures that lack ${lacking}`, async () => {
      const rows = Object.values({ ...ROWS, ...change }).filter((row) => row !== "");
      const mutation = await mutate(compiled, [caseOf(rows)], sandbox);
      assertEquals(survivors(mutation), expected);
      for (const result of mutation.results) {
        if (result.status !== "survived") continue;
        assert(result.witness, `no row would kill ${result.mutant.before}`);
        await kills(compiled, result.mutant.compiled!, result.witness, sandbox);
      }
    });
  }
});

/** Fails unless the row, with what the detection says of it, is a fixture that the mutant fails. */
async function kills(
  compiled: CompiledDetection,
  mutant: CompiledDetection,
  { row, foundBy }: Witness,
  sandbox: Sandbox,
): Promise<void> {
  const fixture = fixtureOf(
    `tables: { processes: [${JSON.stringify(row)}] }\nexpect: { alerts: [${
      foundBy === "original" ? "{}" : ""
    }] }`,
  );
  assert((await runCase(compiled, fixture, CATALOGUE, sandbox)).passed, Deno.inspect(row));
  assert(!(await runCase(mutant, fixture, CATALOGUE, sandbox)).passed, Deno.inspect(row));
}

Deno.test("mutateDetection() plays every case, and names the one that kills", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const { other, system, usual, deep, ...firing } = ROWS;
  const cases = [Object.values(firing), [other, system], [usual, deep]].map((rows, index) => ({
    ...caseOf(rows),
    name: `case ${index}`,
  }));
  const mutation = await mutate(detectionOf(SQL), cases, sandbox);
  assertEquals(survivors(mutation), []);
  const by = new Set(mutation.results.map((one) => one.status === "killed" && one.by));
  assertEquals(by, new Set(["case 0", "case 1", "case 2"]));
});

Deno.test("mutateDetection() has exceptions tested, too", async () => {
  const more = `exceptions:
  - { id: backup, when: "name = 'backup' AND user_id = 0", reason: a test }`;
  const compiled = detectionOf("SELECT pid, name, user_id FROM processes WHERE ppid = 1", more);
  const firing = fixtureOf(`tables: { processes: [{ pid: 1, ppid: 1, name: x, user_id: 0 }] }
expect: { alerts: [{ pid: 1 }] }`);
  const excepted = fixtureOf(`tables: { processes: [{ pid: 1, ppid: 1, name: backup, user_id: 0 }] }
expect: { alerts: [] }`);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const weak = survivors(await mutate(compiled, [firing], sandbox));
  assert(weak.includes("dropped exception: name = 'backup' AND user_id = 0 → "), weak.join("\n"));
  assertEquals(
    survivors(await mutate(compiled, [firing, excepted], sandbox)),
    [
      "dropped predicate: ppid = 1 → TRUE",
      "dropped predicate: user_id = 0 → TRUE",
    ].toSorted((left) => left.includes("ppid") ? 1 : -1),
  );
});

Deno.test("mutateDetection() changes detections that read a view", async () => {
  const compiled = detectionOf(`SELECT p.pid, a.depth FROM processes p
JOIN process_ancestors a ON a.process_key = p.process_key WHERE a.name = 'nginx'`);
  const firing = fixtureOf(`tables: { processes: [
  { pid: 1, name: nginx }, { pid: 2, ppid: 1, name: perl }, { pid: 3, ppid: 2, name: sh } ] }
expect: { alerts: [{ pid: 2, depth: 1 }, { pid: 3, depth: 2 }] }`);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  assertEquals(
    survivors(await mutate(compiled, [firing], sandbox)),
    [],
  );
});

Deno.test("mutateDetection() counts a verdict that changes, where a column is denied", async () => {
  const compiled = detectionOf("SELECT pid FROM processes WHERE name = 'x' AND user_id = 0");
  const firing = fixtureOf(`tables: { processes: [
  { pid: 1, name: x, user_id: 0 }, { pid: 2, name: y, user_id: 0 } ] }
expect: { alerts: [{ pid: 1 }] }`);
  const denied = fixtureOf(`tables: { processes: [{ pid: 1, name: x }] }
denied: [processes.user_id]
expect: { verdict: not_evaluated }`);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const dropped = "dropped predicate: user_id = 0 → TRUE";
  assertEquals(survivors(await mutate(compiled, [firing], sandbox)), [dropped]);
  assertEquals(survivors(await mutate(compiled, [firing, denied], sandbox)), []);
});

/** Detections whose cases come to more than the rows of one query, with rather weak fixtures. */
const PLAYED: readonly (readonly [string, CompiledDetection, readonly FixtureCase[]])[] = [
  [
    "suppression from step to step",
    detectionOf(
      "SELECT pid, name FROM processes WHERE ppid = 1 AND name <> 'init' ORDER BY pid > 2",
      "suppression: { by: [name], for: 1h }",
    ),
    [
      fixtureOf(`steps:
  - at: 2026-01-01T00:00:00Z
    tables: { processes: [{ pid: 2, ppid: 1, name: a }, { pid: 3, ppid: 1, name: a }] }
    expect: { alerts: [{ pid: 2 }] }
  - at: 2026-01-01T00:30:00Z
    tables: { processes: [{ pid: 4, ppid: 1, name: a }, { pid: 5, ppid: 1, name: b }, { pid: 6, ppid: 7, name: c }] }
    expect: { alerts: [{ name: b }] }`),
    ],
  ],
  [
    "AUTO JOIN",
    detectionOf(`SELECT p.pid FROM processes p
  LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'x' OR p.ppid = 1
WHERE b.entropy > 7 OR p.user_id = 0`),
    [
      fixtureOf(`tables:
  processes: [{ pid: 1, name: x }, { pid: 2, name: y, user_id: 0 }, { pid: 3, name: y, ppid: 2 }]
  binary_analysis: [{ pid: 1, entropy: 7.5 }]
expect: { alerts: [{ pid: 1 }, { pid: 2 }] }`),
    ],
  ],
  [
    "rows and verdicts",
    detectionOf(
      "SELECT DISTINCT name FROM processes WHERE user_id > 0",
      `exceptions: [{ id: a, when: "name = 'a'", reason: a test }]`,
    ),
    [
      fixtureOf(`tables: { processes: [
  { pid: 1, name: a, user_id: 1 }, { pid: 2, name: a, user_id: 1 }, { pid: 3, name: b, user_id: 0 } ] }
expect: { rows: [{ name: a }], alerts: [] }`),
      fixtureOf(`tables: { processes: { unavailable: denied } }
expect: { verdict: not_evaluated }`),
    ],
  ],
  [
    "a step without a query",
    detectionOf("SELECT pid FROM processes WHERE user_id > 0"),
    [
      fixtureOf(`steps:
  - at: 2026-01-01T00:00:00Z
    tables: { processes: { unavailable: denied } }
    expect: { verdict: not_evaluated, alerts: [] }
  - at: 2026-01-01T00:01:00Z
    tables: { processes: [{ pid: 1, user_id: 7 }] }
    expect: { alerts: [{ pid: 1 }] }`),
    ],
  ],
  [
    "rows that an exception takes away",
    detectionOf(
      "SELECT pid, name FROM processes WHERE user_id > 0",
      `exceptions: [{ id: a, when: "name = 'a'", reason: a test }]`,
    ),
    [
      fixtureOf(
        `tables: { processes: [{ pid: 1, name: a, user_id: 1 }, { pid: 2, name: a, user_id: 0 }] }
expect: { alerts: [] }`,
      ),
    ],
  ],
];

Deno.test("mutateDetection() comes to what each mutant comes to when it is played as a whole", async (test) => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const seen = new Set<string>();
  for (const [about, compiled, fixtures] of PLAYED) {
    await test.step(about, async () => {
      const { results, problem } = await mutate(compiled, fixtures, sandbox);
      assertEquals(problem, undefined);
      for (const { mutant, status } of results) {
        seen.add(status);
        if (!mutant.compiled) continue;
        let killed = false;
        for (const fixture of fixtures) {
          killed ||= !(await runCase(mutant.compiled, fixture, CATALOGUE, sandbox)).passed;
        }
        assertEquals(status === "killed", killed, `${mutant.before} → ${mutant.after}`);
      }
    });
  }
  assert(seen.has("killed") && seen.has("survived"));
});

Deno.test("mutateDetection() kills mutants that never end", async () => {
  const compiled = detectionOf(
    `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5)
SELECT count(*) AS n, max(n) AS m FROM c`,
  );
  const fixture = fixtureOf("tables: {}\nexpect: { rows: [{ n: 5, m: 5 }] }");
  await using sandbox = await openSandbox({ policy: "preferred" });
  const mutation = await mutate(compiled, [fixture], sandbox);
  assertEquals(survivors(mutation), []);
  assert(scoreOf([mutation]).killed > 5);
});

Deno.test("mutateDetection() recognises mutants that mean the same", async () => {
  const compiled = detectionOf(
    `SELECT pid FROM processes
WHERE name REGEXP 'a+$|b+' OR name IN ('c', 'c') OR ppid IN (SELECT DISTINCT pid FROM processes)`,
  );
  const fixture = fixtureOf(`tables: { processes: [] }\nexpect: { alerts: [] }`);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const { results } = await mutate(compiled, [fixture], sandbox);
  const equivalent = results.flatMap((one) =>
    one.status === "equivalent" ? [`${one.mutant.before}: ${one.because}`] : []
  );
  assertEquals(equivalent, [
    "+: both patterns match the same texts",
    "+: both patterns match the same texts",
    "'c', : it says the same in other words",
    "DISTINCT: it says the same in other words",
  ]);
});

Deno.test("mutateDetection() looks at every pattern that a piece is part of", async () => {
  const compiled = detectionOf(
    `WITH word(w) AS (SELECT 'a+') SELECT pid FROM processes
WHERE name REGEXP (SELECT '^' || w || '$' FROM word) OR name REGEXP (SELECT w FROM word)`,
  );
  const fixture = fixtureOf(`tables: { processes: [] }\nexpect: { alerts: [] }`);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const { results } = await mutate(compiled, [fixture], sandbox);
  // Alone the second pattern would find the same without it.
  assertEquals(results.find(({ mutant }) => mutant.before === "+")?.status, "survived");
});

Deno.test("mutateDetection() says why it did nothing", async () => {
  const compiled = detectionOf("SELECT pid FROM processes WHERE name = 'x'");
  const wrong = fixtureOf("tables: { processes: [] }\nexpect: { alerts: [{ pid: 1 }] }");
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  assertEquals((await mutate(compiled, [], sandbox)).problem, "it has no fixtures");
  assertEquals((await mutate(compiled, [wrong], sandbox)).problem, "a case fails: mend that first");
});
