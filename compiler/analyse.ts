import type { SourceText } from "../diagnostics/source.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import {
  type CompiledQuery,
  type Parameter,
  PARAMETERS,
  type ResultColumn,
  type TableRead,
} from "../model/compiled.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Platform } from "../schema/types.ts";
import type { Query } from "./ast.ts";
import { bind, type Binding, type BoundColumn, type Fault } from "./binding/mod.ts";
import { TYPE_OF } from "./binding/types.ts";
import type { Check } from "./checks/check.ts";
import { CHECKS } from "./checks/mod.ts";
import { lex, type Token } from "./lexer.ts";
import { lengthFault, limitFaults } from "./limits.ts";
import { parseStatement, SqlSyntaxError } from "./parser/mod.ts";
import { plainSql } from "./rewrite.ts";
import { sqliteFault } from "./sqlite_fault.ts";
import { unanalysedFaults } from "./unanalysed.ts";
import { validate, type Verdict } from "./validator.ts";

/** SQL within a text, and what it is to be read against. */
export interface AnalysisInput {
  readonly source: SourceText;
  /** Where the SQL begins and ends in the text. */
  readonly start: number;
  readonly end: number;
  readonly catalogue: Catalogue;
  readonly platforms: readonly Platform[];
}

/** What is known of a query that may run. */
export interface Analysed {
  readonly compiled: CompiledQuery;
  /** Absent where SQLite accepts what the parser does not know. */
  readonly tree?: { readonly query: Query; readonly binding: Binding };
}

/** Every fault of a query, and what is known of it if none is an error. */
export interface Analysis {
  readonly analysed: Analysed | null;
  readonly diagnostics: readonly Diagnostic[];
}

type Reads = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads, binds and checks a query, and asks SQLite. */
export function analyse(input: AnalysisInput): Analysis {
  const { source, start, end } = input;
  if (source.text.slice(start, end).trim() === "") {
    return refused(input, [{
      code: "sql-missing",
      span: { start, end },
      message: "there is no SQL",
    }]);
  }
  const long = lengthFault(source.text.slice(start, end), { start, end });
  if (long) return refused(input, [long]);
  const { tokens, faults } = lex(source.text, start, end);
  if (faults.length > 0) {
    return refused(input, faults.map((fault) => ({ code: "sql-syntax", span: fault, ...fault })));
  }
  let query: Query;
  try {
    query = parseStatement(tokens);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return unparsed(input, tokens, error);
  }
  const tooMuch = limitFaults(query);
  if (tooMuch.length > 0) return refused(input, tooMuch);
  return parsed(input, tokens, query);
}

function parsed(input: AnalysisInput, tokens: readonly Token[], query: Query): Analysis {
  const { source, catalogue, platforms } = input;
  const binding = bind(query, source.text, catalogue, platforms);
  const found = runChecks(CHECKS, query, binding, source.text);
  const sql = plainSql(query, source.text);
  const verdicts = platforms.map((platform) => validate(sql, catalogue, platform));
  const refusal = verdicts.find((verdict) => !verdict.accepted);
  if (refusal && !refusal.accepted) {
    const faults = [...binding.faults, ...found];
    return refused(input, faults.length > 0 ? faults : [sqliteFault(refusal.message, tokens)]);
  }
  // SQLite is the last word on names; what it resolves and we do not is only not looked into further.
  const names = binding.faults.filter(({ code }) => NAME_FAULTS.has(code));
  const faults = [...binding.faults.filter(({ code }) => !NAME_FAULTS.has(code)), ...found];
  if (names.length > 0 && faults.length === 0) {
    const { span, message } = names[0]!;
    faults.push({ code: "not-analysed", span, message: `SQLite accepts this, but ${message}` });
  }
  const diagnostics = located(input, faults);
  if (hasErrors(diagnostics)) return { analysed: null, diagnostics };
  const compiled: CompiledQuery = {
    sql,
    tables: tableReads([binding.reads, ...verdicts.flatMap(readsOf)]),
    columns: (binding.result ?? columnsOf(verdicts[0])).map(resultColumn),
    parameters: namedParameters(tokens),
  };
  const tree = names.length === 0 && binding.result ? { query, binding } : undefined;
  return { analysed: { compiled, ...(tree && { tree }) }, diagnostics };
}

