import { DatabaseSync } from "node:sqlite";
import { compileQuery, compileText } from "../../../compiler/mod.ts";
import { CODES } from "../../../diagnostics/codes.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { SourceText } from "../../../diagnostics/source.ts";
import { registerFunctions } from "../../../dialect/mod.ts";
import type { CompiledQuery } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { tableDdl } from "../../../schema/ddl.ts";
import { type Platform, PLATFORMS } from "../../../schema/types.ts";
import { parseFixture } from "../../../testing/fixture.ts";
import type { Input } from "./inputs.ts";

/** The longest that one input may take, ms. */
export const MOST_TIME = 1_000;

/**
 * Gives an input to what reads it. What comes back is a fault, if something is wrong with how it was read: a throw, a
 * refusal without a diagnostic, a diagnostic outside of the text, an accepted query that SQLite does not take, too much
 * time.
 */
export function faultOf(input: Input): string | undefined {
  // A busy machine makes anything slow once.
  const slow = timed(input);
  return typeof slow === "number" && slow > MOST_TIME ? verdict(timed(input)) : verdict(slow);
}

function verdict(found: number | string): string | undefined {
  if (typeof found === "string") return found;
  return found > MOST_TIME ? `it took ${Math.round(found)} ms` : undefined;
}

function timed(input: Input): number | string {
  const start = performance.now();
  try {
    const fault = read(input);
    return fault ?? performance.now() - start;
  } catch (error) {
    return `it throws ${error instanceof Error ? error.stack : error}`;
  }
}

function read({ kind, text }: Input): string | undefined {
  switch (kind) {
    case "query": {
      const platform = PLATFORMS[text.length % PLATFORMS.length]!;
      const { query, diagnostics } = compileQuery(text, { catalogue: CATALOGUE, platform });
      return diagnosticsFault(text, query !== null, diagnostics) ??
        (query ? sqliteFault(query, platform) : undefined);
    }
    case "detection": {
      const { compiled, diagnostics } = compileText(text, "detection.sql", CATALOGUE);
      return diagnosticsFault(text, compiled !== null, diagnostics) ??
        (compiled ? sqliteFault(compiled, compiled.detection.meta.platforms[0]!) : undefined);
    }
    case "fixture": {
      const { fixture, diagnostics } = parseFixture(text, "fixture.yaml", CATALOGUE);
      return diagnosticsFault(text, fixture !== null, diagnostics);
    }
  }
}

function diagnosticsFault(
  text: string,
  accepted: boolean,
  diagnostics: readonly Diagnostic[],
): string | undefined {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (accepted && errors.length > 0) return `it is accepted with ${errors[0]!.message}`;
  if (!accepted && errors.length === 0) return "it is refused without a word";
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
    for (const spec of CATALOGUE.values()) db.exec(tableDdl(spec, platform));
  }
  return db;
}

/** What is wrong with a query that was accepted: it must run as the engine runs it, wrapped, with the columns it names. */
function sqliteFault({ sql, columns }: CompiledQuery, platform: Platform): string | undefined {
  const db = emptyTables(platform);
  const names = columns.map((_, index) => `c${index}`).join(", ");
  try {
    db.prepare(`WITH result (${names}) AS (\n${sql}\n) SELECT * FROM result`);
    const found = db.prepare(sql).columns().map(({ name }) => name);
    const same = found.every((name, index) => name === columns[index]!.name);
    return same ? undefined : `columns ${columns.map(({ name }) => name)}, to SQLite ${found}`;
  } catch (error) {
    return `it is accepted, and SQLite says ${(error as Error).message}`;
  }
}
