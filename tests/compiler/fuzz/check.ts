import { DatabaseSync } from "node:sqlite";
import { readableTables } from "../../../compiler/binding/catalogue.ts";
import { hygieneDiagnostics } from "../../../compiler/hygiene/mod.ts";
import { compileQuery, compileText } from "../../../compiler/mod.ts";
import { CODES } from "../../../diagnostics/codes.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { SourceText } from "../../../diagnostics/source.ts";
import { registerFunctions } from "../../../dialect/mod.ts";
import type { CompiledQuery } from "../../../model/compiled.ts";
import type { Detection } from "../../../model/detection.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { tableDdl } from "../../../schema/ddl.ts";
import { type Platform, PLATFORMS } from "../../../schema/types.ts";
import { parseFixture } from "../../../testing/fixture.ts";
import { cpuTime } from "../support/cpu.ts";
import type { Input } from "./inputs.ts";

/** The most processor time that one input may take, ms. */
export const MOST_TIME = 1_000;

/** What became of an input. */
export interface Answer {
  /** Whether it was taken for what it is to be. */
  readonly accepted: boolean;
  /** What is wrong with how it was read, if anything is. */
  readonly fault?: string | undefined;
}

/**
 * Gives an input to what reads it. A fault is a throw, a refusal without a diagnostic, a diagnostic outside of the text,
 * an accepted query that SQLite does not take, too much time.
 */
export function answerTo(input: Input): Answer {
  const first = timed(input);
  // Once, memory may have had to be cleared up, or code to be compiled.
  const { time, ...answer } = first.time > MOST_TIME ? timed(input) : first;
  return time > MOST_TIME ? { ...answer, fault: `it took ${Math.round(time)} ms` } : answer;
}

function timed(input: Input): Answer & { readonly time: number } {
  const start = cpuTime();
  let answer: Answer;
  try {
    answer = read(input);
  } catch (error) {
    const fault = `it throws ${error instanceof Error ? error.stack : error}`;
    answer = { accepted: false, fault };
  }
  return { ...answer, time: cpuTime() - start };
}

function read({ kind, text }: Input): Answer {
  switch (kind) {
    case "query": {
      const platform = PLATFORMS[text.length % PLATFORMS.length]!;
      const { query, diagnostics } = compileQuery(text, { catalogue: CATALOGUE, platform });
      const accepted = query !== null;
      const fault = diagnosticsFault(text, accepted, diagnostics);
      return { accepted, fault: fault ?? (query ? sqliteFault(query, platform) : undefined) };
    }
    case "detection": {
      const { detection, compiled, diagnostics } = compileText(text, "detection.sql", CATALOGUE);
      const hygiene = detection ? hygieneOf(detection) : [];
      const fault = diagnosticsFault(text, compiled !== null, diagnostics) ??
        placesFault(text, hygiene);
      const platform = compiled?.detection.meta.platforms[0];
      return {
        accepted: compiled !== null,
        fault: fault ?? (compiled && platform ? sqliteFault(compiled, platform) : undefined),
      };
    }
    case "fixture": {
      const { fixture, diagnostics } = parseFixture(text, "fixture.yaml", CATALOGUE);
      const accepted = fixture !== null;
      return { accepted, fault: diagnosticsFault(text, accepted, diagnostics) };
    }
  }
}

function hygieneOf(detection: Detection): readonly Diagnostic[] {
  const corpus = { detections: [detection] };
  return hygieneDiagnostics({ detection, catalogue: CATALOGUE, corpus, today: "2026-11-22" });
}

function diagnosticsFault(
  text: string,
  accepted: boolean,
  diagnostics: readonly Diagnostic[],
): string | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (accepted && errors.length > 0) return `it is accepted with ${errors[0]!.message}`;
  if (!accepted && errors.length === 0) return "it is refused without a word";
  return placesFault(text, diagnostics);
}

/** What is wrong with what diagnostics say or with where they say it. */
function placesFault(text: string, diagnostics: readonly Diagnostic[]): string | undefined {
  const source = new SourceText("", text);
  const lines = text.split("\n").length;
  for (const { code, message, hint, line, column, end_line, end_column } of diagnostics) {
    const words = typeof message === "string" && message !== "" &&
      (hint === undefined || typeof hint === "string" && hint !== "");
    const inside = line >= 1 && line <= end_line && end_line <= lines &&
      column >= 1 && column <= source.line(line).length + 2 &&
      (line < end_line || column <= end_column);
    if (!(code in CODES) || !words) return `the diagnostic is no good: ${code} ${message} ${hint}`;
    if (!inside) return `the diagnostic ${message} stands outside, at ${line}:${column}`;
  }
  return undefined;
}

const databases = new Map<Platform, DatabaseSync>();

function emptyTables(platform: Platform): DatabaseSync {
  let db = databases.get(platform);
  if (!db) {
    databases.set(platform, db = new DatabaseSync(":memory:"));
    registerFunctions(db);
    for (const spec of readableTables(CATALOGUE)) db.exec(tableDdl(spec, platform));
  }
  return db;
}

/**
 * What is wrong with a query that was accepted: it must run as the engine runs it, wrapped, also with
 * exceptions, and with the columns it names.
 */
function sqliteFault({ sql, columns }: CompiledQuery, platform: Platform): string | undefined {
  const db = emptyTables(platform);
  const names = columns.map((_, index) => `c${index}`).join(", ");
  try {
    db.prepare(`WITH result (${names}) AS (\n${sql}\n) SELECT * FROM result`);
    db.prepare(`SELECT *, CASE WHEN 1 THEN 0 END AS "an exception" FROM (\n${sql}\n)`);
    const found = db.prepare(sql).columns().map(({ name }) => name);
    const same = found.every((name, index) => name === columns[index]!.name);
    return same ? undefined : `columns ${columns.map(({ name }) => name)}, to SQLite ${found}`;
  } catch (error) {
    return `it is accepted, and SQLite says ${(error as Error).message}`;
  }
}
