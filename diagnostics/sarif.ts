import { type Code, CODES } from "./codes.ts";
import type { Diagnostic, DiagnosticSeverity } from "./diagnostic.ts";
import { docsOf } from "./docs.ts";

const LEVELS: Readonly<Record<DiagnosticSeverity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  info: "note",
};

/**
 * Diagnostics as a SARIF 2.1.0 log (OASIS Static Analysis Results Interchange Format), which code-scanning services
 * read.
 *
 * @param version of the toolkit
 */
export function renderSarif(diagnostics: readonly Diagnostic[], version: string): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {
        driver: {
          name: "daemoneye",
          semanticVersion: version,
          rules: codes.map(rule),
        },
      },
      columnKind: "utf16CodeUnits",
      results: diagnostics.map((one) => result(one, codes)),
    }],
  };
  return JSON.stringify(log, null, 2);
}

function rule(code: Code): unknown {
  const { title, severity } = CODES[code];
  return {
    id: code,
    shortDescription: { text: title },
    help: { text: `See ${docsOf(code)}.` },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function result(diagnostic: Diagnostic, codes: readonly Code[]): unknown {
  const { code, severity, message, hint, file, line, column, end_line, end_column } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: hint ? `${message}. ${hint}` : message },
    locations: [{
      physicalLocation: {
        artifactLocation: { uri: fileUri(file) },
        region: { startLine: line, startColumn: column, endLine: end_line, endColumn: end_column },
      },
    }],
  };
}

/** A relative reference stays relative, so that it is found in the checkout whatever its place on the disk. */
function fileUri(file: string): string {
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${path}` : path;
}
