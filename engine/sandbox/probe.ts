import type { DatabaseSync } from "../../std/sqlite.ts";

/** How often a clause of a query was true, false and NULL. */
export type TruthCounts = readonly [yes: number, no: number, unknown: number];

/**
 * The function that tells how a query's clauses turn out: `daemoneye_probe(n, NOT (clause))` has the truth of the clause
 * as its value, 1, 0 or NULL, and is counted under the number n. The negation makes SQLite itself say what is true. Only
 * instrumented queries may call it.
 */
export const PROBE = "daemoneye_probe";

/** Counts what the probes of one query at a time see. */
export interface Probes {
  /** Forgets everything and counts anew for so many clauses. */
  begin(clauses: number): void;
  /** The counts of each clause since then. */
  readonly counts: readonly TruthCounts[];
}

/** Adds the function to a database. It is not deterministic: SQLite must evaluate it wherever it stands. */
export function registerProbe(db: DatabaseSync): Probes {
  let counts: [number, number, number][] = [];
  db.function(PROBE, { useBigIntArguments: true }, (clause: unknown, negated: unknown) => {
    const of = counts[Number(clause)];
    if (negated === null) {
      if (of) of[2]++;
      return null;
    }
    const yes = negated === 0n;
    if (of) of[yes ? 0 : 1]++;
    return yes ? 1n : 0n;
  });
  return {
    begin(clauses) {
      counts = Array.from({ length: clauses }, () => [0, 0, 0]);
    },
    get counts() {
      return counts;
    },
  };
}
