import type { LoadedFile } from "../compiler/files.ts";
import { escapeTerminal } from "../diagnostics/escape.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import { lcov } from "../testing/coverage/report.ts";
import { type Arguments, type Flags, UsageError } from "./command.ts";
import { coverageJson, coverageOf, coverageText } from "./coverage.ts";
import type { Io } from "./io.ts";
import { belowScore, mutationJson, mutationsOf, mutationText } from "./mutation.ts";
import { testedDetections } from "./tested.ts";

/** Flags of the command that measures fixtures. */
export const MEASURE_FLAGS = {
  coverage: { description: "Which clauses some fixture made true and some made false" },
  mutate: { description: "Which small mistakes in a detection no fixture would notice" },
  "min-score": {
    value: "PERCENT",
    description: "With --mutate, fail where fewer of a detection's mutants are killed",
  },
} as const satisfies Flags;

/** What is to be measured. */
export interface Measures {
  /** Whether clauses are watched. */
  readonly coverage: boolean;
  /** Whether mutants are played. */
  readonly mutate: boolean;
  /** Percent of its mutants that the fixtures of a detection must kill. */
  readonly minScore?: number;
}

/**
 * Reads the flags.
 *
 * @throws {UsageError} where they do not fit each other
 */
export function measuresOf(args: Arguments): Measures {
  const coverage = args.has("coverage");
  const mutate = args.has("mutate");
  const score = args.value("min-score");
  if (score !== undefined && !mutate) throw new UsageError("--min-score needs --mutate");
  if (score !== undefined && !(/^\d+(\.\d+)?$/.test(score) && Number(score) <= 100)) {
    throw new UsageError(`--min-score ${score}: a number from 0 to 100`);
  }
  const format = args.value("format");
  if (format === "lcov" && (!coverage || mutate)) {
    throw new UsageError("--format lcov is for --coverage alone");
  }
  if (format === "junit" && (coverage || mutate)) {
    throw new UsageError("--format junit has no place for --coverage and --mutate");
  }
  return { coverage, mutate, ...(score !== undefined && { minScore: Number(score) }) };
}

/** What the fixtures are worth, in each form that it can be shown in. */
export interface Measured {
  /** For people; empty where nothing was asked for. */
  readonly text: string;
  /** For machines, to be added to the results of the test. */
  readonly json: { readonly coverage?: unknown; readonly mutation?: unknown };
  /** For tools that know lcov; empty without coverage. */
  readonly lcov: string;
  /** Whether a detection is below the score that was asked for. */
  readonly tooLow: boolean;
}

/**
 * Measures the fixtures of detections.
 *
 * @param wanted given the name of a detection and of a case
 */
export async function measure(
  { coverage, mutate, minScore }: Measures,
  loaded: readonly LoadedFile[],
  wanted: (detection: string, name: string) => boolean,
  sandbox: Sandbox,
  io: Io,
): Promise<Measured> {
  if (!coverage && !mutate) return { text: "", json: {}, lcov: "", tooLow: false };
  const tested = await testedDetections(loaded, wanted);
  const coverages = coverage ? await coverageOf(tested, sandbox, io) : [];
  const mutations = mutate ? await mutationsOf(tested, sandbox, io) : [];
  io.progress("");
  const low = minScore === undefined ? [] : belowScore(mutations, minScore);
  const names = low.map(({ compiled }) => escapeTerminal(compiled.detection.name));
  return {
    text: (coverage ? `${coverageText(coverages)}\n` : "") +
      (mutate ? `${mutationText(mutations)}\n` : "") +
      (low.length > 0 ? `below ${minScore} %: ${names.join(", ")}\n\n` : ""),
    json: {
      ...(coverage && { coverage: coverageJson(coverages) }),
      ...(mutate && { mutation: mutationJson(mutations) }),
    },
    lcov: lcov(coverages),
    tooLow: low.length > 0,
  };
}
