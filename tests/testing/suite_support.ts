import { assert } from "@std/assert";
import { join } from "@std/path";
import { loadDetections } from "../../compiler/files.ts";
import { openSandbox, type Sandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { CaseResult } from "../../testing/run.ts";
import { findCases } from "../../testing/suite.ts";

/** Calls back with a sandbox of one process. */
export async function withSandbox(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  await using sandbox = await openSandbox({ policy: "off", size: 1 });
  await use(sandbox);
}

/** A detection with some front-matter besides what every one needs. */
export function detectionText(sql: string, more = ""): string {
  return `---
id: 00000000-0000-4000-8000-000000000001
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
${more}
---
${sql}
`;
}

/** Runs the fixtures of a detection as its author would: from files. */
export async function runSuite(
  sandbox: Sandbox,
  detection: string,
  fixtures: Readonly<Record<string, string>>,
): Promise<readonly CaseResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-suite-" });
  try {
    await Deno.mkdir(join(folder, "detections"));
    await Deno.mkdir(join(folder, "fixtures", "a_rule"), { recursive: true });
    const file = join(folder, "detections", "a_rule.sql");
    await Deno.writeTextFile(file, detection);
    for (const [name, text] of Object.entries(fixtures)) {
      await Deno.writeTextFile(join(folder, "fixtures", "a_rule", `${name}.yaml`), text);
    }
    const cases = await findCases(await loadDetections([file], CATALOGUE), CATALOGUE);
    const results: CaseResult[] = [];
    for (const one of cases) results.push(await one.run(sandbox));
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is wrong with the only case of a detection. */
export async function diffOf(
  sandbox: Sandbox,
  detection: string,
  fixture: string,
): Promise<readonly string[]> {
  const [result, ...others] = await runSuite(sandbox, detection, { one: fixture });
  assert(result && others.length === 0);
  return result.diff;
}
