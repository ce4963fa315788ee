import { detect, type DetectionRun, type DetectOptions } from "../engine/detect.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import { eventQuery } from "../engine/semantics/event_query.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { openStore } from "../store/mod.ts";
import { checkStep, verdictOf } from "./check.ts";
import { explainMissing } from "./explain.ts";
import type { FixtureCase, FixtureStep, FixtureTable, Verdict } from "./fixture.ts";
import { storeTables } from "./fixture_state.ts";

/** What a case came to. */
export interface CaseResult {
  readonly detection: string;
  readonly case: string;
  readonly file: string;
  readonly passed: boolean;
  /** Whether it could not be played at all, because its fixture or its detection cannot be read. */
  readonly unplayable?: true;
  /** Verdict of the last step. */
  readonly verdict: Verdict;
  /** What differs from what the fixture asks for, one fault each, for people; some of several lines. */
  readonly diff: readonly string[];
}

/** A step that was played. */
export interface PlayedStep {
  readonly step: FixtureStep;
  readonly run: DetectionRun;
  readonly alerts: readonly Alert[];
}

/** What a case came to, step by step. */
export interface PlayedCase {
  readonly result: CaseResult;
  /** Fewer than the case has where one could not be played. */
  readonly steps: readonly PlayedStep[];
}

/** How a case is played. */
export interface RunOptions {
  /** Whether queries are run to find out why a row is missing. */
  readonly explain?: boolean;
}

/** Plays a case through the store, the sandbox and the alerting that hosts run. */
export async function runCase(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
  options: RunOptions = {},
): Promise<CaseResult> {
  return (await playCase(compiled, fixture, catalogue, sandbox, options)).result;
}

/** {@linkcode runCase}, with what happened in each step. */
export async function playCase(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
  { explain = false }: RunOptions = {},
): Promise<PlayedCase> {
  using store = await openStore({ path: ":memory:", mode: "write", holder: "fixture", catalogue });
  const diff: string[] = [];
  const steps: PlayedStep[] = [];
  const tables = new Map<string, FixtureTable>();
  for (const [index, step] of fixture.steps.entries()) {
    for (const [name, table] of step.tables) tables.set(name, table);
    const prefix = fixture.steps.length > 1 ? `step ${index + 1} (line ${step.line}): ` : "";
    const unplayable = unplayableStep(compiled, step, tables);
    if (unplayable !== undefined) {
      diff.push(prefix + unplayable);
      break;
    }
    const manifest = await storeTables(store, fixture, step.at, tables);
    const context: Omit<DetectOptions, "detections"> = {
      store,
      manifest,
      sandbox,
      catalogue,
      now: step.at,
      ...(compiled.detection.meta.mode === "events" && { events: step.events ?? [] }),
    };
    const { runs, alerts } = await detect({ ...context, detections: [compiled] });
    const played = { step, run: runs[0]!, alerts };
    steps.push(played);
    for (const { text, more, missing } of checkStep(compiled, played)) {
      const cause = explain && missing
        ? await explainMissing(compiled, missing, played.step.at, context)
        : undefined;
      const lines = cause?.fits ? cause.lines : more ?? cause?.lines ?? [];
      diff.push([prefix + text, ...lines].join("\n  "));
    }
  }
  const last = steps.at(-1);
  const result = {
    detection: compiled.detection.name,
    case: fixture.name,
    file: fixture.file,
    passed: diff.length === 0,
    verdict: last ? verdictOf(last.run) : "not_evaluated",
    diff,
  };
  return { result, steps };
}

/** Why a step does not fit its detection. */
function unplayableStep(
  compiled: CompiledDetection,
  { events = [] }: FixtureStep,
  tables: ReadonlyMap<string, FixtureTable>,
): string | undefined {
  const streams = compiled.detection.meta.mode === "events" ? eventQuery(compiled) : undefined;
  for (const { table } of events) {
    if (!streams) return "there are events, and the detection is not in mode events";
    if (table === streams.stream) continue;
    return `events of ${table} never reach the detection: its stream is ${streams.stream}`;
  }
  const absent = (streams?.state ?? compiled.tables).map(({ table }) => table)
    .filter((table) => !tables.has(table));
  return absent.length === 0
    ? undefined
    : `the detection reads ${absent.join(", ")}; give its rows, [] if there are none`;
}
