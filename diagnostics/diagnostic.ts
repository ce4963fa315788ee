import type { SourceText, Span } from "./source.ts";
import { type Code, CODES } from "./codes.ts";

/** How bad a fault is: an error keeps a detection from running, a warning and an info do not. */
export type DiagnosticSeverity = "error" | "warning" | "info";

/** A fault in a file that an author can mend, as a value; renderers turn it into text. */
export interface Diagnostic {
  /** Which fault it is. */
  readonly code: Code;
  /** How bad it is. */
  readonly severity: DiagnosticSeverity;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** File as it was named when it was read. */
  readonly file: string;
  /** Lines and columns count from 1; the end is exclusive. */
  readonly line: number;
  /** Column of the first character. */
  readonly column: number;
  /** Line of the end. */
  readonly end_line: number;
  /** Column after the last character. */
  readonly end_column: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** Makes a {@linkcode Diagnostic} at a place in a source; severity is the code's own. */
export function diagnostic(
  code: Code,
  source: SourceText,
  span: Span,
  message: string,
  hint?: string,
): Diagnostic {
  const start = source.position(span.start);
  const end = source.position(span.end);
  return {
    code,
    severity: CODES[code].severity,
    message,
    file: source.file,
    line: start.line,
    column: start.column,
    end_line: end.line,
    end_column: end.column,
    ...(hint !== undefined && { hint }),
  };
}

/** Whether any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === "error");
}
