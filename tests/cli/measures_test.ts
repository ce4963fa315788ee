import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCli, temporaryFolder } from "./run_cli.ts";

const DETECTION = `---
id: 00000000-0000-4000-8000-000000000001
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
---
SELECT pid, name
FROM processes
WHERE name = 'nc'
  AND user_id >= 1000
`;

const FIRING = `case: a user's nc
tables:
  processes: [{ pid: 1, name: nc, user_id: 1000 }, { pid: 2, name: sh, user_id: 2000 }]
expect: { alerts: [{ pid: 1 }] }
`;

/** A repository with one detection, whose fixtures nobody below 1000 is in. */
async function repository(fixture = FIRING) {
  const folder = await temporaryFolder();
  await Deno.mkdir(join(folder.path, "detections"));
  await Deno.mkdir(join(folder.path, "fixtures", "weak"), { recursive: true });
  await Deno.writeTextFile(join(folder.path, "detections", "weak.sql"), DETECTION);
  await Deno.writeTextFile(join(folder.path, "fixtures", "weak", "case.yaml"), fixture);
  return folder;
}

Deno.test("test --coverage marks the SQL", async () => {
  await using folder = await repository();
  const { code, stdout } = await runCli(["test", ".", "--coverage"], { cwd: folder.path });
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `weak: 3 of 4 outcomes (75 %)
  --> detections/weak.sql
 9 |    SELECT pid, name
10 |    FROM processes
11 | +  WHERE name = 'nc'
12 | T    AND user_id >= 1000
   |          ^^^^^^^^^^^^^^^ never false (true 2×)

+ covered, F never true, T never false, N always NULL, - never evaluated; n also NULL
coverage: 3 of 4 outcomes (75 %)

ok: 1 detection
1 passed, 0 failed
`,
  );
});

Deno.test("test --coverage --format lcov prints nothing else", async () => {
  await using folder = await repository();
  const words = ["test", ".", "--coverage", "--format", "lcov"];
  const { code, stdout } = await runCli(words, { cwd: folder.path });
  assertEquals(code, 0);
  assertMatch(stdout, /^TN:\nSF:detections\/weak\.sql\nBRDA:11,0,0,1\n[^]*\nend_of_record\n$/);
});

Deno.test("test --mutate shows survivors at their places with a row that would kill them", async () => {
  await using folder = await repository();
  const { code, stdout } = await runCli(["test", ".", "--mutate"], { cwd: folder.path });
  assertEquals(code, 0);
  assertMatch(stdout, /^weak: [\d.]+ % \(\d+ of \d+ mutants killed; 0 equivalent, 0 invalid\)\n/);
  assertStringIncludes(
    stdout,
    `survived[dropped predicate] detections/weak.sql:12:7
12 |   AND user_id >= 1000
   |       ^^^^^^^^^^^^^^^ becomes TRUE
   = a row of processes that would kill it (the mutant finds more), from fixtures/weak/case.yaml with another user_id:
     - { pid: 1, name: "nc", user_id: 999 }
`,
  );
  assertStringIncludes(stdout, "becomes 999\n");
  assertMatch(stdout, /\nmutation score: [\d.]+ % .*\n\nok: 1 detection\n1 passed, 0 failed\n$/);
});

Deno.test("test --mutate --min-score fails below it, and where nothing could be mutated", async () => {
  await using folder = await repository();
  const run = (score: string) =>
    runCli(["test", ".", "--mutate", "--min-score", score], { cwd: folder.path });
  assertEquals((await run("50")).code, 0);
  const { code, stdout } = await run("99.9");
  assertEquals(code, 1);
  assertStringIncludes(stdout, "below 99.9 %: weak\n");
  await using broken = await repository(FIRING.replace("{ pid: 1 }]", "]"));
  const words = ["test", ".", "--mutate", "--min-score", "0"];
  const failing = await runCli(words, { cwd: broken.path });
  assertEquals(failing.code, 1);
  assertStringIncludes(failing.stdout, "weak: a user's nc fails: mend that first");
});

Deno.test("test --coverage --mutate --format json adds both to the results", async () => {
  await using folder = await repository();
  const words = ["test", ".", "--coverage", "--mutate", "--format", "json"];
  const { stdout } = await runCli(words, { cwd: folder.path });
  const { passed, coverage, mutation } = JSON.parse(stdout);
  assertEquals(passed, 1);
  assertEquals(coverage.percent, 75);
  assertEquals(coverage.detections[0].clauses[1], {
    kind: "where",
    text: "user_id >= 1000",
    line: 12,
    column: 7,
    end_line: 12,
    end_column: 22,
    true: 2,
    false: 0,
    null: 0,
    status: "never false",
  });
  const [{ mutants, ...counts }] = mutation.detections;
  assertEquals(counts.killed + counts.survived, mutants.length);
  assertEquals(counts.score, mutation.score);
  // deno-lint-ignore no-explicit-any
  const survivor = mutants.find((one: any) => one.status === "survived");
  assertEquals(survivor, {
    kind: "dropped predicate",
    status: "survived",
    line: 12,
    column: 7,
    end_line: 12,
    end_column: 22,
    before: "user_id >= 1000",
    after: "TRUE",
    witness: {
      fixture: "fixtures/weak/case.yaml",
      table: "processes",
      column: "user_id",
      row: { pid: 1, name: "nc", user_id: 999, process_key: "fixture:1:0" },
      found_by: "mutant",
    },
  });
  // deno-lint-ignore no-explicit-any
  assert(mutants.every((one: any) => one.status !== "killed" || one.killed_by === "a user's nc"));
});

Deno.test("test refuses measures that do not fit each other", async () => {
  const wrong = [
    ["--min-score", "90"],
    ["--mutate", "--min-score", "many"],
    ["--mutate", "--min-score", "101"],
    ["--format", "lcov"],
    ["--format", "junit", "--coverage"],
    ["--format", "lcov", "--coverage", "--mutate"],
  ];
  for (const words of wrong) {
    const { code, stderr } = await runCli(["test", ...words]);
    assertEquals([code, stderr.trim().split("\n").length], [2, 1], words.join(" "));
  }
});
