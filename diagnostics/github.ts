import type { Diagnostic, DiagnosticSeverity } from "./diagnostic.ts";

const COMMANDS: Readonly<Record<DiagnosticSeverity, string>> = {
  error: "error",
  warning: "warning",
  info: "notice",
};

/**
 * A diagnostic as a workflow command, which GitHub shows beside the line of a pull request.
 * Format: GitHub Docs, "Workflow commands for GitHub Actions".
 */
export function renderGithub(diagnostic: Diagnostic): string {
  const { severity, code, message, hint, file, line, column, end_line, end_column } = diagnostic;
  return workflowCommand(COMMANDS[severity], hint ? `${message} (${hint})` : message, {
    file,
    line,
    endLine: end_line,
    // GitHub marks columns only within one line, and counts the last one in.
    ...(line === end_line && { col: column, endColumn: Math.max(column, end_column - 1) }),
    title: code,
  });
}

/** A workflow command; no text can end it or begin another. */
export function workflowCommand(
  command: string,
  message: string,
  properties: Readonly<Record<string, string | number>>,
): string {
  const list = Object.entries(properties).map(([name, value]) =>
    `${name}=${escapeProperty(String(value))}`
  );
  return `::${command} ${list.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
