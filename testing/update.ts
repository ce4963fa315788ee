import { dirname } from "@std/path";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { alertRow, resultRows, typesOf, verdictOf } from "./check.ts";
import { type ActualRow, compareRows, differ } from "./compare.ts";
import { type ExpectedRow, type FixtureCase, parseFixture } from "./fixture.ts";
import { tellingColumns } from "./record/fixture_text.ts";
import { playCase, type PlayedStep } from "./run.ts";
import type { Types } from "./show.ts";
import { runFixture } from "./suite.ts";
import { changeFixture, type ListChange, type StepChange } from "./update_text.ts";
import { timeText } from "./time.ts";

/** A case with the file that it was read from. */
export interface CaseSource {
  readonly compiled: CompiledDetection;
  readonly fixture: FixtureCase;
  /** Where the file lies. */
  readonly path: string;
  /** What it holds. */
  readonly text: string;
}

/** A fixture that expects what really comes, or why there is none. */
export type FixtureUpdate =
  | {
    readonly status: "updated";
    readonly text: string;
    /** Whether it expected alerts, and expects none any more. */
    readonly silenced: boolean;
  }
  | { readonly status: "left"; readonly reason: string };

/**
 * Makes the text of a fixture that passes out of one that fails: its alerts, rows and verdicts become those that really
 * come. A step that was not evaluated is left alone, since nothing came of it, and so is a case that would still fail.
 */
export async function updateFixture(
  { compiled, fixture, path, text }: CaseSource,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<FixtureUpdate> {
  const { steps } = await playCase(compiled, fixture, catalogue, sandbox);
  const changed = changeFixture(text, changesOf(compiled, fixture, steps));
  if (changed === text) return { status: "left", reason: "it fails by more than what it expects" };
  const folder = dirname(dirname(path));
  const { fixture: next } = parseFixture(changed, fixture.file, catalogue, folder);
  if (!next) return { status: "left", reason: "its layout is too unusual to be changed" };
  const { passed, diff } = await runFixture(compiled, next, catalogue, sandbox);
  if (passed) {
    const silenced = expectsAlerts(fixture) && !expectsAlerts(next);
    return { status: "updated", text: changed, silenced };
  }
  return { status: "left", reason: `it would still fail: ${diff[0]!.split("\n")[0]}` };
}

function expectsAlerts({ steps }: FixtureCase): boolean {
  return steps.some(({ expect }) => (expect.alerts?.length ?? 0) > 0);
}

function changesOf(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  played: readonly PlayedStep[],
): StepChange[] {
  // A step that is repeated stands in the file once.
  const lines = [...new Set(fixture.steps.map(({ line }) => line))];
  const first = [...Map.groupBy(played, ({ step }) => step.line).values()].map(([one]) => one!);
  const types = typesOf(compiled);
  return first.filter(({ run }) => verdictOf(run) !== "not_evaluated").map((one) => {
    const { step: { at, line, expect }, run, alerts } = one;
    const rows = resultRows(compiled, run).map((row) => ({ row, facts: {} }));
    const list = (key: ListChange["key"], actual: readonly ActualRow[]): ListChange[] =>
      expect[key]
        ? [{
          key,
          ...listChange(
            expect[key],
            actual,
            types,
            at,
            (one) => entryOf(one, key, compiled, played),
          ),
        }]
        : [];
    const verdict = verdictOf(run);
    return {
      step: lines.indexOf(line),
      lists: [...list("alerts", alerts.map(alertRow)), ...list("rows", rows)],
      ...(expect.verdict !== undefined && expect.verdict !== verdict && { verdict }),
    };
  });
}

/** Each entry that fails takes over the values of the actual row that is nearest to it, while there are any. */
function listChange(
  expected: readonly ExpectedRow[],
  actual: readonly ActualRow[],
  types: Types,
  at: number,
  entry: (actual: ActualRow) => Record<string, unknown>,
): Omit<ListChange, "key"> {
  const mismatch = compareRows(expected, actual, types, at);
  const left = new Set(mismatch.extra);
  const changed = new Map<number, Record<string, unknown>>();
  const removed = new Set<number>();
  for (const { expected: one } of mismatch.missing) {
    const [nearest] = [...left].map((row) => ({ row, differences: differ(one, row, types, at) }))
      .sort((a, b) => a.differences.length - b.differences.length);
    if (!nearest) {
      removed.add(expected.indexOf(one));
      continue;
    }
    left.delete(nearest.row);
    changed.set(
      expected.indexOf(one),
      Object.fromEntries(
        nearest.differences.map(({ name, actual }) => [name, valueFor(actual, name, types)]),
      ),
    );
  }
  return { changed, removed, added: [...left].map(entry) };
}

/** A new entry: it says what the other entries of the fixture say, else what tells alerts apart. */
function entryOf(
  { row, facts }: ActualRow,
  key: ListChange["key"],
  compiled: CompiledDetection,
  played: readonly PlayedStep[],
): Record<string, unknown> {
  const types = typesOf(compiled);
  const all = new Map<string, unknown>([
    ...Object.entries(row),
    ...Object.entries(facts).map(([name, value]) => [`$${name}`, value] as const),
  ]);
  const used = played.flatMap(({ step }) => step.expect[key] ?? [])
    .flatMap(({ values }) => Object.keys(values)).filter((name) => all.has(name));
  const { mode, threshold } = compiled.detection.meta;
  const telling = [
    ...tellingColumns(compiled).map(({ name }) => name).filter((name) => all.get(name) !== null),
    ...key === "alerts" && mode === "differential" ? ["$change"] : [],
    ...key === "alerts" && threshold ? ["$count"] : [],
  ];
  const names = new Set(used.length > 0 ? used : telling);
  return Object.fromEntries(
    [...names].map((name) => [name, valueFor(all.get(name), name, types)]),
  );
}

function valueFor(value: unknown, name: string, types: Types): unknown {
  if (types.get(name) === "timestamp" && typeof value === "number") return timeText(value);
  return value ?? null;
}
