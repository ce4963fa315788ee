import { pooledMap } from "@std/async/pool";
import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeTerminal } from "../diagnostics/escape.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { Sandbox } from "../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import {
  type ClauseCoverage,
  type DetectionCoverage,
  measureCoverage,
} from "../testing/coverage/measure.ts";
import { type ClauseStatus, outcomesOf, statusOf } from "../testing/coverage/report.ts";
import { numberedLine, underlined } from "./excerpt.ts";
import type { Io } from "./io.ts";
import type { TestedDetection } from "./tested.ts";

/** Plays every case once more with a probe around each clause. */
export async function coverageOf(
  tested: readonly TestedDetection[],
  sandbox: Sandbox,
  io: Io,
): Promise<readonly DetectionCoverage[]> {
  const coverages: DetectionCoverage[] = [];
  const measure = ({ compiled, fixtures }: TestedDetection) =>
    measureCoverage(compiled, fixtures, CATALOGUE, sandbox);
  for await (const coverage of pooledMap(navigator.hardwareConcurrency, tested, measure)) {
    coverages.push(coverage);
    io.progress(`coverage: ${coverages.length} of ${tested.length}`);
  }
  return coverages;
}

const MARKS: Readonly<Record<ClauseStatus, { mark: string; paint: (text: string) => string }>> = {
  covered: { mark: "+", paint: green },
  "never true": { mark: "F", paint: yellow },
  "never false": { mark: "T", paint: yellow },
  "always NULL": { mark: "N", paint: yellow },
  "never evaluated": { mark: "-", paint: red },
};

/** The worst last: a line with several clauses has the mark of the worst. */
const ORDER = Object.keys(MARKS) as ClauseStatus[];

/** Coverage for people: the SQL of each detection with a mark on every line where a clause begins. */
export function coverageText(coverages: readonly DetectionCoverage[]): string {
  const legend = ORDER.map((status) => `${MARKS[status].mark} ${status}`).join(", ");
  const { seen, of, percent } = outcomesOf(coverages.flatMap(({ clauses }) => clauses));
  const total = `${bold("coverage")}: ${seen} of ${of} outcomes (${percent} %)`;
  return [...coverages.map(detectionText), dim(`${legend}; n also NULL`), total, ""].join("\n");
}

function detectionText({ compiled: { detection }, clauses, problems }: DetectionCoverage): string {
  const source = new SourceText(detection.file, detection.text);
  const byLine = Map.groupBy(clauses, ({ span }) => source.position(span.start).line);
  const first = source.position(detection.sqlStart).line;
  const last = source.position(detection.sqlStart + detection.sql.trimEnd().length).line;
  // Exceptions stand in the front-matter, before the SQL.
  const lines = [...byLine.keys()].filter((line) => line < first).sort((a, b) => a - b);
  for (let line = first; line <= last; line++) lines.push(line);
  const gutter = String(last).length;
  const { seen, of, percent } = outcomesOf(clauses);
  return [
    `${bold(escapeTerminal(detection.name))}: ${seen} of ${of} outcomes (${percent} %)`,
    `${" ".repeat(gutter)}${dim("-->")} ${escapeTerminal(detection.file)}`,
    ...lines.flatMap((line) => lineText(source, line, byLine.get(line) ?? [], gutter)),
    ...problems.map((problem) => yellow(escapeTerminal(problem))),
    "",
  ].join("\n");
}

function lineText(
  source: SourceText,
  line: number,
  clauses: readonly ClauseCoverage[],
  gutter: number,
): readonly string[] {
  const statuses = clauses.map(statusOf);
  const worst = ORDER.findLast((status) => statuses.includes(status));
  const { mark, paint } = worst ? MARKS[worst] : { mark: " ", paint: dim };
  const alsoNull = clauses.some((one) => one.unknown > 0 && statusOf(one) !== "always NULL");
  const signs = `${paint(mark)}${alsoNull ? dim("n") : " "} `;
  const notes = clauses.filter((clause) => statusOf(clause) !== "covered").map((clause) => {
    const note = paint(statusOf(clause) + countsText(clause));
    return underlined(source, clause.span, note, { gutter, mark: "   " })[1];
  });
  return [numberedLine(source, { line, gutter, mark: signs }), ...notes];
}

function countsText({ yes, no, unknown }: ClauseCoverage): string {
  const counts = Object.entries({ true: yes, false: no, NULL: unknown })
    .filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}×`);
  return counts.length > 0 ? ` (${counts.join(", ")})` : "";
}

/** Coverage for machines. */
export function coverageJson(coverages: readonly DetectionCoverage[]): unknown {
  const detections = coverages.map(({ compiled: { detection }, clauses, problems }) => {
    const source = new SourceText(detection.file, detection.text);
    return {
      detection: detection.name,
      file: detection.file,
      ...outcomesOf(clauses),
      clauses: clauses.map((clause) => {
        const { kind, text, span, yes, no, unknown } = clause;
        const place = source.position(span.start);
        const end = source.position(span.end);
        return {
          kind,
          text,
          ...place,
          end_line: end.line,
          end_column: end.column,
          true: yes,
          false: no,
          null: unknown,
          status: statusOf(clause),
        };
      }),
      problems,
    };
  });
  return { ...outcomesOf(coverages.flatMap(({ clauses }) => clauses)), detections };
}
