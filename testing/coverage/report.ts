import { SourceText } from "../../diagnostics/source.ts";
import type { ClauseCoverage, DetectionCoverage } from "./measure.ts";

/** What fixtures have shown of a clause. */
export type ClauseStatus =
  | "covered"
  | "never true"
  | "never false"
  | "always NULL"
  | "never evaluated";

/** What fixtures have shown of a clause: only one that was true and false is covered. */
export function statusOf({ yes, no, unknown }: ClauseCoverage): ClauseStatus {
  if (yes > 0 && no > 0) return "covered";
  if (yes > 0) return "never false";
  if (no > 0) return "never true";
  return unknown > 0 ? "always NULL" : "never evaluated";
}

/** Outcomes seen, of the two that each clause has. */
export interface Outcomes {
  /** How many were seen. */
  readonly seen: number;
  /** How many there are. */
  readonly of: number;
  /** 100 where there is none to be seen. */
  readonly percent: number;
}

/** Counts the outcomes of clauses. */
export function outcomesOf(clauses: readonly ClauseCoverage[]): Outcomes {
  const seen = clauses.reduce((sum, { yes, no }) => sum + Number(yes > 0) + Number(no > 0), 0);
  const of = clauses.length * 2;
  // Only all of them are 100 %.
  return { seen, of, percent: of === 0 ? 100 : Math.floor(seen / of * 100) };
}

/**
 * Coverage in the format of lcov (https://man7.org/linux/man-pages/man1/geninfo.1.html): each clause is a block with two
 * branches, true (0) and false (1).
 */
export function lcov(coverages: readonly DetectionCoverage[]): string {
  return coverages.map(({ compiled: { detection }, clauses }) => {
    const source = new SourceText(detection.file, detection.text);
    const lines = new Map<number, number>();
    const branches = clauses.flatMap(({ span, yes, no, unknown }, block) => {
      const line = source.position(span.start).line;
      const evaluated = yes + no + unknown;
      lines.set(line, Math.max(lines.get(line) ?? 0, evaluated));
      return [yes, no].map((taken, branch) =>
        `BRDA:${line},${block},${branch},${evaluated === 0 ? "-" : taken}`
      );
    });
    const { seen, of } = outcomesOf(clauses);
    const sorted = [...lines].sort(([left], [right]) => left - right);
    return [
      "TN:",
      `SF:${detection.file}`,
      ...branches,
      `BRF:${of}`,
      `BRH:${seen}`,
      ...sorted.map(([line, hits]) => `DA:${line},${hits}`),
      `LF:${sorted.length}`,
      `LH:${sorted.filter(([, hits]) => hits > 0).length}`,
      "end_of_record\n",
    ].join("\n");
  }).join("");
}
