import { bold, brightRed, cyan, dim, yellow } from "@std/fmt/colors";
import type { Diagnostic, DiagnosticSeverity } from "./diagnostic.ts";
import { escapeTerminal } from "./escape.ts";
import type { SourceText } from "./source.ts";

const PAINT: Readonly<Record<DiagnosticSeverity, (text: string) => string>> = {
  error: brightRed,
  warning: yellow,
  info: cyan,
};

/**
 * A diagnostic as a person reads it: what and where, the line with the place underlined, and what to do.
 *
 * @param source the text that the diagnostic is about; without it the line is left out
 */
export function renderText(diagnostic: Diagnostic, source?: SourceText): string {
  const { severity, code, message, file, line, column } = diagnostic;
  const paint = PAINT[severity];
  const lines = [
    `${paint(bold(severity))}${dim(`[${code}]`)}: ${bold(escapeTerminal(message))}`,
    `${dim("  at ")}${escapeTerminal(file)}:${line}:${column}`,
  ];
  if (source) lines.push(...excerpt(diagnostic, source.line(line), paint));
  if (diagnostic.hint) lines.push(`${dim("hint:")} ${escapeTerminal(diagnostic.hint)}`);
  return lines.join("\n");
}

const MAX_EXCERPT = 160;

function excerpt(
  { line, column, end_line, end_column }: Diagnostic,
  text: string,
  paint: (text: string) => string,
): string[] {
  // A minified line of 60,000 characters would bury the message: show a window around the place.
  const from = Math.max(0, Math.min(column - 1 - MAX_EXCERPT / 2, text.length - MAX_EXCERPT));
  const shown = text.slice(from, from + MAX_EXCERPT);
  const start = column - 1 - from;
  const end = end_line === line ? Math.max(end_column - 1 - from, start + 1) : shown.length;
  // Escaping changes widths, so the underline is measured on the escaped parts.
  const before = escapeTerminal(shown.slice(0, start).replaceAll("\t", " "));
  const marked = escapeTerminal(shown.slice(start, end).replaceAll("\t", " "));
  const after = escapeTerminal(shown.slice(end).replaceAll("\t", " "));
  const gutter = String(line);
  const blank = " ".repeat(gutter.length);
  return [
    dim(`${blank} |`),
    `${dim(`${gutter} |`)} ${before}${marked}${after}`,
    `${dim(`${blank} |`)} ${" ".repeat(before.length)}${
      paint("^".repeat(Math.max(1, marked.length)))
    }`,
  ];
}
