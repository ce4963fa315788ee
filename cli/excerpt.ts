import { dim } from "@std/fmt/colors";
import stringWidth from "string-width";
import { escapeTerminal } from "../diagnostics/escape.ts";
import type { SourceText, Span } from "../diagnostics/source.ts";

/** Of a longer line only the part around the place is shown. */
const MAX_WIDTH = 140;
const LEAD = 40;

/** A line of a file as it is shown. */
export interface ExcerptLine {
  /** The line, from 1. */
  readonly line: number;
  /** How wide line numbers are. */
  readonly gutter: number;
  /** What stands between the number and the text. */
  readonly mark?: string;
}

/** A line of a file behind its number, host characters escaped. */
export function numberedLine(source: SourceText, { line, gutter, mark = "" }: ExcerptLine): string {
  const text = source.line(line);
  const shown = text.length > MAX_WIDTH ? `${text.slice(0, MAX_WIDTH)}…` : text;
  return `${dim(`${String(line).padStart(gutter)} |`)} ${mark}${visible(shown)}`.trimEnd();
}

/** The line that a place begins on, and below it the place underlined with a note behind it. */
export function underlined(
  source: SourceText,
  span: Span,
  note: string,
  { gutter, mark = "" }: Omit<ExcerptLine, "line">,
): readonly [string, string] {
  const start = source.position(span.start);
  const end = source.position(span.end);
  const text = source.line(start.line);
  const last = end.line === start.line ? end.column - 1 : text.length;
  const from = last > MAX_WIDTH ? Math.max(0, start.column - 1 - LEAD) : 0;
  const to = Math.min(text.length, from + MAX_WIDTH);
  const before = (from > 0 ? "…" : "") + visible(text.slice(from, start.column - 1));
  const place = visible(text.slice(start.column - 1, Math.min(last, to)));
  const after = visible(text.slice(Math.min(last, to), to)) + (to < text.length ? "…" : "");
  const space = " ".repeat(stringWidth(mark + before));
  const carets = "^".repeat(Math.max(1, stringWidth(place)));
  return [
    `${dim(`${String(start.line).padStart(gutter)} |`)} ${mark}${before}${place}${after}`.trimEnd(),
    `${dim(`${" ".repeat(gutter)} |`)} ${space}${carets} ${note}`,
  ];
}

function visible(text: string): string {
  return escapeTerminal(text.replaceAll("\t", " "));
}
