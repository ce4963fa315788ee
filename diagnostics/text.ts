import stringWidth from "string-width";
import { bold, brightRed, cyan, dim, yellow } from "@std/fmt/colors";
import type { Diagnostic, DiagnosticSeverity } from "./diagnostic.ts";
import { escapeTerminal } from "./escape.ts";
import type { SourceText } from "./source.ts";

type Paint = (text: string) => string;

const PAINT: Readonly<Record<DiagnosticSeverity, Paint>> = {
  error: brightRed,
  warning: yellow,
  info: cyan,
};

/**
 * A diagnostic as a person reads it: what and where, the lines with the place underlined, and what to do. The first two
 * lines have the form that problem matchers of editors know from compilers.
 *
 * @param source the text that the diagnostic is about; without it, or where it is empty, the lines are left out
 */
export function renderText(diagnostic: Diagnostic, source?: SourceText): string {
  const { severity, code, message, hint, file, line, column, end_line } = diagnostic;
  const paint = PAINT[severity];
  const gutter = " ".repeat(String(end_line).length);
  return [
    `${paint(bold(`${severity}[${code}]`))}: ${bold(escapeTerminal(message))}`,
    `${gutter}${dim("-->")} ${escapeTerminal(file)}:${line}:${column}`,
    ...(source?.text ? excerpt(diagnostic, source, paint, gutter) : []),
    ...(hint === undefined
      ? []
      : [`${gutter} ${dim("=")} ${dim("hint:")} ${escapeTerminal(hint)}`]),
  ].join("\n");
}

/** Of a longer place only so many lines are shown. */
const MAX_LINES = 4;

function excerpt(
  { line, column, end_line, end_column }: Diagnostic,
  source: SourceText,
  paint: Paint,
  gutter: string,
): string[] {
  const bar = dim(`${gutter} |`);
  const lines = [bar];
  const last = Math.min(end_line, line + MAX_LINES - 1);
  for (let number = line; number <= last; number++) {
    const text = source.line(number);
    const start = number === line ? column - 1 : text.length - text.trimStart().length;
    const end = number === end_line ? end_column - 1 : text.length;
    if (number > line && end <= start) continue;
    const { shown, indent, width } = cut(text, start, end);
    const head = dim(`${String(number).padStart(gutter.length)} |`);
    lines.push(`${head} ${shown}`, `${bar} ${" ".repeat(indent)}${paint("^".repeat(width))}`);
  }
  if (last < end_line) lines.push(`${dim(`${gutter} |`)} ${dim("…")}`);
  return lines;
}

/** A minified line of 60,000 characters would bury the message. */
const MAX_WIDTH = 120;
/** How much of what stands before the place is shown where not all of it fits. */
const LEAD = 40;

/** A window of a line around the place in it, with the place measured as a terminal shows it. */
function cut(
  text: string,
  start: number,
  end: number,
): { shown: string; indent: number; width: number } {
  const from = end <= MAX_WIDTH ? 0 : Math.max(0, start - LEAD);
  const to = Math.min(text.length, from + MAX_WIDTH);
  const part = (left: number, right: number) =>
    escapeTerminal(text.slice(left, Math.max(left, right)).replaceAll("\t", " "));
  const before = (from > 0 ? "…" : "") + part(from, start);
  const marked = part(start, Math.min(end, to));
  const after = part(Math.min(Math.max(end, start), to), to) + (to < text.length ? "…" : "");
  return {
    shown: (before + marked + after).trimEnd(),
    indent: stringWidth(before),
    width: Math.max(1, stringWidth(marked)),
  };
}
