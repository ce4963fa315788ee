import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import type { FixtureCase, FixtureTable } from "../fixture.ts";
import type { Mutant } from "./mutants.ts";
import { recordCase, type RecordedCase } from "./play.ts";
import { changedValues, type Trial, trialsOf } from "./trials.ts";

/** A row that would kill a mutant. */
export interface Witness {
  /** The fixture whose row it is but for one value. */
  readonly fixture: FixtureCase;
  /** The table. */
  readonly table: string;
  /** The column with the other value. */
  readonly column: string;
  /** The whole row, columns without a value left out. */
  readonly row: Readonly<Record<string, Cell>>;
  /** Whether the original's result has more rows with it, or the mutant's. */
  readonly foundBy: "original" | "mutant";
}

/** Where rows are taken from: so many cases, and so many rows of a table of each. */
const MAX_CASES = 4;
const MAX_ROWS = 16;

/**
 * Looks for a row that would kill a mutant: a row of a fixture in which one value is another. Both detections have been
 * run on it.
 */
export async function findWitness(
  original: CompiledDetection,
  mutant: Mutant,
  cases: readonly RecordedCase[],
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<Witness | undefined> {
  const changed = mutant.compiled;
  if (!changed) return undefined;
  const values = changedValues(mutant.mutation);
  for (const { fixture } of cases.slice(0, MAX_CASES)) {
    const scene = sceneOf(fixture);
    const trials = trialsOf(original, mutant, catalogue, {
      platform: fixture.platform,
      at: scene.at,
      changed: values,
    });
    for (const trial of trials) {
      const rows = alteredRows(scene.tables.get(trial.table)?.batch, trial);
      const differs = (some: readonly Row[]) =>
        difference(
          original,
          changed,
          withRows(fixture, scene, trial.table, some),
          catalogue,
          sandbox,
        );
      const row = await narrow(rows, differs);
      const foundBy = row && await differs([row]);
      if (!row || !foundBy) continue;
      return { fixture, table: trial.table, column: trial.column.name, row, foundBy };
    }
  }
  return undefined;
}

type Row = Readonly<Record<string, Cell>>;

/** The last moment of a case. */
interface Scene {
  readonly at: number;
  readonly tables: ReadonlyMap<string, FixtureTable>;
}

function sceneOf({ steps }: FixtureCase): Scene {
  const tables = new Map<string, FixtureTable>();
  for (const step of steps) for (const [name, table] of step.tables) tables.set(name, table);
  return { at: steps.at(-1)?.at ?? 0, tables };
}

function alteredRows(batch: RecordBatch | undefined, { column, key, values }: Trial): Row[] {
  if (!batch) return [];
  const count = Math.min(batch.rows, MAX_ROWS);
  // Evenly over the table: neighbours in a fixture are often alike.
  const numbers = Array.from({ length: count }, (_, at) => Math.floor(at * batch.rows / count));
  return values.flatMap((value) =>
    numbers.map((number): Row => {
      const row = Object.fromEntries(
        batch.columns.map((name, index) => [name, batch.values[index]![number]!]),
      );
      return {
        ...row,
        [column.name]: key === undefined ? value : inJson(row[column.name], key, value),
      };
    })
  );
}

function inJson(text: Cell | undefined, key: string, value: Cell): Cell {
  const object = typeof text === "string" ? JSON.parse(text) : {};
  return JSON.stringify({ ...object, [key]: value });
}

/** The case with rows more in a table, as a single step. */
function withRows(
  fixture: FixtureCase,
  { at, tables }: Scene,
  table: string,
  rows: readonly Row[],
): FixtureCase {
  const given = tables.get(table)!;
  const { batch } = given;
  const columns = [...new Set([...batch.columns, ...rows.flatMap((row) => Object.keys(row))])];
  const values = columns.map((name) => [
    ...batch.values[batch.columns.indexOf(name)] ?? new Array<Cell>(batch.rows).fill(null),
    ...rows.map((row) => row[name] ?? null),
  ]);
  const more = { ...batch, columns, values, rows: batch.rows + rows.length };
  const all = new Map([...tables, [table, { ...given, batch: more }]]);
  return { ...fixture, steps: [{ at, line: 1, tables: all, expect: {} }] };
}

/** Which of the two detections finds more in a case; `undefined` where they find as much. */
async function difference(
  original: CompiledDetection,
  mutant: CompiledDetection,
  fixture: FixtureCase,
  catalogue: Catalogue,
  sandbox: Sandbox,
): Promise<Witness["foundBy"] | undefined> {
  const [left, right] = await Promise.all([original, mutant].map(async (compiled) => {
    const { runs } = await recordCase(compiled, fixture, catalogue, sandbox);
    return runs.reduce(
      (sum, { outcome }) => outcome.status === "done" ? sum + outcome.rows.length : sum,
      0,
    );
  }));
  return left === right ? undefined : left! > right! ? "original" : "mutant";
}

/** One of some rows that still makes a difference. */
async function narrow(
  rows: readonly Row[],
  differs: (rows: readonly Row[]) => Promise<unknown>,
): Promise<Row | undefined> {
  if (rows.length === 0 || !await differs(rows)) return undefined;
  let left = rows;
  while (left.length > 1) {
    const half = left.slice(0, Math.ceil(left.length / 2));
    left = await differs(half) ? half : left.slice(half.length);
  }
  return left[0];
}
