import { assert } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { ROOT } from "./run_cli.ts";

/** A step of a composite action. */
export interface Step {
  readonly name: string;
  readonly id: string;
  readonly shell: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

/** `action.yml` as it stands. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** Reads `action.yml`. */
export async function readAction(): Promise<Action> {
  return parse(await Deno.readTextFile(join(ROOT, "action.yml")));
}

/** What a step came to. */
export interface StepResult {
  readonly outcome: "success" | "failure" | "skipped";
  readonly log: string;
}

/** What an action came to. */
export interface ActionResult {
  readonly success: boolean;
  readonly steps: ReadonlyMap<string, StepResult>;
  /** The job summary. */
  readonly summary: string;
  /** Outputs of the steps. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Folders that were added to the PATH. */
  readonly path: string;
}

/** Where and how an action runs. */
export interface ActionOptions {
  /** The checkout of the repository that uses it. */
  readonly workspace: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Comes first in the PATH; by default the Deno of this test. */
  readonly programs?: string;
  /** Instead of all steps only these. */
  readonly only?: readonly string[];
}

/**
 * Runs the steps of `action.yml` as a runner does: each script in a bash of its own, with the environment that the step
 * names and the files that runners give, and the steps' conditions (GitHub Docs, "Metadata syntax for GitHub Actions").
 */
export async function runAction(
  { workspace, inputs = {}, programs = join(Deno.execPath(), ".."), only }: ActionOptions,
): Promise<ActionResult> {
  const action = await readAction();
  const runner = await Deno.makeTempDir({ prefix: "daemoneye-runner-" });
  const file = (name: string) => join(runner, name);
  const files = { GITHUB_STEP_SUMMARY: "summary", GITHUB_OUTPUT: "output", GITHUB_PATH: "path" };
  for (const name of Object.values(files)) await Deno.writeTextFile(file(name), "");
  const given: Record<string, string> = {};
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    given[name] = inputs[name] ?? value;
  }
  const steps = new Map<string, StepResult>();
  try {
    for (const step of action.runs.steps) {
      if (only && !only.includes(step.id)) continue;
      assert(step.shell === "bash");
      if (!isWanted(step.if ?? "success()", steps, given)) {
        steps.set(step.id, { outcome: "skipped", log: "" });
        continue;
      }
      const env = Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, given)]);
      await Deno.writeTextFile(file("script.sh"), step.run);
      const { success, stdout, stderr } = await new Deno.Command("bash", {
        args: ["--noprofile", "--norc", "-eo", "pipefail", file("script.sh")],
        cwd: workspace,
        stdin: "null",
        env: {
          CI: "true",
          GITHUB_ACTIONS: "true",
          GITHUB_WORKSPACE: workspace,
          GITHUB_ACTION_PATH: ROOT.replace(/\/$/, ""),
          RUNNER_TEMP: runner,
          PATH: `${programs}:${Deno.env.get("PATH")}`,
          ...Object.fromEntries(Object.entries(files).map(([name, path]) => [name, file(path)])),
          ...Object.fromEntries(env),
        },
      }).output();
      const decoder = new TextDecoder();
      const log = decoder.decode(stdout) + decoder.decode(stderr);
      steps.set(step.id, { outcome: success ? "success" : "failure", log });
    }
    const output = await Deno.readTextFile(file("output"));
    return {
      success: [...steps.values()].every(({ outcome }) => outcome !== "failure"),
      steps,
      summary: await Deno.readTextFile(file("summary")),
      outputs: Object.fromEntries(
        output.split("\n").filter((line) => line !== "").map((line) => line.split("=", 2)),
      ),
      path: await Deno.readTextFile(file("path")),
    };
  } finally {
    await Deno.remove(runner, { recursive: true });
  }
}

const EXPRESSION = /\$\{\{ *(.*?) *\}\}/g;

function fill(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replace(EXPRESSION, (_whole, expression: string) => {
    const name = /^inputs\.([\w-]+)$/.exec(expression)?.[1];
    assert(name !== undefined && name in inputs, expression);
    return inputs[name]!;
  });
}

/** Conditions joined by `&&`, of the kinds that the action uses; any other fails the test. */
function isWanted(
  condition: string,
  steps: ReadonlyMap<string, StepResult>,
  inputs: Readonly<Record<string, string>>,
): boolean {
  return condition.replace(EXPRESSION, "$1").split(" && ").every((term) => {
    if (term === "!cancelled()") return true;
    if (term === "success()") {
      return [...steps.values()].every(({ outcome }) => outcome !== "failure");
    }
    const [, step, outcome] = /^steps\.(\w+)\.outcome == '(\w+)'$/.exec(term) ?? [];
    if (step !== undefined) return (steps.get(step)?.outcome ?? "success") === outcome;
    const [, input, value] = /^inputs\.([\w-]+) != '(\w*)'$/.exec(term) ?? [];
    assert(input !== undefined, `an unknown condition: ${term}`);
    return inputs[input] !== value;
  });
}
