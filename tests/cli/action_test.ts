import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { annotations } from "../../action/annotate.ts";
import { summary } from "../../action/summary.ts";
import { repository } from "./repository.ts";
import { readAction, runAction, type StepResult } from "./run_action.ts";
import { ROOT, runCli } from "./run_cli.ts";

const outcomes = (steps: ReadonlyMap<string, StepResult>) =>
  Object.fromEntries([...steps].map(([id, { outcome }]) => [id, outcome]));

const DETECTION = "detections/execution/program_in_shared_memory.sql";

/** A repository as `init` makes it, with a part of its detection replaced. */
async function newRepository(before = "", after = "") {
  const folder = await repository({});
  assertEquals((await runCli(["init", folder.path, "--source", "team/tools@v1"])).code, 0);
  const path = join(folder.path, DETECTION);
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace(before, after));
  return folder;
}

Deno.test("the action passes on a good repository, and sums up", async () => {
  await using folder = await newRepository();
  const { success, steps, summary, outputs } = await runAction({
    workspace: folder.path,
    inputs: {
      "fail-on": "info",
      "coverage-minimum": "100",
      "mutation-minimum": "100",
      permissions: "lock",
      sarif: "out/lint.sarif",
    },
  });
  assertEquals(outcomes(steps), {
    deno: "success",
    lint: "success",
    sarif: "success",
    test: "success",
    permissions: "success",
    summary: "success",
  }, [...steps.values()].map(({ log }) => log).join("\n"));
  assert(success);
  assertEquals(outputs, { errors: "0", warnings: "0", passed: "2", failed: "0" });
  assertStringIncludes(summary, "| Lint | 1 detection, 0 errors, 0 warnings |\n");
  assertStringIncludes(summary, "| Fixtures | 2 passed, 0 failed |\n");
  assertStringIncludes(summary, "| Coverage | 100 % of outcomes |\n");
  assertStringIncludes(summary, "| Mutation score | 100 % |\n");
  assertStringIncludes(summary, "- **procmond** for 1 detection<br>");
  const sarif = JSON.parse(await Deno.readTextFile(join(folder.path, "out", "lint.sarif")));
  assertEquals(sarif.runs[0].results, []);
});

