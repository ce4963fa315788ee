import { pooledMap } from "@std/async/pool";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { FixtureCase } from "../fixture.ts";
import { runCase } from "../run.ts";
import { equivalence } from "./equivalence.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import {
  comparable,
  playWith,
  recordCase,
  type RecordedCase,
  replay,
  signatureOf,
  surelyFails,
} from "./play.ts";
import { findWitness, type Witness } from "./witness.ts";

/** What became of a mutant. */
export type MutantResult =
  & { readonly mutant: Mutant }
  & (
    /** A fixture fails with it, as it should. */
    | { readonly status: "killed"; readonly by: string }
    /** No fixture tells it from the original. */
    | { readonly status: "survived"; readonly witness?: Witness }
    /** Nothing could tell it from the original. */
    | { readonly status: "equivalent"; readonly because: string }
    /** It does not compile. */
    | { readonly status: "invalid" }
  );

/** What the fixtures of a detection are worth. */
export interface DetectionMutation {
  /** The detection. */
  readonly compiled: CompiledDetection;
  /** In the order of the text. */
  readonly results: readonly MutantResult[];
  /** Why there are no results, in words. */
  readonly problem?: string;
}

/** Options of {@linkcode mutateDetection}. */
export interface MutateOptions {
  /** The cases that are to kill mutants. */
  readonly fixtures: readonly FixtureCase[];
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Where queries run. */
  readonly sandbox: Sandbox;
  /** Mutants that are tried at the same time. */
  readonly concurrency: number;
  /** Called with the number of mutants that are done and of all. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Whoever has more survivors begins with the first ones. */
const MAX_WITNESSES = 50;

/**
 * Plays the cases of a detection with each of its mutants. A mutant is killed when a case then fails: by its alerts, its
 * rows or its verdict.
 */
export async function mutateDetection(
  compiled: CompiledDetection,
  options: MutateOptions,
): Promise<DetectionMutation> {
  const { fixtures, catalogue, sandbox, onProgress } = options;
  if (fixtures.length === 0) return { compiled, results: [], problem: "it has no fixtures" };
  const cases: RecordedCase[] = [];
  for (const fixture of fixtures) {
    cases.push(await recordCase(compiled, fixture, catalogue, sandbox));
  }
  const broken = cases.find(({ result }) => !result.passed);
  if (broken) {
    const problem = `${broken.fixture.name} fails: mend that first`;
    return { compiled, results: [], problem };
  }
  cases.sort((left, right) => stepsOf(left) - stepsOf(right) || alertsOf(right) - alertsOf(left));
  const mutants = mutantsOf(compiled, catalogue);
  if (mutants.length === 0) {
    return { compiled, results: [], problem: "the SQL has syntax that only SQLite knows" };
  }
  const results = new Map(mutants.map((mutant) => [mutant, withoutPlaying(mutant)]));
  const alive = () => mutants.filter((mutant) => results.get(mutant)?.status === "survived");
  for (const recorded of cases) {
    const failed = await failing(compiled, alive(), recorded, options);
    for (const mutant of failed) {
      results.set(mutant, { mutant, status: "killed", by: recorded.fixture.name });
    }
    onProgress?.(mutants.length - alive().length, mutants.length);
  }
  for (const mutant of alive()) {
    const because = equivalence(compiled, mutant);
    if (because) results.set(mutant, { mutant, status: "equivalent", because });
  }
  for (const mutant of alive().slice(0, MAX_WITNESSES)) {
    const witness = await findWitness(compiled, mutant, cases, catalogue, sandbox);
    if (witness) results.set(mutant, { mutant, status: "survived", witness });
  }
  return { compiled, results: [...results.values()] };
}

// What is soon played comes first, and what has most to lose.
const stepsOf = ({ fixture }: RecordedCase) => fixture.steps.length;
const alertsOf = ({ fixture }: RecordedCase) =>
  fixture.steps.reduce((sum, { expect }) => sum + (expect.alerts?.length ?? 0), 0);

function withoutPlaying(mutant: Mutant): MutantResult {
  const { compiled, equivalent } = mutant;
  if (!compiled) return { mutant, status: "invalid" };
  return equivalent === undefined
    ? { mutant, status: "survived" }
    : { mutant, status: "equivalent", because: equivalent };
}

/** The mutants with which a case fails. */
async function failing(
  original: CompiledDetection,
  mutants: readonly Mutant[],
  recorded: RecordedCase,
  { catalogue, sandbox, concurrency }: MutateOptions,
): Promise<readonly Mutant[]> {
  const { fixture, runs, complete } = recorded;
  const alike = mutants.filter(({ compiled }) => comparable(original, compiled!));
  const replays = complete
    ? await replay(original, alike.map(({ compiled }) => compiled!), recorded, sandbox)
    : [];
  const outcomesOf = new Map(replays.map((outcomes, index) => [alike[index]!, outcomes]));
  const expected = runs.map(({ outcome }) => signatureOf(outcome)).join("\n");
  /** Whether the case fails by what its queries come to: many mutants come to the same. */
  const verdicts = new Map([[expected, Promise.resolve(false)]]);
  const fails = async (mutant: Mutant): Promise<boolean> => {
    const compiled = mutant.compiled!;
    const outcomes = outcomesOf.get(mutant);
    if (!outcomes) return !(await runCase(compiled, fixture, catalogue, sandbox)).passed;
    if (surelyFails(compiled, recorded, outcomes)) return true;
    const signature = outcomes.map(signatureOf).join("\n");
    const verdict = verdicts.get(signature) ??
      playWith(compiled, recorded, outcomes, catalogue, sandbox).then(({ passed }) => !passed);
    verdicts.set(signature, verdict);
    return await verdict;
  };
  const failed: Mutant[] = [];
  const judge = async (mutant: Mutant) => [mutant, await fails(mutant)] as const;
  for await (const [mutant, yes] of pooledMap(concurrency, mutants, judge)) {
    if (yes) failed.push(mutant);
  }
  return failed;
}