const NAME_FAULTS: ReadonlySet<string> = new Set([
  "unknown-column",
  "ambiguous-column",
  "sql-syntax",
]);

/** What the parser does not know SQLite may: then its word counts, and nothing more is said of the query. */
function unparsed(input: AnalysisInput, tokens: readonly Token[], error: SqlSyntaxError): Analysis {
  const { source, start, end, catalogue, platforms } = input;
  const { code, span, message, hint } = error;
  const fault: Fault = { code, span, message, ...(hint !== undefined && { hint }) };
  if (code !== "sql-syntax") return refused(input, [fault]);
  const sql = source.text.slice(start, end);
  const verdicts = platforms.map((platform) => validate(sql, catalogue, platform));
  if (verdicts.some((verdict) => !verdict.accepted || verdict.columns.length === 0)) {
    return refused(input, [fault]);
  }
  const faults = unanalysedFaults(tokens, fault);
  const diagnostics = located(input, faults);
  if (hasErrors(diagnostics)) return { analysed: null, diagnostics };
  const compiled: CompiledQuery = {
    sql,
    tables: tableReads(verdicts.flatMap(readsOf)),
    columns: columnsOf(verdicts[0]).map(resultColumn),
    parameters: namedParameters(tokens),
  };
  return { analysed: { compiled }, diagnostics };
}

/** Runs checks over a query. */
export function runChecks(
  checks: readonly Check[],
  query: Query,
  binding: Binding,
  text: string,
): Fault[] {
  return checks.flatMap(({ code, check }) =>
    [...check({ query, binding, text })].map((finding) => ({ code, ...finding }))
  );
}

function refused(input: AnalysisInput, faults: readonly Fault[]): Analysis {
  return { analysed: null, diagnostics: located(input, faults) };
}

/** Faults in the order of the text, one of a kind at a place. */
function located({ source }: AnalysisInput, faults: readonly Fault[]): Diagnostic[] {
  const seen = new Set<string>();
  return [...faults]
    .sort((left, right) => left.span.start - right.span.start)
    .filter(({ code, span }) => {
      const key = `${code} ${span.start} ${span.end}`;
      return !seen.has(key) && seen.add(key);
    })
    .map(({ code, span, message, hint }) => diagnostic(code, source, span, message, hint));
}

function readsOf(verdict: Verdict): Reads[] {
  return verdict.accepted ? [verdict.reads] : [];
}

/** The authorizer misses the columns of USING, binding misses what it cannot resolve: both together miss nothing. */
function tableReads(all: readonly Reads[]): TableRead[] {
  const tables = new Map<string, Set<string>>();
  for (const reads of all) {
    for (const [table, columns] of reads) {
      const known = tables.get(table) ?? new Set();
      for (const column of columns) known.add(column);
      tables.set(table, known);
    }
  }
  return [...tables].sort(([left], [right]) => left < right ? -1 : 1)
    .map(([table, columns]) => ({ table, columns: [...columns].sort() }));
}

function columnsOf(verdict: Verdict | undefined): readonly BoundColumn[] {
  if (!verdict?.accepted) return [];
  return verdict.columns.map(({ name }) => ({ name, class: "any" }));
}

function resultColumn({ name, class: of, origin }: BoundColumn): ResultColumn {
  const type = TYPE_OF[of];
  return { name, ...(type && { type }), ...(origin && { origin }) };
}

function namedParameters(tokens: readonly Token[]): Parameter[] {
  return PARAMETERS.filter((name) =>
    tokens.some(({ kind, text }) => kind === "parameter" && text === `:${name}`)
  );
}