Deno.test("the action fails on a bad repository in every step that finds something, and still sums up", async () => {
  await using folder = await newRepository("command_line,", "command_line, environment_variables,");
  await Deno.writeTextFile(
    join(folder.path, "fixtures", "program_in_shared_memory", "silent.yaml"),
    `case: "::error::a trap %0A::warning::another"
tables:
  processes:
    - { pid: 1, start_time: -1m, name: "<img src=x>|", executable_path: /dev/shm/x }
expect: { alerts: [] }
`,
  );
  const { success, steps, summary, outputs } = await runAction({
    workspace: folder.path,
    inputs: { permissions: "lock", sarif: "lint.sarif" },
  });
  assertEquals(outcomes(steps), {
    deno: "success",
    lint: "failure",
    sarif: "success",
    test: "failure",
    permissions: "failure",
    summary: "success",
  });
  assertEquals(success, false);
  assertMatch(
    steps.get("lint")!.log,
    new RegExp(`^::error file=${DETECTION},line=19,.*title=widened-permissions::`, "m"),
  );
  const test = steps.get("test")!.log;
  assertMatch(
    test,
    /^::error file=fixtures\/program_in_shared_memory\/silent\.yaml,title=program_in_shared_memory%3A %3A%3Aerror/m,
  );
  assertEquals(
    test.split("\n").filter((line) => line.trimStart().startsWith("::")).length,
    1,
    test,
  );
  assertMatch(steps.get("permissions")!.log, /^::error title=permissions\.lock\.json::/m);
  assertEquals(outputs, { errors: "1", warnings: "0", passed: "1", failed: "1" });
  assertMatch(summary, /- \*\*error\*\* widened-permissions&#58; this makes Linux hosts read/);
  assertMatch(
    summary,
    /- \*\*program&#95;in&#95;shared&#95;memory: &#58;&#58;error&#58;&#58;a trap/,
  );
  assert(!/<(?!br>)/.test(summary), "nothing of a fixture is HTML");
  const sarif = JSON.parse(await Deno.readTextFile(join(folder.path, "lint.sarif")));
  assertEquals(
    sarif.runs[0].results.map((one: { ruleId: string }) => one.ruleId),
    ["widened-permissions"],
  );
});

Deno.test("the action fails where fixtures are worth less than is asked for", async () => {
  await using folder = await newRepository(
    "GLOB '/dev/shm/*'",
    "GLOB '/dev/shm/*' AND (user_id IS NULL OR user_id <> 33)",
  );
  const { steps } = await runAction({
    workspace: folder.path,
    inputs: { "coverage-minimum": "90", "mutation-minimum": "90" },
    only: ["deno", "test"],
  });
  const { outcome, log } = steps.get("test")!;
  assertEquals(outcome, "failure");
  assertMatch(
    log,
    new RegExp(`^::error file=${DETECTION},title=coverage of .*::fixtures reach \\d+ %25`, "m"),
  );
  assertMatch(
    log,
    new RegExp(
      `^::error file=${DETECTION},title=mutation score of .*::[\\d.]+ %25, \\d+ mutants`,
      "m",
    ),
  );
  assertStringIncludes(log, "2 passed, 0 failed");
});

Deno.test("inputs of the action are data: none of them is run", async () => {
  await using folder = await newRepository();
  const trap = "$(touch trap); `touch trap`; \"; touch trap; # ' && touch trap";
  const { "deno-version": _first, ...others } = (await readAction()).inputs;
  const trapped = Object.fromEntries(Object.keys(others).map((name) => [name, `${trap} ${name}`]));
  const rest = ["lint", "sarif", "test", "permissions"];
  const all = (outcome: string) => Object.fromEntries(rest.map((id) => [id, outcome]));
  for (
    const [inputs, expected] of [
      [{ "deno-version": trap }, { deno: "failure", ...all("skipped"), summary: "skipped" }],
      [trapped, { deno: "success", ...all("failure"), summary: "success" }],
    ] as const
  ) {
    const { steps } = await runAction({ workspace: folder.path, inputs });
    const found = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assertEquals([found.includes("trap"), outcomes(steps)], [false, expected]);
    const commands = [...steps.values()].flatMap(({ log }) =>
      log.split("\n").filter((line) => line.startsWith("::") && line.includes("touch"))
    );
    assertEquals(commands, []);
  }
});

Deno.test("no script of the action has an expression in it, and every input is used", async () => {
  const { inputs, outputs, runs } = await readAction();
  assertEquals(runs.using, "composite");
  for (const { run, shell, id } of runs.steps) {
    assertEquals([run.includes("${{"), shell], [false, "bash"], id);
  }
  const text = JSON.stringify(runs.steps);
  for (const name of Object.keys(inputs)) assertStringIncludes(text, `inputs.${name}`);
  for (const [name, { value }] of Object.entries(outputs)) {
    assertEquals(value, `\${{ steps.summary.outputs.${name} }}`);
  }
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  assertStringIncludes(tasks.daemoneye.command, "-P=host", "as action/daemoneye has it");
});

Deno.test("the action takes a Deno that is there, and has npm install another one", async () => {
  await using folder = await repository({
    "deno": '#!/bin/sh\necho "deno 2.9.5 (stable)"\n',
    "npm": '#!/bin/sh\necho "npm $*"\n',
  });
  for (const name of ["deno", "npm"]) await Deno.chmod(join(folder.path, name), 0o755);
  const step = async (version: string) => {
    const { steps, path } = await runAction({
      workspace: folder.path,
      programs: folder.path,
      inputs: { "deno-version": version },
      only: ["deno"],
    });
    return { ...steps.get("deno")!, path };
  };
  const there = await step("2.9.5");
  assertEquals([there.outcome, there.log, there.path], ["success", "deno 2.9.5 is there\n", ""]);
  const other = await step("2.9.6");
  assertMatch(other.log, /^npm install --global .* --prefix \S+\/daemoneye\/deno deno@2\.9\.6\n$/);
  assertMatch(other.path, /^\S+\/daemoneye\/deno\/bin\n$/);
  const latest = await step("latest");
  assertEquals(latest.outcome, "failure");
});

Deno.test("the action says what is wrong with its path, and has no result to sum up", async () => {
  await using folder = await repository({ "readme.txt": "" });
  const { steps, summary, outputs } = await runAction({
    workspace: folder.path,
    inputs: { path: "nowhere" },
  });
  assertEquals(outcomes(steps).lint, "failure");
  assertMatch(steps.get("lint")!.log, /^daemoneye lint: nowhere does not exist/);
  assertStringIncludes(summary, "| Lint | no result; the log says why |");
  assertEquals(outputs, { errors: "", warnings: "", passed: "", failed: "" });
});

Deno.test("CI uses the action on the shipped detections", async () => {
  const text = await Deno.readTextFile(join(ROOT, ".github", "workflows", "ci.yml"));
  const { jobs, permissions } = parse(text);
  assertEquals(permissions, { contents: "read" });
  const steps: { uses?: string; with?: Record<string, string> }[] = jobs.detections.steps;
  const action = steps.find(({ uses }) => uses === "./");
  assertEquals(action?.with?.permissions, "lock");
  const { inputs } = await readAction();
  assertEquals(Object.keys(action!.with!).filter((name) => !(name in inputs)), []);
  for (const job of Object.values(jobs) as { steps: { uses?: string }[] }[]) {
    for (const { uses } of job.steps) {
      if (uses && uses !== "./") assertMatch(uses, /@[0-9a-f]{40}$/);
    }
  }
});

Deno.test("annotations() shows a failing case without a file where there is none", () => {
  const one = {
    detection: "a",
    case: "b",
    file: "gone.yaml",
    passed: false,
    diff: ["x\n::y", "z"],
  };
  assertEquals(
    annotations({ passed: 0, failed: 1, cases: [one] }, {}, () => undefined),
    ["::error title=a%3A b::x%0A::y%0Az"],
  );
});

Deno.test("summary() stays short however much was found", () => {
  const cases = Array.from({ length: 5_000 }, (_, index) => ({
    detection: "x".repeat(1_000),
    case: String(index),
    file: "",
    passed: false,
    diff: ["y".repeat(100_000)],
  }));
  const text = summary({ test: { passed: 0, failed: 5_000, cases } });
  assert(text.length < 200_000, String(text.length));
  assertStringIncludes(text, "- … and 4950 more\n");
});

Deno.test("docs/ci.md has every input of the action, and names files that init makes", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "ci.md"));
  const { inputs, outputs } = await readAction();
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| +(?:`([^`]*)`)? *\|/gm)]
    .map(([, name, value]) => [name, value ?? ""]);
  assertEquals(rows, Object.entries(inputs).map(([name, one]) => [name, one.default]));
  for (const name of Object.keys(outputs)) assertStringIncludes(page, `\`${name}\``);
  const [example] = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => parse(text!));
  const used = Object.keys(
    example.steps.find((step: { uses: string }) => step.uses === "./.daemoneye").with,
  );
  assertEquals(used.filter((name) => !(name in inputs)), []);

  await using folder = await newRepository();
  const table = page.slice(page.indexOf("| what"), page.indexOf("DIR may exist"));
  const cells = [...table.matchAll(/^\| ([^|]*)\|/gm)].map(([, cell]) => cell!);
  const paths = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path!));
  assert(paths.length > 8);
  for (const path of paths) {
    assert(await Deno.stat(join(folder.path, path.replace("<tactic>/", ""))), path);
  }
});
