import type { Span } from "../../diagnostics/source.ts";

/** The two parts of a detection file. */
export interface Split {
  /** The YAML, as long as in the file: what is not YAML (the `-- ` of comments) is blank. */
  readonly yaml: string;
  /** Where the YAML begins in the file. */
  readonly yamlStart: number;
  /** Where the SQL begins and ends, white space around it left out. */
  readonly sql: Span;
  /** The line that opens the front-matter. */
  readonly fence: Span;
}

/** Why a file has no two parts. */
export interface SplitFault {
  readonly code: "front-matter-missing" | "yaml-syntax";
  readonly span: Span;
  readonly message: string;
  readonly hint: string;
}

const FENCE = /^---[ \t]*$/;
const COMMENTED_FENCE = /^--[ \t]+---[ \t]*$/;

/**
 * Splits a detection file: YAML between `---` lines, or the same as SQL comments, then SQL. A byte order mark and
 * carriage returns are tolerated.
 */
export function splitFile(text: string): Split | SplitFault {
  const lines = linesOf(text);
  const firstIndex = lines.findIndex(({ content }) => content.trim() !== "");
  const first = lines[firstIndex];
  const commented = first !== undefined && COMMENTED_FENCE.test(first.content);
  if (!first || (!commented && !FENCE.test(first.content))) {
    return {
      code: "front-matter-missing",
      span: first ?? { start: 0, end: text.length },
      message: "the file does not begin with front-matter",
      hint: "YAML between two lines of `---` comes first, or the same behind `-- `",
    };
  }
  const isFence = (line: Line) => (commented ? COMMENTED_FENCE : FENCE).test(line.content);
  const lastIndex = lines.findIndex((line, index) => index > firstIndex && isFence(line));
  if (lastIndex < 0) {
    return {
      code: "yaml-syntax",
      span: first,
      message: "the front-matter that begins here has no end",
      hint: `a second \`${first.content.trim()}\` line ends it`,
    };
  }
  const inside = lines.slice(firstIndex + 1, lastIndex);
  const stray = commented && inside.find((line) => !/^--(?: |$)/.test(line.content));
  if (stray) {
    return {
      code: "yaml-syntax",
      span: stray,
      message: "a line of the front-matter that is no comment",
      hint: "every line up to the closing `-- ---` begins with `-- `",
    };
  }
  const yamlStart = first.next;
  const raw = text.slice(yamlStart, lines[lastIndex]!.start);
  return {
    yaml: commented ? raw.replace(/^--/gm, "  ") : raw,
    yamlStart,
    sql: trimmed(text, lines[lastIndex]!.next),
    fence: { start: first.start, end: first.end },
  };
}

interface Line extends Span {
  /** Without the line break. */
  readonly content: string;
  /** Where the next line begins. */
  readonly next: number;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = text.startsWith("\ufeff") ? 1 : 0;
  while (start <= text.length) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length + 1 : newline + 1;
    const content = text.slice(start, next - 1).replace(/\r$/, "");
    lines.push({ start, end: start + content.length, content, next: Math.min(next, text.length) });
    start = next;
  }
  return lines;
}

function trimmed(text: string, from: number): Span {
  const rest = text.slice(from);
  const start = from + (rest.length - rest.trimStart().length);
  return { start, end: Math.max(start, text.trimEnd().length) };
}
