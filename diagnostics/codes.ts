import type { DiagnosticSeverity } from "./diagnostic.ts";

/** What is known of a code whatever the place it is reported at. */
export interface CodeInfo {
  /** How bad it is wherever it is found. */
  readonly severity: DiagnosticSeverity;
  /** What the code stands for, in a few words. */
  readonly title: string;
}

/** Every diagnostic code. `docs/diagnostics.md` lists them by these names. */
export const CODES = {
  "yaml-syntax": { severity: "error", title: "The front-matter is not valid YAML" },
  "front-matter-missing": { severity: "error", title: "The file has no front-matter" },
  "unknown-key": { severity: "error", title: "A front-matter key that does not exist" },
  "missing-key": { severity: "error", title: "A required front-matter key is missing" },
  "invalid-value": { severity: "error", title: "A front-matter value of the wrong form" },
  "sql-missing": { severity: "error", title: "No SQL after the front-matter" },
  "sql-syntax": { severity: "error", title: "The SQL does not parse" },
  "not-a-select": { severity: "error", title: "Something other than exactly one SELECT" },
  "unknown-table": { severity: "error", title: "A table that does not exist" },
  "unknown-column": { severity: "error", title: "A column that does not exist" },
  "ambiguous-column": { severity: "error", title: "A column name that several tables have" },
  "platform-column": {
    severity: "error",
    title: "A column that a declared platform does not have",
  },
  "refused-function": { severity: "error", title: "A function outside the dialect" },
  "wrong-arguments": { severity: "error", title: "A function called with the wrong arguments" },
  "bad-pattern": { severity: "error", title: "A regular expression that is not valid" },
  "wall-clock": { severity: "error", title: "The wall clock instead of :now" },
  "type-mismatch": { severity: "error", title: "Values of different classes are compared" },
  "duplicate-column": { severity: "error", title: "Two result columns with the same name" },
  "invalid-sql": { severity: "error", title: "SQL that parses but that SQLite refuses" },
  "not-analysed": {
    severity: "info",
    title: "SQL that SQLite accepts and that is not analysed further",
  },
  "unknown-parameter": { severity: "error", title: "A parameter that does not exist" },
  "too-long": { severity: "error", title: "More SQL than the limit allows" },
  "too-deep": { severity: "error", title: "Deeper nesting than the limit allows" },
  "too-many-tables": { severity: "error", title: "More tables than the limit allows" },
  "refused-statement": { severity: "error", title: "An operation that detections may not use" },
  "unreadable-file": { severity: "error", title: "The file cannot be read" },
  "duplicate-name": { severity: "error", title: "Two detections with the same file name" },
  "duplicate-id": { severity: "error", title: "Two detections with the same id" },
  "fixture-syntax": { severity: "error", title: "The fixture is not valid YAML" },
  "fixture-value": { severity: "error", title: "A fixture value that does not fit" },
} as const satisfies Record<string, CodeInfo>;

/** One of {@linkcode CODES}. */
export type Code = keyof typeof CODES;
