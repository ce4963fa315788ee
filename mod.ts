/**
 * DaemonEye for Deno: detections for hosts, as code.
 *
 * A detection is a SQL file with YAML front-matter. This module compiles detections against the virtual tables, and runs
 * their fixtures under `deno test`.
 *
 * @example Compile a detection and see what it reads
 * ```ts
 * import { CATALOGUE, compileText } from "@daemoneye/daemoneye";
 * import { assertEquals } from "@std/assert";
 *
 * const text = `---
 * id: 7d3c6f4e-2f0b-4c7a-9a51-0d8d7f1f2a3b
 * title: Root shell without a terminal
 * description: A shell of root whose parent is gone.
 * status: test
 * severity: medium
 * platforms: [linux]
 * ---
 * SELECT pid, name, command_line FROM processes
 * WHERE user_id = 0 AND ppid = 1 AND name IN ('sh', 'bash')
 * `;
 * const { compiled, diagnostics } = compileText(text, "root_shell.sql", CATALOGUE);
 * assertEquals(diagnostics.filter((one) => one.severity === "error"), []);
 * assertEquals(compiled?.tables, [
 *   { table: "processes", columns: ["command_line", "name", "pid", "ppid", "user_id"] },
 * ]);
 * ```
 *
 * @module
 */
export {
  compileDetection,
  compileQuery,
  type CompileResult,
  compileText,
  explain,
  type Explanation,
  parseDetection,
  predicateSql,
  type QueryOptions,
} from "./compiler/mod.ts";
export { findDetections, loadDetections, type LoadedFile } from "./compiler/files.ts";
export { type Code, type CodeInfo, CODES } from "./diagnostics/codes.ts";
export type { Diagnostic, DiagnosticSeverity } from "./diagnostics/diagnostic.ts";
export { type Position, SourceText, type Span } from "./diagnostics/source.ts";
export { renderText } from "./diagnostics/text.ts";
export type { Acknowledgement, Alert, Evidence, JsonValue } from "./model/alert.ts";
export type { CollectorReport, Confinement, Resource } from "./model/collection.ts";
export { CONFINEMENTS } from "./model/collection.ts";
export type {
  CompiledDetection,
  CompiledQuery,
  Parameter,
  ResultColumn,
  TableRead,
} from "./model/compiled.ts";
export { PARAMETERS } from "./model/compiled.ts";
export type {
  Detection,
  Exception,
  FrontMatter,
  Mode,
  Schedule,
  Severity,
  Status,
  Suppression,
  Threshold,
} from "./model/detection.ts";
export { MODES, SEVERITIES, STATUSES } from "./model/detection.ts";
export type { CostClass, DetectionTask, KeySource, Plan, Trigger } from "./model/plan.ts";
export type { Comparison, Predicate, PredicateValue } from "./model/predicate.ts";
export type { ReadResource } from "./compiler/resources.ts";
export type { ScanSummary } from "./model/summary.ts";
export { CATALOGUE, type Catalogue, PROFILES, VIEWS } from "./profiles/mod.ts";
export type { CellOf, CellsOf, CellTypes, ExtensionOf, Row } from "./schema/row.ts";
export {
  type CollectorKind,
  type ColumnOptions,
  type ColumnSpec,
  type ColumnSpecs,
  type ColumnType,
  type FoldView,
  type PathView,
  type Platform,
  PLATFORMS,
  type TableSpec,
  type ViewSpec,
} from "./schema/types.ts";
export { testDetections } from "./testing/register.ts";
