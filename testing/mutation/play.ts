import type { SandboxOutcome } from "../../engine/sandbox/query_process.ts";
import type { Sandbox, SandboxQuery } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { withEveryEvent } from "../every_event.ts";
import type { FixtureCase } from "../fixture.ts";
import { type CaseResult, runCase } from "../run.ts";

/** A query that ran while a case was played, and what came of it. */
export interface RecordedRun {
  /** The query, with the image that it ran on. */
  readonly query: SandboxQuery;
  /** What came of it. */
  readonly outcome: SandboxOutcome;
}

/** A case as the original detection plays it. */
export interface RecordedCase {
  /** The case. */
  readonly fixture: FixtureCase;
  /** What it came to. */
  readonly result: CaseResult;
  /** The first of its queries, in order. */
  readonly runs: readonly RecordedRun[];
  /** Whether those are all, and each of them is the detection's SQL or does not depend on it. */
  readonly complete: boolean;
}

/** Of a case with more steps only so many queries are kept, each with its image. */
const MAX_RECORDED = 64;

/** Plays a case and keeps its queries. */
export async function recordCase(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<RecordedCase> {
  const runs: RecordedRun[] = [];
  let slots = 0;
  const keys = new Set(
    compiled.plan.triggers.flatMap(({ keys }) => keys.kind === "rows" ? [keys.sql] : []),
  );
  let complete = true;
  const recorder: Sandbox = {
    ...sandbox,
    async run(query) {
      // In events mode the engine makes another query of the SQL.
      const known = query.sql.includes(compiled.sql) || keys.has(query.sql);
      if (!known || slots === MAX_RECORDED) {
        complete = false;
        return await sandbox.run(query);
      }
      // Queries are kept in the order in which they were asked, whichever ends first.
      const slot = slots++;
      const outcome = await sandbox.run(query);
      runs[slot] = { query, outcome };
      return outcome;
    },
  };
  const result = await runCase(withEveryEvent(compiled), fixture, catalogue, recorder);
  return { fixture, result, runs, complete };
}

/** A mutant may take so many times as long as the original, and at least so many ms: most of those that do never end. */
const PATIENCE = 20;
const LEAST_TIMEOUT = 1_000;

/**
 * Runs the SQL of mutants in the place of the original's on the images of a case, and gives each mutant's outcomes. They
 * tell what the case comes to only where both read the same: {@linkcode comparable}.
 */
export async function replay(
  original: CompiledDetection,
  mutants: readonly CompiledDetection[],
  { runs }: RecordedCase,
  sandbox: Sandbox,
): Promise<readonly (readonly SandboxOutcome[])[]> {
  const outcomes = mutants.map((): SandboxOutcome[] => []);
  // One query after the other and not one mutant after the other: processes keep an image until they need the next.
  for (const { query, outcome } of runs) {
    const usual = outcome.status === "done" ? outcome.duration_ms : query.timeout;
    const timeout = Math.min(query.timeout, Math.max(LEAST_TIMEOUT, usual * PATIENCE));
    await Promise.all(mutants.map(async (mutant, index) => {
      const sql = query.sql.replaceAll(original.sql, () => mutant.sql);
      const same = sql === query.sql;
      outcomes[index]!.push(same ? outcome : await sandbox.run({ ...query, sql, timeout }));
    }));
  }
  return outcomes;
}

/** Whether two detections are evaluated alike but for their SQL: the same rows are collected, and the same verdict holds. */
export function comparable(left: CompiledDetection, right: CompiledDetection): boolean {
  const rest = ({ tables, parameters, columns, plan, detection: { meta } }: CompiledDetection) =>
    JSON.stringify([tables, parameters, columns.map(({ name }) => name), plan.triggers, meta]);
  return rest(left) === rest(right);
}

/** A text that is equal for outcomes that a detection cannot tell apart. */
export function signatureOf(outcome: SandboxOutcome): string {
  if (outcome.status === "failed") return outcome.kind;
  return JSON.stringify(
    [outcome.rows, outcome.truncated],
    (_key, value) => typeof value === "bigint" ? `${value}n` : value,
  );
}

/** Plays a case with outcomes that are known. */
export async function playWith(
  mutant: CompiledDetection,
  { fixture }: RecordedCase,
  outcomes: readonly SandboxOutcome[],
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<CaseResult> {
  const waiting = [...outcomes];
  const known: Sandbox = {
    ...sandbox,
    run: (query) => {
      const outcome = waiting.shift();
      return outcome ? Promise.resolve(outcome) : sandbox.run(query);
    },
  };
  return await runCase(withEveryEvent(mutant), fixture, catalogue, known);
}

/**
 * Whether a case fails whatever becomes of the rows of a mutant: where there is one step and nothing but suppression
 * between rows and alerts, there are at most as many alerts as rows, and one at least if there are rows.
 */
export function surelyFails(
  { detection: { meta } }: CompiledDetection,
  { fixture: { steps } }: RecordedCase,
  outcomes: readonly SandboxOutcome[],
): boolean {
  const [outcome] = outcomes;
  const expected = steps[0]?.expect.alerts?.length;
  if (outcome?.status !== "done" || expected === undefined) return false;
  // Of several steps one may have been denied its query; more outcomes than one: there is a query for keys before it.
  if (steps.length > 1 || outcomes.length > 1) return false;
  if (meta.mode !== "snapshot" || meta.threshold || meta.exceptions.length > 0) return false;
  return outcome.rows.length < expected || expected === 0 && outcome.rows.length > 0;
}
