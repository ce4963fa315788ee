import { pooledMap } from "@std/async/pool";
import type { LoadedFile } from "../compiler/files.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { FixtureCase } from "./fixture.ts";
import type { TimedResult } from "./junit.ts";
import { loadFixtures } from "./load.ts";
import { fixtureStem, proveExceptions } from "./proof.ts";
import { type CaseResult, playCase } from "./run.ts";
import type { CaseSource } from "./update.ts";

/** A case with what it takes to run it: an unreadable fixture or detection is a case that fails. */
export interface SuiteCase {
  readonly detection: string;
  readonly case: string;
  readonly file: string;
  /** What it is made of; absent where that cannot be read. */
  readonly source?: CaseSource;
  run(sandbox: Sandbox): Promise<CaseResult>;
}

/** Every case of the detections, in the order of the files. */
export async function findCases(
  loaded: readonly LoadedFile[],
  catalogue: Catalogue,
): Promise<readonly SuiteCase[]> {
  const cases = await Promise.all(loaded.map((file) => casesOf(file, catalogue)));
  return cases.flat();
}

async function casesOf(file: LoadedFile, catalogue: Catalogue): Promise<SuiteCase[]> {
  const { detection, compiled, source } = file;
  if (!detection || !compiled) {
    const faults = file.diagnostics.filter(({ severity }) => severity === "error");
    const diff = faults.map(({ line, column, message }) =>
      `${source.file}:${line}:${column}: ${message}`
    );
    const name = detection?.name ?? source.file;
    return [unplayable({ detection: name, case: "compiles", file: source.file }, diff)];
  }
  const fixtures = await loadFixtures(detection, catalogue);
  const names = fixtures.flatMap(({ source, fixture }) => [
    fixtureStem(source.file),
    ...fixture ? [fixture.name] : [],
  ]);
  const unproven = detection.meta.exceptions.flatMap(({ id, fixture }) => {
    if (fixture === undefined || names.includes(fixture)) return [];
    const entry = { detection: detection.name, case: `exception ${id}`, file: source.file };
    const diff = [`the exception \`${id}\` names \`${fixture}\`, which is no fixture case`];
    return [failing(entry, diff)];
  });
  const cases = fixtures.map(({ path, fixture, source, diagnostics }) => {
    const entry = {
      detection: detection.name,
      case: fixture?.name ?? source.file,
      file: source.file,
    };
    if (!fixture) {
      const diff = diagnostics.map(({ line, column, message, hint }) =>
        `${source.file}:${line}:${column}: ${message}${hint ? ` (${hint})` : ""}`
      );
      return unplayable(entry, diff);
    }
    return {
      ...entry,
      source: { compiled, fixture, path, text: source.text },
      run: (sandbox: Sandbox) => runFixture(compiled, fixture, catalogue, sandbox),
    };
  });
  return [...cases, ...unproven];
}

/** Plays a case as `daemoneye test` does: with the cause of what is missing, and the proof of its exceptions. */
export async function runFixture(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<CaseResult> {
  const played = await playCase(compiled, fixture, catalogue, sandbox, { explain: true });
  const faults = await proveExceptions(compiled, fixture, played, catalogue, sandbox);
  const diff = [...played.result.diff, ...faults];
  return { ...played.result, passed: diff.length === 0, diff };
}

function failing(
  entry: Pick<SuiteCase, "detection" | "case" | "file">,
  diff: readonly string[],
): SuiteCase {
  const result: CaseResult = { ...entry, passed: false, verdict: "not_evaluated", diff };
  return { ...entry, run: () => Promise.resolve(result) };
}

function unplayable(entry: Parameters<typeof failing>[0], diff: readonly string[]): SuiteCase {
  const one = failing(entry, diff);
  return { ...one, run: async (sandbox) => ({ ...await one.run(sandbox), unplayable: true }) };
}

/** The detections that compile and have no case, by name. */
export function untestedDetections(
  loaded: readonly LoadedFile[],
  cases: readonly SuiteCase[],
): readonly string[] {
  const tested = new Set(cases.map(({ detection }) => detection));
  return loaded.flatMap(({ detection }) =>
    detection && !tested.has(detection.name) ? [detection.name] : []
  );
}

/** Runs cases side by side and yields their results in order. */
export async function* runCases(
  cases: readonly SuiteCase[],
  sandbox: Sandbox,
  concurrency: number,
): AsyncGenerator<TimedResult> {
  yield* pooledMap(concurrency, cases, async (one) => {
    const started = performance.now();
    const result = await one.run(sandbox);
    return { ...result, duration_ms: Math.round(performance.now() - started) };
  });
}
