import { isMap } from "yaml";
import { basename } from "@std/path";
import type { Code } from "../../diagnostics/codes.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../../diagnostics/source.ts";
import type { Detection, FrontMatter } from "../../model/detection.ts";
import { FIELDS } from "./fields.ts";
import { readFields } from "./read.ts";
import { splitFile } from "./split.ts";
import { parseYaml } from "./yaml.ts";

/** The longest front-matter, in UTF-16 code units. */
const MAX_FRONT_MATTER = 64 * 1024;

/** A detection file after reading; `detection` is null where its front-matter has faults. */
export interface ParsedFile {
  readonly source: SourceText;
  readonly detection: Detection | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Where the SQL stands, if the file has front-matter at all. */
  readonly sql?: Span;
  /** What the front-matter says, as far as it could be read. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Reads a detection file: its front-matter with every default filled in, and where its SQL stands. */
export function parseFile(text: string, file: string): ParsedFile {
  const source = new SourceText(file, text);
  const diagnostics: Diagnostic[] = [];
  const report = (code: Code, span: Span, message: string, hint?: string) => {
    diagnostics.push(diagnostic(code, source, span, message, hint));
  };
  const split = splitFile(text);
  if ("code" in split) {
    report(split.code, split.span, split.message, split.hint);
    return { source, detection: null, diagnostics };
  }
  const spans = new Map<string, Span>();
  const values = readYaml(split.yaml, split.yamlStart, split.fence, spans, report);
  const { start, end } = split.sql;
  if (start === end) {
    report("sql-missing", { start, end }, "there is no SQL after the front-matter");
  }
  if (values && !hasErrors(diagnostics)) checkTogether(values, spans, split.fence, report);
  diagnostics.sort((left, right) => left.line - right.line || left.column - right.column);
  const read = { source, diagnostics, sql: split.sql, ...(values && { values }) };
  if (!values || hasErrors(diagnostics)) return { ...read, detection: null };
  const meta = values as unknown as FrontMatter;
  const name = basename(file).replace(/\.sql$/, "");
  const sql = text.slice(start, end);
  const detection = { name, file, text, meta, spans, sql, sqlStart: start };
  return { ...read, detection };
}

type Report = (code: Code, span: Span, message: string, hint?: string) => void;

function readYaml(
  yaml: string,
  base: number,
  fence: Span,
  spans: Map<string, Span>,
  report: Report,
): Record<string, unknown> | undefined {
  if (yaml.length > MAX_FRONT_MATTER) {
    report("yaml-syntax", fence, `the front-matter is longer than ${MAX_FRONT_MATTER} characters`);
    return undefined;
  }
  const { document, faults } = parseYaml(yaml);
  for (const { span, message, hint } of faults) {
    const place = span ? { start: base + span.start, end: base + span.end } : fence;
    report("yaml-syntax", place, span ? message : `the front-matter: ${message}`, hint);
  }
  if (!document) return undefined;
  if (!isMap(document.contents)) {
    if (document.errors.length === 0) {
      report("yaml-syntax", fence, "the front-matter is not a mapping", "key: value, a line each");
    }
    return undefined;
  }
  const whole = document.errors.length === 0;
  return readFields({ base, fence, whole, spans, report }, document.contents, FIELDS);
}

/** What fields say about each other. */
function checkTogether(
  values: Record<string, unknown>,
  spans: ReadonlyMap<string, Span>,
  fence: Span,
  report: Report,
): void {
  const meta = values as unknown as FrontMatter;
  const at = (path: string) => spans.get(path) ?? fence;
  if (meta.status === "stable" && meta.falsepositives.length === 0) {
    const hint = "say which benign causes a match can have, or `[none known]`";
    report("missing-key", at("status"), "a stable detection needs `falsepositives`", hint);
  }
  const { every, cron } = meta.schedule;
  if (every !== undefined && cron !== undefined) {
    report("invalid-value", at("schedule.cron"), "`schedule` has `every` or `cron`, not both");
  }
  if (every === undefined && cron === undefined) {
    values["schedule"] = { every: 60_000, ...meta.schedule };
  }
  const ids = meta.exceptions.map(({ id }) => id);
  ids.forEach((id, index) => {
    if (ids.indexOf(id) !== index) {
      report("invalid-value", at(`exceptions.${index}.id`), `the exception \`${id}\` stands twice`);
    }
  });
}
