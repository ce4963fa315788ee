import { fail } from "@std/assert";
import { findDetections, loadDetections } from "../compiler/files.ts";
import { openSandbox } from "../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { findCases, untestedDetections } from "./suite.ts";

/**
 * Registers every fixture of the detections under a path with `Deno.test`, so that `deno test` runs them. A detection
 * without any fixture is a failing test: an untested rule is the one that fails in the night.
 *
 * @example In a repository's own test file
 * ```ts ignore
 * import { testDetections } from "@daemoneye/daemoneye";
 *
 * await testDetections("detections");
 * ```
 */
export async function testDetections(path: string): Promise<void> {
  const loaded = await loadDetections(await findDetections([path]), CATALOGUE);
  const cases = await findCases(loaded, CATALOGUE);
  for (const name of untestedDetections(loaded, cases)) {
    Deno.test(`${name} has fixtures`, () => fail(`there is no fixture of ${name}`));
  }
  Deno.test(`fixtures of ${path}`, async (test) => {
    await using sandbox = await openSandbox({ policy: "preferred" });
    for (const one of cases) {
      await test.step(`${one.detection}: ${one.case}`, async () => {
        const { passed, diff } = await one.run(sandbox);
        if (!passed) fail(`${one.file}\n${diff.join("\n")}`);
      });
    }
  });
}
