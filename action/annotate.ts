/**
 * Prints a workflow command for each case that failed and each detection whose fixtures are not worth enough, so that
 * GitHub shows them beside their files. Exits with 1 where there is one.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname, join } from "@std/path";
import { workflowCommand } from "../diagnostics/github.ts";
import { readResults, type TestResult } from "./results.ts";

/** What fixtures must be worth at least, percent. */
export interface Minima {
  /** Outcomes of the clauses of each detection. */
  readonly coverage?: number;
  /** Mutants killed of each detection. */
  readonly mutation?: number;
}

/** The commands, one a line. */
export function annotations(
  { cases, coverage, mutation }: TestResult,
  minima: Minima,
  fileOf: (file: string) => string | undefined,
): readonly string[] {
  const error = (file: string, title: string, message: string) => {
    const found = fileOf(file);
    return workflowCommand("error", message, { ...(found && { file: found }), title });
  };
  const below = (percent: number, least: number | undefined) =>
    least !== undefined && percent < least;
  return [
    ...cases.filter(({ passed }) => !passed).map((one) =>
      error(one.file, `${one.detection}: ${one.case}`, one.diff.join("\n"))
    ),
    ...(coverage?.detections ?? []).filter(({ percent }) => below(percent, minima.coverage))
      .map(({ detection, file, percent }) =>
        error(
          file,
          `coverage of ${detection}`,
          `fixtures reach ${percent} % of the outcomes of its clauses; at least ${minima.coverage} % are asked for`,
        )
      ),
    ...(mutation?.detections ?? [])
      .filter(({ score, problem }) => below(problem === undefined ? score : 0, minima.mutation))
      .map(({ detection, file, score, survived, problem }) =>
        error(
          file,
          `mutation score of ${detection}`,
          problem ??
            `${score} %, ${survived} mutants survive; at least ${minima.mutation} % are asked for`,
        )
      ),
  ];
}

/** Finds files that are named from the root of a repository, which is at or above a path. */
export function finder(path: string): (file: string) => string | undefined {
  const roots = [path];
  while (dirname(roots.at(-1)!) !== roots.at(-1)) roots.push(dirname(roots.at(-1)!));
  return (file) => ["", ...roots].map((root) => join(root, file)).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const { _: [folder, path], ...least } = parseArgs(Deno.args, {
    string: ["_", "coverage", "mutation"],
  });
  const { test } = await readResults(String(folder));
  const minimum = (name: keyof Minima) => least[name] ? { [name]: Number(least[name]) } : {};
  const minima: Minima = { ...minimum("coverage"), ...minimum("mutation") };
  const lines = test ? annotations(test, minima, finder(String(path))) : [];
  for (const line of lines) console.log(line);
  if (test) console.log(`${test.passed} passed, ${test.failed} failed`);
  if (lines.length > 0) Deno.exit(1);
}
