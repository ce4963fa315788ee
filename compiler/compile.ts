import { createHash } from "node:crypto";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import { type CompiledDetection, type CompiledQuery, PARAMETERS } from "../model/compiled.ts";
import type { Detection, FrontMatter } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { type Platform, PLATFORMS } from "../schema/types.ts";
import { analyse, type Analysis, namedParameters } from "./analyse.ts";
import { exceptionFaults } from "./exceptions.ts";
import { parseFile } from "./front_matter/parse.ts";
import { lex } from "./lexer.ts";
import {
  type ReadResource,
  type ReadResources,
  readResources,
  unnamedResources,
} from "./resources.ts";
import { resultColumnFaults } from "./result_columns.ts";

/** A detection that may run, unless it has errors, and everything that is to be said of it. */
export interface CompileResult {
  /** The detection ready to run; null where anything is in error. */
  readonly compiled: CompiledDetection | null;
  /** Every fault found. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a detection file; `detection` is null where its front-matter has faults. Its SQL is not looked at. */
export function parseDetection(
  text: string,
  file: string,
): { readonly detection: Detection | null; readonly diagnostics: readonly Diagnostic[] } {
  const { detection, diagnostics } = parseFile(text, file);
  return { detection, diagnostics };
}

/**
 * Checks a detection's SQL, and what the front-matter says of its result, against a catalogue.
 *
 * @param read reads the files that it names under `resources`; without it they are left unread
 */
export function compileDetection(
  detection: Detection,
  catalogue: Catalogue,
  read?: ReadResource,
): CompileResult {
  const source = new SourceText(detection.file, detection.text);
  const { sqlStart: start, sql } = detection;
  const { platforms } = detection.meta;
  const end = start + sql.length;
  const input = { source, start, end, catalogue, platforms, detection };
  const analysis = analyse(input);
  if (!read) return finish(detection, analysis);
  const { resources, faults } = readResources(detection, source, read);
  const tables = analysis.analysed?.compiled.tables ?? [];
  const unnamed = unnamedResources(detection, source, tables, catalogue);
  return finish(detection, analysis, { resources, faults: [...faults, ...unnamed] });
}

function finish(
  detection: Detection,
  { analysed, diagnostics }: Analysis,
  { resources, faults }: Partial<ReadResources> = {},
): CompileResult {
  if (!analysed) return { compiled: null, diagnostics: [...faults ?? [], ...diagnostics] };
  const query = analysed.compiled;
  const all = [
    ...faults ?? [],
    ...resultColumnFaults(detection, query.columns),
    ...exceptionFaults(detection, query),
    ...diagnostics,
  ];
  if (hasErrors(all)) return { compiled: null, diagnostics: all };
  // The engine evaluates the predicates of exceptions in the same statement.
  const sql = [query.sql, ...detection.meta.exceptions.map(({ when }) => when)];
  const named = new Set(sql.flatMap((one) => namedParameters(lex(one).tokens)));
  const parameters = PARAMETERS.filter((name) => named.has(name));
  const digest = digestOf(detection, resources);
  const compiled = { ...query, parameters, detection, digest, ...(resources && { resources }) };
  return { compiled, diagnostics: all };
}

/**
 * Reads and compiles a detection file. Faults of the front-matter do not keep those of the SQL from being found.
 *
 * @param read as {@linkcode compileDetection} has it
 */
export function compileText(
  text: string,
  file: string,
  catalogue: Catalogue,
  read?: ReadResource,
): CompileResult & { readonly detection: Detection | null } {
  const { source, detection, diagnostics, sql, values } = parseFile(text, file);
  if (detection) {
    const result = compileDetection(detection, catalogue, read);
    return { detection, ...result, diagnostics: [...diagnostics, ...result.diagnostics] };
  }
  if (!sql || sql.start === sql.end) return { detection, compiled: null, diagnostics };
  const declared = declaredPlatforms(values?.["platforms"]);
  const platforms = declared ?? PLATFORMS.slice(0, 1);
  const found = analyse({ source, ...sql, catalogue, platforms }).diagnostics
    .filter(({ code }) => declared !== undefined || code !== "platform-column");
  return { detection, compiled: null, diagnostics: [...diagnostics, ...found] };
}

function declaredPlatforms(value: unknown): readonly Platform[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((one) => PLATFORMS.includes(one)) ? value : undefined;
}

/** How an ad-hoc query is to be read. */
export interface QueryOptions {
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Where it is to run. */
  readonly platform: Platform;
  /** What diagnostics call it; `query` by default. */
  readonly file?: string;
}

/** Checks SQL that belongs to no detection. */
export function compileQuery(
  sql: string,
  { catalogue, platform, file = "query" }: QueryOptions,
): { readonly query: CompiledQuery | null; readonly diagnostics: readonly Diagnostic[] } {
  const source = new SourceText(file, sql);
  const input = { source, start: 0, end: sql.length, catalogue, platforms: [platform] };
  const { analysed, diagnostics } = analyse(input);
  return { query: analysed?.compiled ?? null, diagnostics };
}

/** The front-matter that a verdict depends on, besides the SQL. */
const VERDICT_FIELDS = [
  "platforms",
  "mode",
  "identity",
  "emit",
  "baseline",
  "remember",
  "lookback",
  "threshold",
  "resources",
] as const satisfies readonly (keyof FrontMatter)[];

function digestOf({ sql, meta }: Detection, resources: CompiledDetection["resources"]): string {
  const fields = VERDICT_FIELDS.map((field) => [field, meta[field] ?? null]);
  const exceptions = meta.exceptions.map(({ id, when, expires }) => [id, when, expires ?? null]);
  return createHash("sha256").update(JSON.stringify([
    sql,
    fields,
    exceptions,
    // A detection without any keeps the digest that it had, and its state.
    ...(resources ? [resources] : []),
  ])).digest("hex");
}
