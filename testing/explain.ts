import { type DetectOptions, viewFor, withStoredColumns } from "../engine/detect.ts";
import { bind } from "../engine/judgeable.ts";
import { eventParameters, eventQuery } from "../engine/semantics/event_query.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { Cell } from "../schema/batch.ts";
import { allColumns } from "../schema/columns.ts";
import { typesOf } from "./check.ts";
import { differ } from "./compare.ts";
import type { ExpectedRow } from "./fixture.ts";
import { type Probe, probeOf } from "./probe.ts";
import { showRow, showValue, type Types } from "./show.ts";

/** So many events are looked through, and so many conditions are named. */
const MAX_EVENTS = 100;
const MAX_NAMED = 3;

/** Why the SQL does not find a row. */
export interface Explanation {
  /** Whether the row that comes nearest has every value that was asked for. */
  readonly fits: boolean;
  /** That row, and what is not true of it; for people. */
  readonly lines: readonly string[];
}

/**
 * Why the SQL does not find a row: which conditions are not true of the rows before WHERE that come nearest to it.
 * `undefined` where that cannot be said: aggregates, set operations, or no row that resembles it at all.
 */
export async function explainMissing(
  compiled: CompiledDetection,
  expected: ExpectedRow,
  at: number,
  context: Omit<DetectOptions, "detections">,
): Promise<Explanation | undefined> {
  const events = compiled.detection.meta.mode === "events" ? eventQuery(compiled) : undefined;
  const probe = probeOf(events?.sql ?? compiled.detection.sql);
  if (!probe) return undefined;
  const { lookback } = compiled.detection.meta;
  const view = await viewFor([compiled], lookback, withStoredColumns(context));
  if ("kind" in view) return undefined;
  const count = events ? Math.min(view.events?.get(events.stream)?.rows ?? 0, MAX_EVENTS) : 1;
  const read = readTypes(compiled, context);
  const candidates: Candidate[] = [];
  for (let event = 1; event <= count; event++) {
    const outcome = await context.sandbox.run({
      image: view.image,
      sql: probe.sql,
      parameters: { ...bind(["now", "since", "scan_id"], view, at), ...eventParameters(event - 1) },
      timeout: compiled.detection.meta.schedule.timeout,
    });
    if (outcome.status === "failed") return undefined;
    candidates.push(
      ...outcome.rows.map((row) => candidateOf(compiled, expected, at, row, probe, read)),
    );
  }
  const [best] = candidates.filter(({ fitting }) => fitting > 0)
    .sort((a, b) => b.fitting - a.fitting || a.failing.length - b.failing.length);
  if (!best || best.failing.length === 0) return undefined;
  const more = best.failing.length - MAX_NAMED;
  return {
    fits: best.fits,
    lines: [
      `nearest row: ${showRow(best.row, typesOf(compiled))}`,
      ...best.failing.slice(0, MAX_NAMED),
      ...more > 0 ? [`and ${more} conditions more`] : [],
    ],
  };
}

/** The classes of the columns that the detection reads, by name. */
function readTypes(
  { tables }: CompiledDetection,
  { catalogue }: Pick<DetectOptions, "catalogue">,
): Types {
  return new Map(
    tables.flatMap(({ table }) =>
      allColumns(catalogue.get(table)!).map(({ name, type }) => [name, type] as const)
    ),
  );
}

interface Candidate {
  readonly row: Readonly<Record<string, Cell>>;
  /** How many of the values asked for it has, and whether it has all. */
  readonly fitting: number;
  readonly fits: boolean;
  /** What is not true of it, for people. */
  readonly failing: readonly string[];
}

function candidateOf(
  compiled: CompiledDetection,
  { line, values }: ExpectedRow,
  at: number,
  cells: readonly Cell[],
  { conditions }: Probe,
  read: Types,
): Candidate {
  const { columns } = compiled;
  const row = Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
  const own = Object.entries(values).filter(([name]) => name in row);
  const wanted = { line, values: Object.fromEntries(own) };
  const different = differ(wanted, { row, facts: {} }, typesOf(compiled), at);
  const failing: string[] = [];
  let [place, alone, refused] = [columns.length, false, false];
  for (const { kind, text, reads } of conditions) {
    const truth = cells[place];
    const values = reads.map((name, index) => [name, cells[place + 1 + index] ?? null] as const);
    place += 1 + reads.length;
    // A join that WHEN keeps from being made finds nothing, and what is asked of no row is NULL.
    const follows = kind === "join" && refused || kind === "where" && alone && truth === null;
    if (kind === "when") refused = truth !== 1;
    if (truth === 1) continue;
    if (kind === "join") alone = true;
    if (follows) continue;
    // Of the row that a join did not find, every column is NULL.
    const told = kind === "join" ? values.filter(([, cell]) => cell !== null) : values;
    const shown = told.map(([name, cell]) =>
      `${name} is ${showValue(cell, read.get(name.split(".").at(-1)!.toLowerCase()))}`
    );
    failing.push(WORDS[kind] + text + (shown.length > 0 ? ` (${shown.join(", ")})` : ""));
  }
  const fits = different.length === 0;
  return { row, fitting: own.length - different.length, fits, failing };
}

const WORDS = {
  when: "fails at WHEN ",
  where: "fails at ",
  join: "finds no row to JOIN ",
} as const;
