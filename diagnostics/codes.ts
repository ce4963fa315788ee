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
  "auto-join": { severity: "error", title: "An AUTO JOIN that cannot be collected" },
  "needs-key": { severity: "error", title: "A table that needs a key without one" },
  "events-mode": { severity: "error", title: "A query that cannot run on events" },
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
  "invalid-yara": { severity: "error", title: "YARA rules that do not compile" },
  "yara-warning": { severity: "warning", title: "YARA rules that YARA warns of" },
  "duplicate-name": { severity: "error", title: "Two detections with the same file name" },
  "duplicate-id": { severity: "error", title: "Two detections with the same id" },
  "fixture-syntax": { severity: "error", title: "The fixture is not valid YAML" },
  "fixture-value": { severity: "error", title: "A fixture value that does not fit" },
  "missing-falsepositives": { severity: "info", title: "No benign cause of a match is named" },
  "missing-fixtures": { severity: "warning", title: "Not both a firing and a silent fixture" },
  "missing-runbook": { severity: "warning", title: "A grave alert without a runbook" },
  "incomplete-stable": { severity: "warning", title: "A stable detection without its sources" },
  "title-form": { severity: "warning", title: "A title that is too long or a sentence" },
  "repeated-description": { severity: "warning", title: "A description that repeats the title" },
  "duplicate-title": { severity: "warning", title: "Two detections with the same title" },
  "impossible-date": { severity: "warning", title: "A date that cannot be" },
  "unknown-attack-tag": { severity: "warning", title: "An ATT&CK tag that does not exist" },
  "missing-tactic": { severity: "info", title: "An ATT&CK technique without its tactic" },
  "malformed-tag": { severity: "warning", title: "A tag that tools do not recognize" },
  "expired-exception": { severity: "error", title: "An exception that has expired" },
  "exception-fixture": { severity: "error", title: "An exception that no fixture shows" },
  "missing-identity": {
    severity: "warning",
    title: "A differential detection that compares whole rows",
  },
  "volatile-identity": { severity: "warning", title: "An identity that changes by itself" },
  "threshold-with-group-by": { severity: "warning", title: "Rows that are counted twice" },
  "duplicate-logic": { severity: "warning", title: "Two detections with the same SQL" },
  "select-star": { severity: "warning", title: "`*` instead of columns" },
  "cartesian-product": { severity: "warning", title: "Tables that nothing connects" },
  "missing-lookback": {
    severity: "warning",
    title: "A summary of history that sees one scan",
  },
  "history-join": { severity: "warning", title: "A join over a history by pid alone" },
  "null-comparison": { severity: "warning", title: "A comparison with NULL" },
  "nullable-not-in": { severity: "warning", title: "NOT IN with a NULL among the values" },
  "unknown-value": { severity: "warning", title: "A value that a column never has" },
  "constant-condition": { severity: "warning", title: "A condition that data do not change" },
  "wrong-wildcard": { severity: "warning", title: "The wildcard of another operator" },
  "leading-wildcard": { severity: "info", title: "Nothing but searches through whole texts" },
  "literal-regexp": { severity: "info", title: "A regular expression that is plain text" },
  "widened-permissions": {
    severity: "error",
    title: "Hosts would have to grant more than the lock does",
  },
  "unused-permissions": {
    severity: "warning",
    title: "The lock grants more than detections need",
  },
  "invalid-lock": { severity: "error", title: "The permission lock cannot be read" },
  "redundant-lower": { severity: "info", title: "lower() where case is ignored anyway" },
} as const satisfies Record<string, CodeInfo>;

/** One of {@linkcode CODES}. */
export type Code = keyof typeof CODES;
