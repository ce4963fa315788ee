import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { findDetections, loadDetections } from "../compiler/files.ts";
import { openSandbox } from "../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { measureCoverage } from "../testing/coverage/measure.ts";
import { statusOf } from "../testing/coverage/report.ts";
import type { FixtureCase } from "../testing/fixture.ts";
import { loadFixtures } from "../testing/load.ts";
import { mutateDetection } from "../testing/mutation/mutate.ts";
import { scoreOf } from "../testing/mutation/score.ts";

const LEAST_SCORE = 90;

async function* shipped(): AsyncGenerator<[CompiledDetection, readonly FixtureCase[]]> {
  const files = await findDetections([fromFileUrl(new URL("../detections", import.meta.url))]);
  assert(files.length > 0);
  for (const { compiled } of await loadDetections(files, CATALOGUE)) {
    assert(compiled);
    const loaded = await loadFixtures(compiled.detection, CATALOGUE);
    yield [compiled, loaded.flatMap(({ fixture }) => fixture ?? [])];
  }
}

Deno.test("every clause of the shipped detections is true in some fixture and false in another", async () => {
  await using sandbox = await openSandbox({ policy: "preferred" });
  for await (const [compiled, fixtures] of shipped()) {
    const { clauses, problems } = await measureCoverage(compiled, fixtures, CATALOGUE, sandbox);
    const { name } = compiled.detection;
    const uncovered = clauses.filter((clause) => statusOf(clause) !== "covered");
    assertEquals([name, uncovered.map(({ text }) => text), problems], [name, [], []]);
  }
});

Deno.test(`the fixtures of each shipped detection kill at least ${LEAST_SCORE} % of its mutants`, async () => {
  await using sandbox = await openSandbox({ policy: "preferred" });
  const concurrency = navigator.hardwareConcurrency;
  for await (const [compiled, fixtures] of shipped()) {
    const options = { fixtures, catalogue: CATALOGUE, sandbox, concurrency };
    const mutation = await mutateDetection(compiled, options);
    const { name } = compiled.detection;
    const { score, killed } = scoreOf([mutation]);
    assertEquals(mutation.problem, undefined, name);
    assert(killed > 0 && score >= LEAST_SCORE, `${name}: ${score} %; see daemoneye test --mutate`);
  }
});
