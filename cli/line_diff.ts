import { dim, green, red } from "@std/fmt/colors";
import { diff, type DiffResult } from "@std/internal/diff";
import { escapeTerminal } from "../diagnostics/escape.ts";

/** Lines around a change that are shown with it. */
const CONTEXT = 2;

const MARKS = { removed: "-", added: "+", common: " " } as const;
const PAINTS = { removed: red, added: green, common: dim } as const;

/** What differs between two texts, line by line, with some lines around it; `…` stands for the others. */
export function lineDiff(before: string, after: string): string {
  const results: readonly DiffResult<string>[] = diff(before.split("\n"), after.split("\n"));
  const near = results.map((_, at) =>
    results.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ type }) => type !== "common")
  );
  return results.flatMap(({ type, value }, at) => {
    if (near[at]) return [PAINTS[type](`${MARKS[type]} ${escapeTerminal(value)}`.trimEnd())];
    return at > 0 && near[at - 1] && near.indexOf(true, at) > 0 ? [dim("…")] : [];
  }).join("\n").trimEnd();
}
