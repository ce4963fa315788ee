import type { Alert } from "../../model/alert.ts";
import { columnsOf } from "../../schema/columns.ts";
import type { Platform } from "../../schema/types.ts";
import { mapRows, type RecordedRow, type RecordedTable, type Recording } from "./recording.ts";
import { replay, type ReplayOptions } from "./replay.ts";

/** Options of {@linkcode shrink}. */
export interface ShrinkOptions extends ReplayOptions {
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** What shrinking came to. */
export interface Shrunk {
  readonly recording: Recording;
  /** How often the detection was run. */
  readonly runs: number;
}

/**
 * Takes away from a recording whatever its alerts do not need: rows first, then columns, then single values; keys stay.
 * What is left still raises the same alerts, by their deduplication key and title. Every step is judged by the code that
 * hosts run.
 *
 * @throws {RangeError} where nothing fires
 */
export async function shrink(recording: Recording, options: ShrinkOptions): Promise<Shrunk> {
  const { alerts } = await replay(recording, options);
  const wanted = fingerprint(alerts);
  if (alerts.length === 0) throw new RangeError("nothing fires, so there is nothing to shrink to");
  let runs = 1;
  const fires = async (candidate: Recording): Promise<boolean> => {
    options.onProgress?.(`shrinking: ${countRows(candidate)} rows left after ${++runs} runs`);
    return fingerprint((await replay(candidate, options)).alerts) === wanted;
  };
  // Mostly the rows that the alerts point at are all that it takes.
  const pointed = rowsOfAlerts(recording, alerts);
  let smallest = await fires(pointed) ? pointed : recording;
  for (const { parts, only } of STAGES) {
    const base = smallest;
    const kept = await minimise(parts(base), (some) => fires(only(base, new Set(some))));
    smallest = only(base, new Set(kept));
  }
  return { recording: smallest, runs };
}

/** What makes alerts the same: their keys and titles, in no order. */
function fingerprint(alerts: readonly Alert[]): string {
  return JSON.stringify(
    alerts.map(({ dedupe_key, title }) => JSON.stringify([dedupe_key, title])).sort(),
  );
}

/** How many rows a recording has. */
export function countRows({ tables }: Recording): number {
  return [...tables.values()].reduce((sum, { rows }) => sum + rows.length, 0);
}

function rowsOfAlerts(recording: Recording, alerts: readonly Alert[]): Recording {
  const evidence = alerts.flatMap((alert) => alert.evidence);
  return mapRows(recording, (rows, { spec }) => {
    const keys = evidence.filter(({ table }) => table === spec.name)
      .map(({ key }) => Object.entries(key));
    return rows.filter(({ values }) =>
      keys.some((key) =>
        key.every(([column, value]) => String(values.get(column)) === String(value))
      )
    );
  });
}

/** What a recording is taken apart into, and how it looks with some of the parts only. */
interface Stage {
  parts(recording: Recording): readonly unknown[];
  only(recording: Recording, kept: ReadonlySet<unknown>): Recording;
}

const STAGES: readonly Stage[] = [
  {
    parts: ({ tables }) => [...tables.values()].flatMap(({ rows }) => rows),
    only: (recording, kept) => mapRows(recording, (rows) => rows.filter((row) => kept.has(row))),
  },
  valueStage((table, _row, column) => `${table}.${column}`),
  valueStage((table, row, column) => `${table}.${row}.${column}`),
];

/** Values in groups that are kept or go together; those of key columns always stay. */
function valueStage(group: (table: string, row: number, column: string) => string): Stage {
  return {
    parts: ({ tables, platform }) => [
      ...new Set(
        [...tables.values()].flatMap((table) =>
          table.rows.flatMap((row, index) =>
            freeColumns(table, row, platform).map((column) => group(table.spec.name, index, column))
          )
        ),
      ),
    ],
    only: (recording, kept) =>
      mapRows(recording, (rows, table) =>
        rows.map((row, index) => {
          const gone = new Set(
            freeColumns(table, row, recording.platform).filter((column) =>
              !kept.has(group(table.spec.name, index, column))
            ),
          );
          const stays = <T>(map: ReadonlyMap<string, T>) =>
            new Map([...map].filter(([column]) => !gone.has(column)));
          return { values: stays(row.values), gaps: stays(row.gaps) };
        })),
  };
}

/** Columns that say something of a row, besides its keys. */
function freeColumns({ spec }: RecordedTable, row: RecordedRow, platform: Platform): string[] {
  const keys = new Set(columnsOf(spec, platform).filter(({ key }) => key).map(({ name }) => name));
  const said = [...row.values].filter(([, cell]) => cell !== null).map(([column]) => column);
  return [...said, ...row.gaps.keys()].filter((column) => !keys.has(column));
}

/**
 * The fewest parts that still pass a test that all of them pass together, in the sense that none can be left out alone:
 * delta debugging, after A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
 * Transactions on Software Engineering 28 (2002).
 */
export async function minimise<T>(
  parts: readonly T[],
  passes: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = parts;
  if (kept.length > 0 && await passes([])) return [];
  for (let pieces = 2; kept.length > 1;) {
    const size = Math.ceil(kept.length / pieces);
    const starts = Array.from(
      { length: Math.ceil(kept.length / size) },
      (_, index) => index * size,
    );
    const smaller = await first([
      ...starts.map((start) => kept.slice(start, start + size)),
      // Of two halves each is what the other leaves.
      ...(starts.length > 2
        ? starts.map((start) => [...kept.slice(0, start), ...kept.slice(start + size)])
        : []),
    ], passes);
    if (smaller) {
      // A single piece is cut anew; where one piece fell away, the others keep their size.
      pieces = smaller.length <= size ? 2 : Math.max(starts.length - 1, 2);
      kept = smaller;
    } else if (size === 1) break;
    else pieces = Math.min(pieces * 2, kept.length);
  }
  return kept;
}

async function first<T>(
  candidates: readonly T[],
  passes: (candidate: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const candidate of candidates) if (await passes(candidate)) return candidate;
  return undefined;
}
