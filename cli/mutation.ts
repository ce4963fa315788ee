import { pooledMap } from "@std/async/pool";
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeTerminal } from "../diagnostics/escape.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import type { Cell } from "../schema/batch.ts";
import { columnsOf } from "../schema/columns.ts";
import type { ColumnType } from "../schema/types.ts";
import {
  type DetectionMutation,
  type MutantResult,
  mutateDetection,
} from "../testing/mutation/mutate.ts";
import { type MutationScore, scoreOf } from "../testing/mutation/score.ts";
import type { Witness } from "../testing/mutation/witness.ts";
import { isDerivedKey } from "../testing/rows.ts";
import { underlined } from "./excerpt.ts";
import type { Io } from "./io.ts";
import type { TestedDetection } from "./tested.ts";

/** While the mutants of one detection run, those of another are judged. */
const DETECTIONS_AT_ONCE = 2;

/** Plays the cases of detections with their mutants. */
export async function mutationsOf(
  tested: readonly TestedDetection[],
  sandbox: Sandbox,
  io: Io,
): Promise<readonly DetectionMutation[]> {
  const mutations: DetectionMutation[] = [];
  const mutate = ({ compiled, fixtures }: TestedDetection) =>
    mutateDetection(compiled, {
      fixtures,
      catalogue: CATALOGUE,
      sandbox,
      concurrency: navigator.hardwareConcurrency,
      onProgress: (done, of) => {
        const { name } = compiled.detection;
        const before = `${mutations.length} of ${tested.length} detections`;
        io.progress(`mutants: ${before}, ${escapeTerminal(name)} ${done} of ${of}`);
      },
    });
  for await (const mutation of pooledMap(DETECTIONS_AT_ONCE, tested, mutate)) {
    mutations.push(mutation);
  }
  return mutations;
}

/** The detections whose score is below what is asked for. One that could not be mutated has none, which is too little. */
export function belowScore(
  mutations: readonly DetectionMutation[],
  least: number,
): readonly DetectionMutation[] {
  return mutations.filter((mutation) =>
    mutation.problem !== undefined || scoreOf([mutation]).score < least
  );
}

/** Mutants for people: the survivors of each detection at their places. */
export function mutationText(mutations: readonly DetectionMutation[]): string {
  const total = `${bold("mutation score")}: ${scoreText(scoreOf(mutations))}`;
  return [...mutations.map(detectionText), total, ""].join("\n");
}

function detectionText(mutation: DetectionMutation): string {
  const { compiled: { detection }, results, problem } = mutation;
  const source = new SourceText(detection.file, detection.text);
  const survivors = results.filter(({ status }) => status === "survived");
  const name = bold(escapeTerminal(detection.name));
  return problem === undefined
    ? [
      `${name}: ${scoreText(scoreOf([mutation]))}`,
      ...survivors.map((survivor) => survivorText(survivor, source)),
    ].join("\n")
    : `${name}: ${red(escapeTerminal(problem))}`;
}

function scoreText({ score, killed, survived, equivalent, invalid }: MutationScore): string {
  const paint = survived === 0 ? green : yellow;
  return `${paint(`${score} %`)} (${killed} of ${killed + survived} mutants killed; ` +
    `${equivalent} equivalent, ${invalid} invalid)`;
}

function survivorText(result: MutantResult, source: SourceText): string {
  const { kind, span, after } = result.mutant;
  const { line, column } = source.position(span.start);
  const gutter = String(line).length;
  const note = cyan(after === "" ? "taken away" : `becomes ${oneLine(after)}`);
  const witness = result.status === "survived" ? result.witness : undefined;
  return [
    `${yellow(`survived[${kind}]`)} ${escapeTerminal(source.file)}:${line}:${column}`,
    ...underlined(source, span, note, { gutter }),
    ...(witness ? witnessText(witness, " ".repeat(gutter)) : []),
    "",
  ].join("\n");
}

/** Of a replacement nobody reads more. */
const MAX_SHOWN = 100;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return escapeTerminal(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line);
}

function witnessText({ fixture, table, column, row, foundBy }: Witness, indent: string): string[] {
  const who = foundBy === "original" ? "the detection finds more" : "the mutant finds more";
  const types = new Map(
    columnsOf(CATALOGUE.get(table)!, fixture.platform).map(({ name, type }) => [name, type]),
  );
  const cells = Object.entries(row)
    .filter(([name, cell]) => name === column || cell !== null && !isDerivedKey(cell))
    .map(([name, cell]) => `${name}: ${yamlText(cell, types.get(name))}`);
  return [
    `${indent} ${dim("=")} a row of ${table} that would kill it (${who}), ` +
    `from ${escapeTerminal(fixture.file)} with another ${column}:`,
    `${indent}   ${escapeTerminal(`- { ${cells.join(", ")} }`)}`,
  ];
}

/** A value as a fixture gives it. */
function yamlText(cell: Cell, type: ColumnType | undefined): string {
  if (type === "json" && typeof cell === "string") return cell;
  if (type === "timestamp" && typeof cell === "number") return timeText(cell);
  return typeof cell === "string" ? JSON.stringify(cell) : String(cell);
}

function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** Mutants for machines. */
export function mutationJson(mutations: readonly DetectionMutation[]): unknown {
  const detections = mutations.map((mutation) => {
    const { compiled: { detection }, results, problem } = mutation;
    const source = new SourceText(detection.file, detection.text);
    return {
      detection: detection.name,
      file: detection.file,
      ...scoreOf([mutation]),
      ...(problem !== undefined && { problem }),
      mutants: results.map((result) => resultJson(result, source)),
    };
  });
  return { ...scoreOf(mutations), detections };
}

function resultJson(result: MutantResult, source: SourceText): unknown {
  const { mutant: { kind, span, before, after }, status } = result;
  const end = source.position(span.end);
  return {
    kind,
    status,
    ...source.position(span.start),
    end_line: end.line,
    end_column: end.column,
    before,
    after,
    ...(result.status === "killed" && { killed_by: result.by }),
    ...(result.status === "equivalent" && { because: result.because }),
    ...(result.status === "survived" && result.witness && {
      witness: witnessJson(result.witness),
    }),
  };
}

function witnessJson({ fixture, table, column, row, foundBy }: Witness): unknown {
  // JSON has no integers beyond 2^53.
  const cells = Object.entries(row).map(([name, cell]) => [
    name,
    typeof cell === "bigint" ? cell.toString() : cell,
  ]);
  const values = Object.fromEntries(cells);
  return { fixture: fixture.file, table, column, row: values, found_by: foundBy };
}
