import { detect, type DetectionRun } from "../engine/detect.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import type { Alert } from "../model/alert.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { ColumnType } from "../schema/types.ts";
import { openStore, type Store } from "../store/mod.ts";
import { type ActualRow, compareRows, type Mismatch } from "./compare.ts";
import type { FixtureCase, FixtureStep, FixtureTable, Verdict } from "./fixture.ts";

/** What a case came to. */
export interface CaseResult {
  readonly detection: string;
  readonly case: string;
  readonly file: string;
  readonly passed: boolean;
  /** Verdict of the last step. */
  readonly verdict: Verdict;
  /** What differs from what the fixture asks for, one fault each, for people. */
  readonly diff: readonly string[];
}

const HOST = "fixture";

/** Plays a case through the store, the sandbox and the alerting that hosts run. */
export async function runCase(
  compiled: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<CaseResult> {
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "fixture",
    catalogue,
  });
  const diff: string[] = [];
  let verdict: Verdict = "not_evaluated";
  const tables = new Map<string, FixtureTable>();
  for (const [index, step] of fixture.steps.entries()) {
    for (const [name, table] of step.tables) tables.set(name, table);
    const prefix = fixture.steps.length > 1 ? `step ${index + 1} (line ${step.line}): ` : "";
    const absent = compiled.tables.filter(({ table }) => !tables.has(table)).map(({ table }) =>
      table
    );
    if (absent.length > 0) {
      diff.push(
        `${prefix}the detection reads ${absent.join(", ")}; give its rows, [] if there are none`,
      );
      break;
    }
    const manifest = await storeStep(store, fixture, step, tables);
    const { runs, alerts } = await detect({
      store,
      manifest,
      sandbox,
      detections: [compiled],
      catalogue,
      now: step.at,
    });
    const run = runs[0]!;
    verdict = verdictOf(run);
    diff.push(...checkStep(compiled, step, run, alerts).map((fault) => prefix + fault));
  }
  const { name, file } = fixture;
  return {
    detection: compiled.detection.name,
    case: name,
    file,
    passed: diff.length === 0,
    verdict,
    diff,
  };
}

async function storeStep(
  store: Store,
  { platform }: FixtureCase,
  { at }: FixtureStep,
  tables: ReadonlyMap<string, FixtureTable>,
): Promise<ScanManifest> {
  const writer = await store.beginScan({ host: HOST, platform, started: at });
  for (const [table, { batch, outcome }] of tables) {
    await writer.write(batch);
    await writer.endTable(table, at, outcome);
  }
  return await writer.commit([], at);
}

function verdictOf({ evaluation, excepted }: DetectionRun): Verdict {
  if (evaluation.status !== "evaluated") return "not_evaluated";
  return evaluation.result.rows.length > excepted.size ? "match" : "no_match";
}

function checkStep(
  compiled: CompiledDetection,
  { at, expect }: FixtureStep,
  run: DetectionRun,
  alerts: readonly Alert[],
): string[] {
  const types = new Map<string, ColumnType>(
    compiled.columns.flatMap(({ name, type }) => type ? [[name, type] as const] : []),
  );
  const faults: string[] = [];
  const verdict = verdictOf(run);
  const why = run.evaluation.status === "not_evaluated" ? ` (${run.evaluation.why.reason})` : "";
  if (expect.verdict !== undefined && expect.verdict !== verdict) {
    faults.push(`expected the verdict ${expect.verdict}, got ${verdict}${why}`);
  } else if (expect.verdict === undefined && verdict === "not_evaluated") {
    faults.push(`the detection was not evaluated${why}`);
  }
  if (expect.partial) faults.push(...checkPartial(expect.partial, run));
  if (expect.alerts) {
    const actual = alerts.map(alertRow);
    faults.push(...describe("alert", compareRows(expect.alerts, actual, types, at)));
  }
  if (expect.rows) {
    const actual = resultRows(run).map((row) => ({ row, facts: {} }));
    faults.push(...describe("row", compareRows(expect.rows, actual, types, at)));
  }
  return faults;
}

function checkPartial(
  expected: { evaluated: number; of: number },
  { evaluation }: DetectionRun,
): string[] {
  const partial = evaluation.status === "evaluated" ? evaluation.partial : undefined;
  const actual = partial ? `${partial.evaluated} of ${partial.of}` : "all rows or none";
  const wanted = `${expected.evaluated} of ${expected.of}`;
  return wanted === actual ? [] : [`expected an evaluation on ${wanted} rows, got ${actual}`];
}

function resultRows({ evaluation }: DetectionRun): Record<string, unknown>[] {
  if (evaluation.status !== "evaluated") return [];
  const { columns, rows } = evaluation.result;
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))
  );
}

function alertRow(alert: Alert): ActualRow {
  const { title, severity, affected_processes, alert_data } = alert;
  return {
    row: alert_data,
    facts: {
      title,
      severity,
      pids: affected_processes,
      count: alert_data.count,
      change: alert_data.change,
    },
  };
}

function describe(noun: "alert" | "row", { missing, extra }: Mismatch): string[] {
  return [
    ...missing.map(({ expected, differences }) =>
      `line ${expected.line}: no ${noun} with ${show(expected.values)}${nearest(differences)}`
    ),
    ...extra.map(({ row }) => `an ${noun} that the fixture does not expect: ${show(row)}`),
  ];
}

function nearest(differences: Mismatch["missing"][number]["differences"]): string {
  if (differences.length === 0) return "";
  const parts = differences.map(({ name, expected, actual }) =>
    `${name} is ${JSON.stringify(actual ?? null)} instead of ${JSON.stringify(expected)}`
  );
  return `; in the nearest one, ${parts.join(", ")}`;
}

function show(values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    values,
    (_key, value) => typeof value === "bigint" ? value.toString() : value,
  );
}
