import type { DetectionRun } from "../engine/detect.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { ColumnType } from "../schema/types.ts";
import { type ActualRow, compareRows, differ, type Near } from "./compare.ts";
import type { ExpectedRow, Verdict } from "./fixture.ts";
import type { PlayedStep } from "./run.ts";
import { showRow, showValue, type Types } from "./show.ts";

/** A difference between a step and what the fixture asks for. */
export interface Fault {
  /** For people. */
  readonly text: string;
  /** Lines that tell more of it: the actual row that comes nearest. */
  readonly more?: readonly string[];
  /** The row that the SQL did not find, where that is what is wrong. */
  readonly missing?: ExpectedRow;
}

/** The verdict of a run: whether anything would alert, suppression aside. */
export function verdictOf({ evaluation, hits }: DetectionRun): Verdict {
  if (evaluation.status !== "evaluated") return "not_evaluated";
  return hits.length > 0 ? "match" : "no_match";
}

/** The classes of result columns, of those that evaluation adds among them. */
export function typesOf({ columns }: CompiledDetection): Types {
  return new Map<string, ColumnType>([
    ...columns.flatMap(({ name, type }) => type ? [[name, type] as const] : []),
    ["first_time", "timestamp"],
    ["last_time", "timestamp"],
  ]);
}

/** Compares what a step came to with what its fixture asks for. */
export function checkStep(compiled: CompiledDetection, played: PlayedStep): Fault[] {
  const { step: { expect }, run, alerts } = played;
  const faults = checkVerdict(expect.verdict, run);
  if (expect.partial) faults.push(...checkPartial(expect.partial, run));
  if (expect.alerts) {
    faults.push(...checkRows("alert", expect.alerts, alerts.map(alertRow), compiled, played));
  }
  if (expect.rows) {
    const actual = resultRows(compiled, run).map((row) => ({ row, facts: {} }));
    faults.push(...checkRows("row", expect.rows, actual, compiled, played));
  }
  return faults;
}

function checkVerdict(expected: Verdict | undefined, run: DetectionRun): Fault[] {
  const verdict = verdictOf(run);
  const why = run.evaluation.status === "not_evaluated" ? ` (${run.evaluation.why.reason})` : "";
  if (expected === undefined) {
    return verdict === "not_evaluated"
      ? [{
        text: `the detection was not evaluated${why}`,
        more: ["where that is meant, expect `verdict: not_evaluated`"],
      }]
      : [];
  }
  if (expected === verdict) return [];
  return [{ text: `expected the verdict ${expected}, got ${verdict}${why}` }];
}

function checkPartial(
  expected: { evaluated: number; of: number },
  { evaluation }: DetectionRun,
): Fault[] {
  const partial = evaluation.status === "evaluated" ? evaluation.partial : undefined;
  const actual = partial ? `${partial.evaluated} of ${partial.of}` : "all rows or none";
  const wanted = `${expected.evaluated} of ${expected.of}`;
  return wanted === actual
    ? []
    : [{ text: `expected an evaluation on ${wanted} rows, got ${actual}` }];
}

function checkRows(
  noun: "alert" | "row",
  expected: readonly ExpectedRow[],
  actual: readonly ActualRow[],
  compiled: CompiledDetection,
  { step: { at }, run }: PlayedStep,
): Fault[] {
  const known = new Set([
    ...compiled.columns.map(({ name }) => name),
    ...noun === "alert" ? ["change", "count", "first_time", "last_time"] : [],
  ]);
  const types = typesOf(compiled);
  const { missing, extra } = compareRows(expected, actual, types, at);
  return [
    ...expected.flatMap(({ line, values }): Fault[] =>
      Object.keys(values).filter((name) => !name.startsWith("$") && !known.has(name))
        .map((name) => ({ text: `line ${line}: the result has no column ${name}` }))
    ),
    ...missing.map(({ expected, nearest }): Fault => {
      const { line, values } = expected;
      const text = `line ${line}: no ${noun} with ${showRow(values, NO_TYPES)}`;
      const fault = { text, ...(nearest && { more: nearestLines(noun, nearest, types) }) };
      // What was removed is no longer in the result.
      if (values["$change"] === "removed" || isOnlyToldOtherwise(nearest)) return fault;
      const found = foundRows(compiled, run, expected, at);
      if (found.length === 0) return { ...fault, missing: expected };
      const lost = noun === "alert" ? whereLost(run, found) : undefined;
      return lost === undefined ? fault : { text: `${text}; ${lost}` };
    }),
    ...extra.map(({ row }): Fault => ({
      text: `${noun === "alert" ? "an alert" : "a row"} that the fixture does not expect: ${
        showRow(row, types)
      }`,
    })),
  ];
}

/** What is asked for is shown as it was written. */
const NO_TYPES: Types = new Map();

function nearestLines(noun: string, { actual, differences }: Near, types: Types): string[] {
  const parts = differences.map(({ name, expected, actual }) =>
    `${name} is ${showValue(actual, types.get(name))} instead of ${
      showValue(expected, types.get(name))
    }`
  );
  return [
    `nearest ${noun}: ${showRow(actual.row, types)}`,
    ...(parts.length > 0 ? [`there ${parts.join(", ")}`] : ["which another entry asks for"]),
  ];
}

/** Whether the row did alert, and only the alert is not what was asked for. */
function isOnlyToldOtherwise(nearest: Near | undefined): boolean {
  const { differences = [] } = nearest ?? {};
  return differences.length > 0 && differences.every(({ name }) => name.startsWith("$"));
}

/** Numbers of the result rows that fit what is asked for, whatever is asked of the alert itself. */
function foundRows(
  compiled: CompiledDetection,
  run: DetectionRun,
  { line, values }: ExpectedRow,
  at: number,
): number[] {
  const own = new Set(compiled.columns.map(({ name }) => name));
  const plain = Object.fromEntries(Object.entries(values).filter(([name]) => own.has(name)));
  return resultRows(compiled, run).flatMap((row, index) =>
    differ({ line, values: plain }, { row, facts: {} }, typesOf(compiled), at).length === 0
      ? [index]
      : []
  );
}

/** What came between rows that the SQL found and an alert. */
function whereLost(
  { compiled, evaluation, excepted, hits, suppressed }: DetectionRun,
  found: number[],
): string | undefined {
  const { mode, baseline, threshold } = compiled.detection.meta;
  const exception = excepted.get(found[0]!);
  if (exception !== undefined && found.every((index) => excepted.has(index))) {
    return `the exception \`${exception}\` hides its row`;
  }
  const rows = evaluation.status === "evaluated" ? evaluation.result.rows : [];
  if (hits.some(({ row }) => found.some((index) => rows[index] === row))) {
    return suppressed > 0 ? "its row is a hit, which an alert before it stands for" : undefined;
  }
  if (threshold) return "its row is in the result, and the threshold does not fire on it";
  if (mode !== "differential") return undefined;
  return `its row is in the result, and is no change${
    baseline === "silent" ? "; the first run only notes what there is" : ""
  }`;
}

/** The rows of a result by column, before exceptions. */
export function resultRows(
  { columns }: CompiledDetection,
  { evaluation }: DetectionRun,
): Record<string, unknown>[] {
  if (evaluation.status !== "evaluated") return [];
  return evaluation.result.rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))
  );
}

/** An alert as what is asked for is compared with it. */
export function alertRow({ title, severity, affected_processes, alert_data }: Alert): ActualRow {
  const { count, change } = alert_data;
  return { row: alert_data, facts: { title, severity, pids: affected_processes, count, change } };
}
