import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../diagnostics/source.ts";
import type { Code } from "../diagnostics/codes.ts";
import type { ResultColumn } from "../model/compiled.ts";
import type { Detection, FrontMatter } from "../model/detection.ts";
import { MAX_HINTS, nearest } from "./nearest.ts";

/** Columns that evaluation adds to a result. */
function addedColumns({ mode, threshold }: FrontMatter): string[] {
  return [
    ...(mode === "differential" ? ["change"] : []),
    ...(threshold ? ["count", "first_time", "last_time"] : []),
  ];
}

/** A place of the front-matter that names a result column. */
interface Mention {
  readonly name: string;
  readonly span: Span;
}

/** Faults of front-matter that names columns which the result does not have. */
export function resultColumnFaults(
  detection: Detection,
  columns: readonly ResultColumn[],
): Diagnostic[] {
  const source = new SourceText(detection.file, detection.text);
  const names = columns.map(({ name }) => name);
  const faults: Diagnostic[] = [];
  const check = (mentions: readonly Mention[], known: readonly string[]) => {
    for (const { name, span } of mentions) {
      if (known.includes(name)) continue;
      const code: Code = "unknown-column";
      const near = faults.length < MAX_HINTS ? nearest(name, known) : undefined;
      const hint = near ?? `the result has ${known.slice(0, 12).join(", ")}`;
      faults.push(diagnostic(code, source, span, `the result has no column \`${name}\``, hint));
    }
  };
  const { meta } = detection;
  const list = (path: string, values: readonly string[] | undefined): Mention[] =>
    (values ?? []).map((name, index) => ({ name, span: spanOf(detection, `${path}.${index}`) }));
  const counted = meta.threshold?.count_distinct;
  check([
    ...list("identity", meta.identity),
    ...list("threshold.by", meta.threshold?.by),
    ...(counted === undefined
      ? []
      : [{ name: counted, span: spanOf(detection, "threshold.count_distinct") }]),
  ], names);
  check([
    ...list("suppression.by", meta.suppression.by),
    ...list("alert.entity", meta.alert.entity),
    ...list("alert.context", meta.alert.context),
    ...titleMentions(detection),
  ], [...names, ...addedColumns(meta)]);
  return faults;
}

function spanOf(detection: Detection, path: string): Span {
  return detection.spans.get(path) ?? { start: 0, end: 0 };
}

/** The columns in `alert.title`, each with its own place where the title is written without escapes. */
function titleMentions(detection: Detection): Mention[] {
  const { title } = detection.meta.alert;
  if (title === undefined) return [];
  const whole = spanOf(detection, "alert.title");
  const offset = detection.text.slice(whole.start, whole.end).indexOf(title);
  return [...title.matchAll(/\{\{([^{}]*)\}\}/g)].map((match) => {
    const name = match[1]!.trim();
    if (offset < 0) return { name, span: whole };
    const start = whole.start + offset + match.index + match[0].indexOf(name);
    return { name, span: { start, end: start + name.length } };
  });
}
